//! A person with a browser and the application that they use: sign-in, codes, refresh, sign-out,
//! over a real connection.

use std::collections::BTreeMap;
use std::io;

use countersign_testing::{Answer, Tokens, VERIFIER, challenge, form};

use crate::connection::Connection;

/// The public client.
pub const APP: &str = "app";
pub const CALLBACK: &str = "https://app.example/callback";
pub const BYE: &str = "https://app.example/bye";
/// Everyone's.
pub const PASSWORD: &str = "correct horse battery staple";

pub struct Person {
    pub connection: Connection,
    pub cookies: BTreeMap<String, String>,
    name: String,
}

impl Person {
    /// A person with a new browser.
    pub fn new(port: u16, name: &str) -> Person {
        Person {
            connection: Connection::new(port),
            cookies: BTreeMap::new(),
            name: name.to_owned(),
        }
    }

    /// The browser opens an address.
    pub fn get<V: AsRef<str>>(&mut self, path: &str, query: &[(&str, V)]) -> io::Result<Answer> {
        let path = format!("{path}?{}", form(query));
        self.browse("GET", &path, "")
    }

    /// The browser posts a form.
    pub fn post<V: AsRef<str>>(&mut self, path: &str, fields: &[(&str, V)]) -> io::Result<Answer> {
        self.browse("POST", path, &form(fields))
    }

    fn browse(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let cookies = self.cookie_header();
        let mut headers = vec![("Content-Type", FORM)];
        if !cookies.is_empty() {
            headers.push(("Cookie", &cookies));
        }
        let response = self.connection.request(method, path, &headers, body)?;
        for cookie in response.set_cookies() {
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("name=value");
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        Ok(response)
    }

    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.iter();
        let cookies: Vec<String> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        cookies.join("; ")
    }

    /// The application sends the browser to the provider.
    pub fn authorize(&mut self, more: &[(&str, &str)]) -> io::Result<Answer> {
        let challenge = challenge(VERIFIER);
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", APP),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile"),
            ("state", "a-state"),
            ("nonce", "a-nonce"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        query.extend(more);
        self.get("/authorize", &query)
    }

    /// An authorization that needs no page.
    pub fn authorize_silently(&mut self) -> io::Result<Answer> {
        self.authorize(&[("prompt", "none")])
    }

    /// Signs in through the page, and returns what the page's form got.
    pub fn sign_in(&mut self) -> io::Result<Answer> {
        let page = self.authorize(&[])?;
        self.fill_in(&page, PASSWORD)
    }

    /// Fills in the sign-in page.
    pub fn fill_in(&mut self, page: &Answer, password: &str) -> io::Result<Answer> {
        assert_eq!(page.page_kind(), "login", "{page:?}");
        let action = page.form_action().expect("a form");
        let mut fields = page.hidden_fields();
        for (name, value) in [
            ("username", self.name.as_str()),
            ("password", password),
            ("decision", "sign_in"),
        ] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(&action, &fields)
    }

    /// Signs out as the application asks.
    pub fn sign_out(&mut self, id_token: &str) -> io::Result<Answer> {
        let query = [
            ("id_token_hint", id_token),
            ("post_logout_redirect_uri", BYE),
        ];
        self.get("/logout", &query)
    }
}

/// The application redeems a code.
pub fn redeem(connection: &mut Connection, code: &str) -> io::Result<Answer> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", APP),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    token(connection, &fields)
}

/// The application presents a refresh token.
pub fn refresh(connection: &mut Connection, refresh_token: &str) -> io::Result<Answer> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", APP),
        ("refresh_token", refresh_token),
    ];
    token(connection, &fields)
}

pub fn token(connection: &mut Connection, fields: &[(&str, &str)]) -> io::Result<Answer> {
    connection.request("POST", "/token", &[("Content-Type", FORM)], &form(fields))
}

pub fn userinfo(connection: &mut Connection, access_token: &str) -> io::Result<Answer> {
    let bearer = format!("Bearer {access_token}");
    connection.request("GET", "/userinfo", &[("Authorization", &bearer)], "")
}

/// The code that an authorization returned.
pub fn code_in(response: &Answer) -> String {
    let code = response.location_parameter("code");
    code.unwrap_or_else(|| panic!("no code: {response:?}"))
}

/// The tokens of an response, which must be 200, with a refresh token.
pub fn tokens_in(response: &Answer) -> (String, Tokens) {
    assert_eq!(response.status, 200, "{response:?}");
    let tokens = response.tokens();
    let refresh_token = tokens.refresh_token.clone().expect("a refresh token");
    (refresh_token, tokens)
}

/// RFC 6749, section 5.2: the grant is refused.
pub fn is_refused(response: &Answer) -> bool {
    response.status == 400 && response.error() == "invalid_grant"
}

const FORM: &str = "application/x-www-form-urlencoded";
