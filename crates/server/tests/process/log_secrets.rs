//! Attack 62: whatever goes well or wrong, no secret reaches the log, however much is logged and in
//! whichever format.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::Shutdown;

use countersign_testing::{Answer, basic, form};
use serde_json::json;

use crate::command::Deployment;
use crate::connection::{Connection, open};
use crate::person::{
    CALLBACK, PASSWORD, Person, code_in, redeem, refresh, token, tokens_in, userinfo,
};
use crate::server::{CHEAP, Server, deployment};

const WRONG_PASSWORD: &str = "canary of a password that is wrong";
const ADMINISTRATORS_PASSWORD: &str = "canary of the administrator";
const TYPED_AS_A_NAME: &str = "canary-typed-into-the-wrong-field";

#[test]
fn attack_62_no_secret_is_in_the_log_of_text() {
    no_secret_is_in_the_log("format = \"text\"\nlevel = \"debug\"");
}

#[test]
fn attack_62_no_secret_is_in_the_log_of_json() {
    no_secret_is_in_the_log("format = \"json\"\nlevel = \"trace\"");
}

fn no_secret_is_in_the_log(logging: &str) {
    let configuration = format!("{CHEAP}\n[logging]\n{logging}\n[errors]\nexplain_errors = true\n");
    let deployment = deployment(&configuration, &["alice"]);
    let secrets_of_clients = confidential_clients(&deployment);
    let server = Server::start(&deployment);
    let mut canaries = Canaries::default();
    for secret in &secrets_of_clients {
        canaries.add(secret);
    }
    canaries.add(PASSWORD);
    set_up(&deployment, &server, &mut canaries);
    sign_in_and_out(&server, &mut canaries);
    authenticate_clients(&server, &secrets_of_clients, &mut canaries);
    misplace_everything(&server, &canaries.values.clone());

    let log = server.log();
    assert!(
        log.contains("serving") && log.contains("code_replayed"),
        "{log}"
    );
    let found = canaries.in_text(&log);
    assert!(found.is_empty(), "in the log: {found:#?}\n{log}");
    println!(
        "{} secrets, {} lines",
        canaries.values.len(),
        log.lines().count()
    );
}

/// Secrets that were really sent or returned.
#[derive(Default)]
struct Canaries {
    values: Vec<String>,
}

impl Canaries {
    fn add(&mut self, value: &str) -> String {
        self.values.push(value.to_owned());
        value.to_owned()
    }

    fn add_cookies(&mut self, person: &Person) {
        for value in person.cookies.values() {
            self.values.push(value.clone());
        }
    }

    fn add_tokens(&mut self, response: &Answer) -> String {
        let (refresh_token, tokens) = tokens_in(response);
        self.values.push(tokens.access_token);
        self.values.extend(tokens.id_token);
        self.add(&refresh_token)
    }

    /// Those of which a part is in the text: a shortened secret is also a leak.
    fn in_text<'v>(&'v self, text: &str) -> Vec<&'v str> {
        const PART: usize = 16;
        let parts: HashSet<&[u8]> = text.as_bytes().windows(PART).collect();
        let values = self.values.iter().map(String::as_str);
        values
            .filter(|value| {
                assert!(value.len() >= PART, "too short to be told from chance");
                // What comes before it is an id, which may be logged.
                let secret = match value.strip_prefix("cs_") {
                    Some(_) => &value[value.len() - TOKEN_SECRET..],
                    None => value,
                };
                let encoded = form(&[("", secret)]);
                [secret, encoded.trim_start_matches('=')]
                    .iter()
                    .flat_map(|form| form.as_bytes().windows(PART))
                    .any(|part| parts.contains(part))
            })
            .collect()
    }
}

/// Characters of a token's secret, at its end.
const TOKEN_SECRET: usize = 43;

/// Two confidential clients; returns their secrets.
fn confidential_clients(deployment: &Deployment) -> [String; 2] {
    ["client_secret_basic", "client_secret_post"].map(|method| {
        let metadata = json!({
            "redirect_uris": [CALLBACK],
            "grant_types": ["client_credentials"],
            "response_types": [],
            "token_endpoint_auth_method": method,
            "id_token_signed_response_alg": "ES256",
        });
        let words = ["client", "create", "--client-id", method, "--metadata", "-"];
        let made = deployment.json_with(&words, &metadata.to_string());
        let secret = made.get("client_secret").and_then(|secret| secret.as_str());
        secret.expect("a secret").to_owned()
    })
}

/// The first administrator, at the second attempt.
fn set_up(deployment: &Deployment, server: &Server, canaries: &mut Canaries) {
    let link = deployment.run(&["setup-link"]).stdout;
    let (_, token) = link.trim().split_once("token=").expect("a link");
    let token = canaries.add(token);
    let mut person = Person::new(server.port, "root");
    let password = canaries.add(ADMINISTRATORS_PASSWORD);
    let page = person
        .get("/setup", &[("token", token.as_str())])
        .expect("a response");
    for again in [WRONG_PASSWORD, password.as_str()] {
        let mut fields = page.hidden_fields();
        for (name, value) in [
            ("name", "Root"),
            ("email", "root@example.org"),
            ("username", "root"),
            ("password", password.as_str()),
            ("password_again", again),
        ] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let response = person.post("/setup", &fields).expect("a response");
        let is_done = !response.body.contains("id=\"setup-submit\"");
        assert_eq!(is_done, again == password, "{response:?}");
    }
    canaries.add_cookies(&person);
}

fn sign_in_and_out(server: &Server, canaries: &mut Canaries) {
    let mut person = Person::new(server.port, TYPED_AS_A_NAME);
    canaries.add(TYPED_AS_A_NAME);
    let page = person.authorize(&[]).expect("a response");
    for (_, value) in page.hidden_fields() {
        canaries.add(&value);
    }
    person.fill_in(&page, PASSWORD).expect("a response");
    let mut person = Person::new(server.port, "alice");
    let page = person.authorize(&[]).expect("a response");
    canaries.add(WRONG_PASSWORD);
    let page = person.fill_in(&page, WRONG_PASSWORD).expect("a response");
    canaries.add_cookies(&person);
    let code = canaries.add(&code_in(
        &person.fill_in(&page, PASSWORD).expect("a response"),
    ));
    canaries.add_cookies(&person);
    let connection = &mut person.connection;
    let first = canaries.add_tokens(&redeem(connection, &code).expect("a response"));
    let second = canaries.add_tokens(&refresh(connection, &first).expect("a response"));
    canaries.add_tokens(&refresh(connection, &second).expect("a response"));
    refresh(connection, &first).expect("a response");
    let again = code_in(&person.authorize_silently().expect("a response"));
    let again = canaries.add(&again);
    let connection = &mut person.connection;
    let response = redeem(connection, &again).expect("a response");
    let (_, tokens) = tokens_in(&response);
    canaries.add_tokens(&response);
    userinfo(connection, &tokens.access_token).expect("a response");
    redeem(connection, &again).expect("a response");
    userinfo(connection, &tokens.access_token).expect("a response");
    let id_token = tokens.id_token.expect("openid was asked for");
    person.sign_out(&id_token).expect("a response");
}

fn authenticate_clients(server: &Server, secrets: &[String; 2], canaries: &mut Canaries) {
    let mut connection = Connection::new(server.port);
    let [of_basic, of_post] = secrets;
    let wrong = canaries.add("canary-of-a-client-secret-that-is-wrong");
    for secret in [of_basic, &wrong] {
        let authorization = basic("client_secret_basic", secret);
        canaries.add(authorization.trim_start_matches("Basic "));
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Authorization", authorization.as_str()),
        ];
        let body = "grant_type=client_credentials";
        let response = connection.request("POST", "/token", &headers, body);
        let response = response.expect("a response");
        assert_eq!(response.status == 200, secret == of_basic, "{response:?}");
    }
    for secret in [of_post, &wrong] {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "client_secret_post"),
            ("client_secret", secret.as_str()),
        ];
        let response = token(&mut connection, &fields).expect("a response");
        assert_eq!(response.status == 200, secret == of_post, "{response:?}");
        if response.status == 200 {
            canaries.add(&response.tokens().access_token);
        }
    }
}

/// Every secret where it does not belong: in addresses, in names, in headers, in forms that are
/// cut, under another host.
fn misplace_everything(server: &Server, secrets: &[String]) {
    for secret in secrets {
        let encoded = form(&[("", secret.as_str())]);
        let encoded = encoded.trim_start_matches('=');
        let request = |method: &str, path: &str, more: &str, body: &str| {
            format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        for text in [
            request("GET", &format!("/{encoded}"), "", ""),
            request("GET", &format!("/token/{encoded}"), "", "")
                .replace("localhost", "elsewhere.example"),
            request("GET", &format!("/errors/{encoded}"), "", ""),
            request("GET", &format!("/assets/{encoded}"), "", ""),
            request("GET", &format!("/userinfo?access_token={encoded}"), "", ""),
            request(
                "GET",
                &format!("/logout?id_token_hint={encoded}&{encoded}=1"),
                "",
                "",
            ),
            request("GET", &format!("/setup?token={encoded}"), "", ""),
            request(
                "GET",
                &format!("/authorize?client_id={encoded}&scope={encoded}"),
                "",
                "",
            ),
            request(
                "GET",
                &format!("/authorize?client_id=app&prompt={encoded}"),
                "",
                "",
            ),
            request("POST", &format!("/token?code={encoded}"), form, ""),
            request(
                "POST",
                "/token",
                form,
                &format!("grant_type={encoded}&client_id={encoded}"),
            ),
            request(
                "POST",
                "/token",
                form,
                &format!("{encoded}=1&{encoded}=2&{encoded}=%zz"),
            ),
            request(
                "POST",
                "/token",
                form,
                &format!("grant_type=refresh_token&client_id=app&refresh_token={encoded}x"),
            ),
            request(
                "POST",
                "/token",
                form,
                &format!(
                    "grant_type=authorization_code&client_id=app&redirect_uri=x&code={encoded}&code_verifier={encoded}"
                ),
            ),
            request(
                "POST",
                "/token",
                "Content-Type: application/json\r\n",
                &format!("{{\"code\":\"{secret}\"}}"),
            ),
            request(
                "POST",
                "/token",
                &format!("Authorization: Basic {secret}\r\n{form}"),
                "grant_type=client_credentials",
            ),
            request(
                "POST",
                &format!("/introspect?token={encoded}"),
                &format!("Authorization: Bearer {secret}\r\n{form}"),
                &format!("token={encoded}"),
            ),
            request(
                "POST",
                "/introspect",
                &format!("Authorization: Bearer {secret}\r\n{form}"),
                &format!("token={encoded}&token_type_hint={encoded}"),
            ),
            request(
                "POST",
                "/revoke",
                form,
                &format!("client_id=app&token={encoded}&token_type_hint={encoded}"),
            ),
            request(
                "POST",
                "/login",
                form,
                &format!("interaction={encoded}&username={encoded}&password={encoded}"),
            ),
            request(
                "POST",
                "/userinfo",
                &format!("Authorization: Bearer {secret}x\r\n"),
                "",
            ),
            request(
                "GET",
                "/",
                &format!("X-{}: 1\r\n", encoded.replace('%', "")),
                "",
            ),
            request(
                "GET",
                &format!("/?{encoded}"),
                &format!("Cookie: {secret}={secret}\r\n"),
                "",
            ),
            request("BREW", &format!("/token?{encoded}"), "", ""),
            request("GET", "/", "", "").replace("localhost", &format!("{secret}.example")),
            format!(
                "POST /token HTTP/1.1\r\nHost: localhost\r\n{form}Content-Length: 4000\r\n\r\ncode={encoded}"
            ),
            format!("GET /{encoded} {encoded}\r\nAuthorization: Bearer {secret}\u{0}\r\n\r\n"),
        ] {
            let mut stream = open(server.port).expect("connects");
            let stream = stream.get_mut();
            _ = stream.write_all(text.as_bytes());
            if text.contains("Content-Length: 4000") {
                _ = stream.shutdown(Shutdown::Write);
            }
            _ = stream.read_to_end(&mut Vec::new());
        }
    }
}
