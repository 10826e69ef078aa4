//! A redirect URI that the client did not register. The log names it, without the parts that can
//! hold a secret; a page that explains errors shows it as it came, with the command that registers
//! it.

use countersign_oauth::redirect_uri::RedirectUriFault;
use url::Url;

use super::fault::AuthorizeFault;
use crate::error::{Advice, Failure};

/// The failure of a request of `client_id` with this redirect URI.
pub(super) fn failure(client_id: &str, redirect_uri: &str, fault: &RedirectUriFault) -> Failure {
    let logged = without_secrets(redirect_uri);
    Failure::from(AuthorizeFault::RedirectUriNotRegistered)
        .detail(format!("{fault} (redirect_uri {logged})"))
        .advice(Advice {
            value: redirect_uri.to_owned(),
            received: fault.to_string(),
            command: registering_command(client_id, redirect_uri),
        })
}

/// Scheme, host, port and path, cut to a length that a log line can bear.
fn without_secrets(redirect_uri: &str) -> String {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return "that is no URI".to_owned();
    };
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for addresses that have no user information.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let shown: String = url.as_str().chars().take(MAX_LOGGED_CHARACTERS).collect();
    match shown.len() < url.as_str().len() {
        true => format!("{shown}..."),
        false => shown,
    }
}

const MAX_LOGGED_CHARACTERS: usize = 200;

/// `None` for what could not be registered, or would be read as an option.
fn registering_command(client_id: &str, redirect_uri: &str) -> Option<String> {
    let is_uri = redirect_uri.bytes().all(|byte| byte.is_ascii_graphic())
        && Url::parse(redirect_uri).is_ok_and(|url| url.fragment().is_none());
    if !is_uri || client_id.starts_with('-') {
        return None;
    }
    let (client_id, redirect_uri) = (shell_word(client_id), shell_word(redirect_uri));
    Some(format!(
        "countersign client update {client_id} --add-redirect-uri {redirect_uri}"
    ))
}

/// One word of a POSIX shell (Shell Command Language, section 2.2.2): in single quotes nothing
/// means anything but the quote itself, which is written outside of them.
fn shell_word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@%+,".contains(&byte);
    match !text.is_empty() && text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_gets_no_query_no_fragment_no_user_information_and_no_more_than_a_line() {
        for (redirect_uri, logged) in [
            ("https://a.example/cb", "https://a.example/cb"),
            (
                "https://a.example:8443/cb?code=x#y",
                "https://a.example:8443/cb",
            ),
            ("https://user:secret@a.example/cb", "https://a.example/cb"),
            ("com.example.app:/cb?x=1", "com.example.app:/cb"),
            ("not a uri", "that is no URI"),
        ] {
            assert_eq!(without_secrets(redirect_uri), logged, "{redirect_uri}");
        }
        let long = format!("https://a.example/{}", "x".repeat(5_000));
        let logged = without_secrets(&long);
        assert_eq!(logged.len(), MAX_LOGGED_CHARACTERS + 3);
        assert!(!without_secrets("https://a.example/\u{1b}[31m\n").contains('\n'));
    }

    #[test]
    fn the_command_is_one_that_a_shell_reads_as_it_is_meant() {
        for (client_id, redirect_uri, words) in [
            (
                "shop",
                "https://a.example/cb",
                "shop --add-redirect-uri https://a.example/cb",
            ),
            (
                "shop",
                "https://a.example/cb?a=1&b=2",
                "shop --add-redirect-uri 'https://a.example/cb?a=1&b=2'",
            ),
            (
                "a b",
                "app:/$(id)`id`",
                "'a b' --add-redirect-uri 'app:/$(id)`id`'",
            ),
            (
                "x;y",
                "https://a.example/'x",
                r"'x;y' --add-redirect-uri 'https://a.example/'\''x'",
            ),
        ] {
            let command = registering_command(client_id, redirect_uri);
            let expected = format!("countersign client update {words}");
            assert_eq!(command, Some(expected));
        }
        for (client_id, redirect_uri) in [
            ("-x", "https://a.example/cb"),
            ("shop", "https://a.example/a b"),
            ("shop", "https://a.example/\n"),
            ("shop", "https://a.example/\u{202e}"),
            ("shop", "https://a.example/#x"),
            ("shop", "no uri"),
        ] {
            assert_eq!(
                registering_command(client_id, redirect_uri),
                None,
                "{redirect_uri:?}"
            );
        }
    }
}
