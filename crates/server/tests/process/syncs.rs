//! No response is sent before its data is on the disk: in the order of system calls, and while
//! syncs fail.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use countersign_testing::Answer;

use crate::command::Deployment;
use crate::disk::settled;
use crate::person::{PASSWORD, Person, code_in, is_refused, redeem, refresh, tokens_in, userinfo};
use crate::server::{CHEAP, Server, deployment};
use crate::strace::Strace;
use crate::trace::{calls, exchanges};

/// Reads and writes of sockets, writes of files, syncs.
const LOOK: &str = "trace=recvfrom,recvmsg,read,readv,sendto,sendmsg,write,writev,pwrite64,pwritev,fdatasync,fsync";
const FAIL: &str = "inject=fdatasync,fsync:error=EIO";

#[test]
fn one_user_is_answered_after_the_log_was_written_and_synced() {
    let (deployment, server) = quiet();
    let mut person = Person::new(server.port, "alice");
    let output = output(&deployment);
    let Some(strace) = Strace::attach(&server, &["-e", LOOK], &output) else {
        return;
    };
    let code = code_in(&person.sign_in().expect("a response"));
    let connection = &mut person.connection;
    let (first, _) = tokens_in(&redeem(connection, &code).expect("a response"));
    let (second, tokens) = tokens_in(&refresh(connection, &first).expect("a response"));
    refresh(connection, &second).expect("a response");
    // An ancestor: the grant ends, and the refusal that says so waits for the disk too.
    assert!(is_refused(
        &refresh(connection, &first).expect("a response")
    ));
    let id_token = tokens.id_token.expect("openid was asked for");
    assert_eq!(person.sign_out(&id_token).expect("a response").status, 303);
    let trace = strace.detach();

    let calls = calls(&trace);
    let exchanges = exchanges(&calls);
    let seen: Vec<(&str, u16)> = exchanges
        .iter()
        .map(|exchange| (exchange.request.as_str(), exchange.status))
        .collect();
    assert_eq!(
        seen,
        [
            ("GET /authorize", 200),
            ("POST /login", 303),
            ("POST /token", 200),
            ("POST /token", 200),
            ("POST /token", 200),
            ("POST /token", 400),
            ("GET /logout", 303),
        ],
        "{trace}"
    );
    let [page, acts @ .., sign_out] = &*exchanges else {
        panic!("{trace}");
    };
    assert!(!page.wrote(), "before the sign-in nothing is written");
    for act in acts {
        act.is_durable().unwrap_or_else(|why| panic!("{why}"));
    }
    // It wakes what tells the applications.
    let durable = sign_out.is_durable_before_others();
    durable.unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn while_syncs_fail_nothing_is_acknowledged_and_afterwards_all_is_as_it_was() {
    let (deployment, server) = quiet();
    let before = Before::live(&server);
    let output = output(&deployment);
    let Some(strace) = Strace::attach(&server, &["-e", FAIL], &output) else {
        return;
    };
    for _ in 0..5 {
        before.assert_unacknowledged(&server);
    }
    let trace = strace.detach();
    assert!(trace.contains("(INJECTED)"), "no sync failed: {trace}");

    let start = Instant::now();
    while !server.is_ready() {
        assert!(start.elapsed() < Duration::from_secs(5), "never recovered");
    }
    println!("ready {:?} after the last failing sync", start.elapsed());
    // Nothing that was refused a moment ago has happened.
    let mut person = before.signed_in(&server);
    code_in(&person.authorize_silently().expect("a response"));
    let connection = &mut person.connection;
    tokens_in(&redeem(connection, &before.code).expect("a response"));
    let (next, _) = tokens_in(&refresh(connection, &before.current).expect("a response"));
    tokens_in(&refresh(connection, &next).expect("a response"));
    before.assert_stands(&server);
    drop(server);
    before.assert_stands(&Server::start(&deployment));
}

#[test]
fn a_server_that_is_killed_while_syncs_fail_keeps_what_it_acknowledged() {
    let (deployment, server) = quiet();
    let before = Before::live(&server);
    let output = output(&deployment);
    let Some(strace) = Strace::attach(&server, &["-e", FAIL], &output) else {
        return;
    };
    before.assert_unacknowledged(&server);
    server.kill();
    drop(strace);

    let server = Server::start(&deployment);
    let mut person = before.signed_in(&server);
    let response = person.authorize_silently().expect("a response");
    // The sign-out was not acknowledged: it may have happened or not.
    let ended = response.location_parameter("error").is_some();
    let connection = &mut person.connection;
    let retried = refresh(connection, &before.current).expect("a response");
    match ended {
        true => assert!(is_refused(&retried), "{retried:?}"),
        // Whether the rotation happened or not, its retry gets a response.
        false => _ = tokens_in(&retried),
    }
    // Redeemed or not, it is redeemed once at most.
    let first = redeem(connection, &before.code).expect("a response");
    assert!(first.status == 200 || is_refused(&first), "{first:?}");
    let second = redeem(connection, &before.code).expect("a response");
    assert!(is_refused(&second), "{second:?}");
    before.assert_stands(&server);
}

/// A server that has nothing to do by itself, once what led here has been read from the outbox.
fn quiet() -> (Deployment, Server) {
    let configuration = format!(
        "{CHEAP}
         [store]
         collect_interval_seconds = 86400
         [logout]
         backchannel_poll_milliseconds = 60000
"
    );
    let deployment = deployment(&configuration, &["alice"]);
    let server = Server::start(&deployment);
    settled(&deployment);
    (deployment, server)
}

fn output(deployment: &Deployment) -> PathBuf {
    deployment.folder.join("trace")
}

/// What was acknowledged before the syncs failed.
struct Before {
    cookies: std::collections::BTreeMap<String, String>,
    id_token: String,
    /// Not redeemed.
    code: String,
    /// A refresh token that was not used, of a grant whose access token this is.
    current: String,
    access_token: String,
    used_code: String,
    /// Of grants that ended.
    ended: Vec<String>,
}

impl Before {
    fn live(server: &Server) -> Before {
        let mut ended = Person::new(server.port, "alice");
        let used_code = code_in(&ended.sign_in().expect("a response"));
        let redeemed = redeem(&mut ended.connection, &used_code).expect("a response");
        let (of_ended, tokens) = tokens_in(&redeemed);
        let id_token = tokens.id_token.expect("openid was asked for");
        assert_eq!(ended.sign_out(&id_token).expect("a response").status, 303);

        let mut person = Person::new(server.port, "alice");
        let code = code_in(&person.sign_in().expect("a response"));
        let connection = &mut person.connection;
        let (first, _) = tokens_in(&redeem(connection, &code).expect("a response"));
        let (second, _) = tokens_in(&refresh(connection, &first).expect("a response"));
        refresh(connection, &second).expect("a response");
        assert!(is_refused(
            &refresh(connection, &first).expect("a response")
        ));

        let code = code_in(&person.authorize_silently().expect("a response"));
        let redeemed = redeem(&mut person.connection, &code).expect("a response");
        let (first, _) = tokens_in(&redeemed);
        let refreshed = refresh(&mut person.connection, &first).expect("a response");
        let (current, tokens) = tokens_in(&refreshed);
        Before {
            id_token: tokens.id_token.expect("openid was asked for"),
            code: code_in(&person.authorize_silently().expect("a response")),
            cookies: person.cookies,
            current,
            access_token: tokens.access_token,
            used_code,
            ended: vec![of_ended, second],
        }
    }

    fn signed_in(&self, server: &Server) -> Person {
        let mut person = Person::new(server.port, "alice");
        person.cookies = self.cookies.clone();
        person
    }

    /// Asks for every kind of act; none is acknowledged, and what is only read still responses.
    fn assert_unacknowledged(&self, server: &Server) {
        // One probe of the store responses for a second.
        let start = Instant::now();
        while server.is_ready() && start.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(server.status_of("/readyz"), Some(503));
        assert_eq!(server.status_of("/healthz"), Some(200));
        assert_eq!(server.status_of("/jwks"), Some(200));
        let mut person = self.signed_in(server);
        let mut stranger = Person::new(server.port, "alice");
        for response in [
            redeem(&mut person.connection, &self.code),
            refresh(&mut person.connection, &self.current),
        ] {
            let response = response.expect("a response");
            assert_eq!(response.status, 503, "{response:?}");
            assert_eq!(response.error(), "temporarily_unavailable");
            assert!(!response.body.contains("token\""), "{response:?}");
        }
        for response in [
            person.authorize_silently(),
            sign_in(&mut stranger, PASSWORD),
            sign_in(&mut stranger, "a password that is wrong"),
        ] {
            let response = response.expect("a response");
            assert_eq!(response.location_parameter("code"), None, "{response:?}");
            let error = response.location_parameter("error");
            assert_eq!(
                error.as_deref(),
                Some("temporarily_unavailable"),
                "{response:?}"
            );
        }
        assert!(
            !stranger
                .cookies
                .keys()
                .any(|name| name.ends_with("_session"))
        );
        let response = person.sign_out(&self.id_token).expect("a response");
        assert_eq!(response.status, 503, "{response:?}");
        assert!(response.set_cookies().is_empty(), "{response:?}");
        let response = userinfo(&mut person.connection, &self.access_token);
        assert_eq!(response.expect("a response").status, 200);
    }

    /// Used codes and ended tokens stay so.
    fn assert_stands(&self, server: &Server) {
        let mut person = self.signed_in(server);
        let connection = &mut person.connection;
        assert!(is_refused(
            &redeem(connection, &self.used_code).expect("a response")
        ));
        for ended in &self.ended {
            assert!(is_refused(&refresh(connection, ended).expect("a response")));
        }
    }
}

fn sign_in(person: &mut Person, password: &str) -> std::io::Result<Answer> {
    let page = person.authorize(&[])?;
    person.fill_in(&page, password)
}
