//! Attack 63: two thousand requests that are almost right, over every endpoint.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use countersign_testing::{Answer, VERIFIER, basic, challenge};
use serde_json::json;

use crate::connection::read_response;
use crate::dice::{Dice, seed};
use crate::mutations::{Draft, damage};
use crate::person::{APP, BYE, CALLBACK, PASSWORD, Person, code_in, redeem, tokens_in};
use crate::server::{CHEAP, Server, deployment};

const REQUESTS: usize = 2_000;
/// Most of them wait for a half request to be given up.
const SENDERS: usize = 24;
/// Every request has its response, or its end, by then.
const LONGEST: Duration = Duration::from_secs(5);

#[test]
fn attack_63_no_request_brings_a_fault_or_waits_long() {
    let seed = seed();
    let limits = "[http]\nheader_read_timeout_seconds = 1\nbody_read_timeout_seconds = 1\n";
    let deployment = deployment(&format!("{CHEAP}{limits}"), &["alice"]);
    let metadata = json!({ "redirect_uris": [CALLBACK], "grant_types": ["client_credentials"], "response_types": [] });
    let words = [
        "client",
        "create",
        "--client-id",
        "robot",
        "--metadata",
        "-",
    ];
    let made = deployment.json_with(&words, &metadata.to_string());
    let secret = made.get("client_secret").and_then(|secret| secret.as_str());
    let secret = secret.expect("a secret").to_owned();
    let link = deployment.run(&["setup-link"]).stdout;
    let (_, setup) = link.trim().split_once("token=").expect("a link");
    let mut server = Server::start(&deployment);
    let (drafts, mut secrets) = drafts(server.port, &secret, setup);
    secrets.extend([secret, PASSWORD.to_owned()]);
    let memory = server.memory_kib();

    let next = AtomicUsize::new(0);
    let port = server.port;
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut tally = Tally::default();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= REQUESTS {
                            return tally;
                        }
                        // One stream each, so that a request is the same whichever thread sends it.
                        let dice = Dice::new(seed.wrapping_mul(1_000_003) + number as u64);
                        one(port, &drafts, &dice, &secrets, &mut tally);
                    }
                })
            })
            .collect();
        let senders = senders.into_iter();
        senders
            .map(|sender| sender.join().expect("no fault"))
            .collect()
    });

    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.add(tally));
    println!("{all:?}");
    let answered: usize = all.statuses.values().sum();
    assert!(answered > REQUESTS / 2, "mostly unanswered: {all:?}");
    assert!(server.is_running() && server.is_ready());
    let mut person = Person::new(port, "alice");
    let code = code_in(&person.sign_in().expect("a response"));
    tokens_in(&redeem(&mut person.connection, &code).expect("a response"));
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    let grown = server.memory_kib().saturating_sub(memory);
    println!("memory grew by {grown} KiB from {memory} KiB");
    assert!(grown < 65_536, "memory grew by {grown} KiB");
    // No one is left for whom it would have to wait.
    drop(person);
    let start = Instant::now();
    server.ask_to_end();
    assert_eq!(server.ended(), Some(0));
    assert!(
        start.elapsed() < LONGEST,
        "ended after {:?}",
        start.elapsed()
    );
}

#[derive(Debug, Default)]
struct Tally {
    statuses: BTreeMap<u16, usize>,
    closed: usize,
    slowest: Duration,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.closed += other.closed;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// Sends one mutated request, and checks the response.
fn one(port: u16, drafts: &[Draft], dice: &Dice, secrets: &[String], tally: &mut Tally) {
    let mut draft = drafts[dice.below(drafts.len())].clone();
    for _ in 0..=dice.below(3) {
        draft.mutate(dice);
    }
    let mut bytes = draft.bytes();
    let is_cut = damage(&mut bytes, dice);
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).into_owned();

    let start = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it takes connections");
    stream.set_read_timeout(Some(LONGEST)).expect("a socket");
    stream.set_write_timeout(Some(LONGEST)).expect("a socket");
    // The server may response and close before it has taken all of it.
    _ = stream.write_all(&bytes);
    if is_cut && dice.one_in(2) {
        _ = stream.shutdown(Shutdown::Write);
    }
    let response = read_response(&mut BufReader::new(stream), draft.method == b"HEAD");
    let took = start.elapsed();
    assert!(took < LONGEST, "it took {took:?}: {shown}");
    tally.slowest = tally.slowest.max(took);
    match response {
        Ok(response) => {
            judge(&response, secrets, &shown);
            *tally.statuses.entry(response.status.as_u16()).or_default() += 1;
        }
        Err(_) => tally.closed += 1,
    }
}

fn judge(response: &Answer, secrets: &[String], request: &str) {
    let fault = |what: &str| panic!("{what}: {response:?}\nto {request}");
    if response.status.is_server_error() {
        fault("a fault of the server");
    }
    if response.headers.contains_key("x-evil") {
        fault("a header was split");
    }
    for trace in [
        "panicked",
        "RUST_BACKTRACE",
        "src/",
        ".rs:",
        "rusqlite",
        "SELECT ",
    ] {
        if response.body.contains(trace) {
            fault("a trace of the inside");
        }
    }
    for secret in secrets {
        if response.body.contains(secret) {
            fault("a secret");
        }
    }
}

/// A valid request for every endpoint, made by someone who is signed in, and what no response may
/// repeat.
fn drafts(port: u16, secret: &str, setup: &str) -> (Vec<Draft>, Vec<String>) {
    let mut person = Person::new(port, "alice");
    let page = person
        .authorize(&[("prompt", "login")])
        .expect("a response");
    let interaction = page.hidden_field("interaction").expect("a form");
    let code = code_in(&person.sign_in().expect("a response"));
    let (refresh_token, tokens) =
        tokens_in(&redeem(&mut person.connection, &code).expect("a response"));
    let unused = code_in(&person.authorize_silently().expect("a response"));
    let cookies = person.cookie_header();
    let id_token = tokens.id_token.expect("openid was asked for");
    let bearer = format!("Bearer {}", tokens.access_token);
    let of_robot = basic("robot", secret);
    let challenge = challenge(VERIFIER);
    let authorization = [
        ("response_type", "code"),
        ("client_id", APP),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", "a-state"),
        ("nonce", "a-nonce"),
        ("max_age", "3600"),
        ("prompt", "consent"),
        ("login_hint", "alice"),
        ("ui_locales", "de en"),
        ("claims", "{\"userinfo\":{\"email\":null}}"),
        ("id_token_hint", &id_token),
        ("response_mode", "form_post"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let sign_out = [
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
    ];
    let code_grant = [
        ("grant_type", "authorization_code"),
        ("client_id", APP),
        ("code", &unused),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let refresh_grant = [
        ("grant_type", "refresh_token"),
        ("client_id", APP),
        ("refresh_token", &refresh_token),
        ("scope", "openid"),
    ];
    let new_administrator = [
        ("token", setup),
        ("name", "Root"),
        ("email", "root@example.org"),
        ("username", "root"),
        ("password", "a long enough password"),
        ("password_again", "a long enough password"),
    ];
    let form = |path: &str, more: &[(&str, &str)]| {
        let all = [&[("interaction", interaction.as_str())], more].concat();
        Draft::new("POST", path)
            .fields(&all)
            .header("Cookie", &cookies)
    };
    let drafts = vec![
        Draft::new("GET", "/authorize")
            .query(&authorization)
            .header("Cookie", &cookies),
        Draft::new("GET", "/authorize").query(&authorization),
        Draft::new("POST", "/authorize")
            .fields(&authorization)
            .header("Cookie", &cookies),
        Draft::new("POST", "/authorize").fields(&authorization),
        form(
            "/login",
            &[
                ("username", "alice"),
                ("password", PASSWORD),
                ("decision", "sign_in"),
            ],
        ),
        form("/login", &[("decision", "cancel")]),
        form("/consent", &[("decision", "allow")]),
        form("/logout", &[("decision", "confirm")]),
        Draft::new("GET", "/logout")
            .query(&sign_out)
            .header("Cookie", &cookies),
        Draft::new("POST", "/logout").fields(&sign_out),
        Draft::new("POST", "/token").fields(&code_grant),
        Draft::new("POST", "/token").fields(&refresh_grant),
        Draft::new("POST", "/token")
            .fields(&[("grant_type", "client_credentials")])
            .header("Authorization", &of_robot),
        Draft::new("POST", "/introspect")
            .fields(&[("token", &tokens.access_token)])
            .header("Authorization", &of_robot)
            .header("Accept", "application/token-introspection+jwt"),
        Draft::new("POST", "/introspect")
            .fields(&[("token", "x")])
            .header("Authorization", &bearer),
        Draft::new("POST", "/revoke")
            .fields(&[("token", &tokens.access_token)])
            .header("Authorization", &of_robot),
        Draft::new("GET", "/userinfo").header("Authorization", &bearer),
        Draft::new("POST", "/userinfo").fields(&[("access_token", &tokens.access_token)]),
        Draft::new("GET", "/setup").query(&[("token", setup)]),
        Draft::new("POST", "/setup").fields(&new_administrator),
        Draft::new("GET", "/jwks"),
        Draft::new("GET", "/.well-known/openid-configuration"),
        Draft::new("GET", "/.well-known/oauth-authorization-server"),
        Draft::new("OPTIONS", "/token").header("Origin", "https://app.example"),
        Draft::new("GET", "/errors/code_replayed"),
        Draft::new("GET", "/assets/style.css"),
        Draft::new("GET", "/").header("Accept", "text/html"),
        Draft::new("GET", "/readyz"),
        Draft::new("GET", "/nothing-here"),
    ];
    let session = person.cookies.into_values();
    (
        drafts,
        session.filter(|value| value.starts_with("cs_")).collect(),
    )
}
