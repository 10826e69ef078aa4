//! What an issuer identifier may look like (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2).

use url::{Host, Url};

/// Says what is wrong with `issuer`, if anything is.
pub(super) fn check(issuer: &str) -> Result<(), String> {
    if issuer.is_empty() {
        return Err("missing. Set it to the address that people reach this server under, such as https://id.example.com.".to_owned());
    }
    let url = Url::parse(issuer).map_err(|error| {
        format!("not a URL ({error}). Write it with its scheme: https://id.example.com.")
    })?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(issuer) => {}
        "http" => return Err("http is allowed on loopback addresses only. Use https, by a reverse proxy for instance.".to_owned()),
        scheme => return Err(format!("the scheme must be https, not {scheme}.")),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            "an issuer has neither query nor fragment (RFC 8414, section 2). Leave them off."
                .to_owned(),
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an issuer has neither user name nor password. Leave them off.".to_owned());
    }
    if issuer.ends_with('/') {
        return Err(
            "leave off the trailing slash: the issuer is compared character by character."
                .to_owned(),
        );
    }
    let canonical = url.as_str();
    if canonical
        .strip_suffix('/')
        .filter(|_| url.path() == "/")
        .unwrap_or(canonical)
        != issuer
    {
        return Err(format!(
            "write it in its normal form: {}",
            canonical.trim_end_matches('/')
        ));
    }
    Ok(())
}

/// Whether the issuer's host is `localhost` or an address of the loopback network.
pub(super) fn is_loopback(issuer: &str) -> bool {
    match Url::parse(issuer).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_loopback_without_query_fragment_and_trailing_slash() {
        for good in [
            "https://id.example.com",
            "https://example.com/tenant/one",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:80",
        ] {
            // `[::1]:80` has the default port, which the normal form leaves off.
            assert_eq!(check(good).is_ok(), good != "http://[::1]:80", "{good}");
        }
        for bad in [
            "",
            "id.example.com",
            "http://id.example.com",
            "http://localhost.example.com",
            "ftp://id.example.com",
            "https://id.example.com/",
            "https://id.example.com?a=b",
            "https://id.example.com#a",
            "https://user:password@id.example.com",
            "https://ID.example.com",
            "https://id.example.com:443",
            "https://id.example.com/a/../b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
