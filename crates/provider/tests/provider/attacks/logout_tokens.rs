//! Logout tokens and the addresses that they are sent to.

use std::net::SocketAddr;
use std::time::Duration;

use countersign_fetch::{AllowList, Outbound, Policy};
use countersign_testing::{ALICE, Options, Receiver, Taken, TestProvider};

use crate::expect;
use crate::log::Log;
use crate::stage::{Stage, a_while, memory, metadata, sign_out};

/// A logout token of ours, with the session of another browser that still lives.
async fn told() -> (Stage, Taken, String) {
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    let mut other = stage.op.browser();
    let alive = stage.id_token(&mut other, &ALICE, "app").await;
    stage.signed_out("app").await;
    let taken = app.wait_for(1).await.remove(0);
    (stage, taken, alive)
}

#[tokio::test]
async fn attack_33_a_logout_token_of_ours_is_no_id_token_and_no_access_token() {
    let (stage, taken, _) = told().await;
    let token = taken.token();
    expect::token_refused(&stage.op.userinfo(token).await);
    let mut browser = stage.op.signed_in(&ALICE).await;
    let page = browser
        .get_with("/logout", &[("id_token_hint", token)])
        .await;
    expect::sign_out_page(&page, "proof of your sign-in was not accepted");
    assert_ne!(browser.get("/account").await.page_kind(), "login");
    // Nor is it a refresh token or a code.
    for (grant_type, name) in [
        ("refresh_token", "refresh_token"),
        ("authorization_code", "code"),
    ] {
        let form = [
            ("grant_type", grant_type),
            (name, token),
            ("client_id", "app"),
        ];
        let answer = stage.op.browser().post("/token", &form).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

#[tokio::test]
async fn attack_33_an_id_token_is_no_logout_token() {
    // Back-Channel Logout, section 2.4: the type, events and the missing nonce tell them apart.
    let (_, taken, id_token) = told().await;
    let header = countersign_testing::header_of(&id_token);
    assert_ne!(header["typ"], "logout+jwt");
    assert!(countersign_testing::claims_of(&id_token)["events"].is_null());
    assert!(taken.claims()["nonce"].is_null());
}

#[tokio::test]
async fn attack_44_a_backchannel_logout_uri_reaches_nothing_that_is_not_public() {
    let inside = Receiver::start().await;
    let port = inside.address.port();
    let log = Log::start();
    // The default reaches public addresses only.
    let stage = Stage::of(TestProvider::start_with(Options::default()).await);
    let uris = [
        format!("http://127.0.0.1:{port}/logout"),
        format!("https://127.0.0.1:{port}/logout"),
        format!("https://localhost:{port}/logout"),
        format!("https://[::1]:{port}/logout"),
        format!("https://[::ffff:127.0.0.1]:{port}/logout"),
        format!("https://2130706433:{port}/logout"),
        format!("https://0x7f.1:{port}/logout"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/logout".to_owned(),
        "gopher://127.0.0.1:70/logout".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    for (number, uri) in uris.iter().enumerate() {
        let client_id = format!("app-{number}");
        // Past the rules of registration, as an old record might be.
        stage.application(&client_id, uri, "").await;
        stage.signed_out(&client_id).await;
        let mut written = String::new();
        let expected = format!("cause=\"logout_call_failed\" client_id=\"{client_id}\"");
        for _ in 0..20 {
            written.push_str(&log.take());
            if written.contains(&expected) {
                break;
            }
            a_while().await;
        }
        assert!(written.contains(&expected), "{uri}\n{written}");
    }
    assert_eq!(inside.taken().len(), 0);
}

#[tokio::test]
async fn attack_44_a_redirect_of_an_application_leads_the_token_nowhere() {
    let inside = Receiver::start().await;
    let stage = Stage::start().await;
    let app = stage.receiver("app").await;
    app.redirects(&inside.uri());
    for status in [301, 302, 303, 307, 308] {
        app.responds(status, Duration::ZERO);
        stage.signed_out("app").await;
        stage.op.clock.advance(400);
        a_while().await;
    }
    assert!(app.taken().len() >= 5);
    assert_eq!(inside.taken().len(), 0);
}

#[tokio::test]
async fn attack_44_a_response_without_end_is_broken_off() {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = listener.await.expect("binds");
    let uri = format!("http://{}/logout", listener.local_addr().expect("bound"));
    let endless = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("accepts");
            tokio::spawn(send_without_end(stream));
        }
    });
    let outbound = Outbound::new(Policy {
        allow: AllowList::loopback(),
        ..Policy::default()
    });
    let options = Options {
        store: memory(),
        outbound,
        ..Options::default()
    };
    let log = Log::start();
    let stage = Stage::of(TestProvider::start_with(options).await);
    let metadata = metadata(&uri, "");
    stage.op.add_client_with("app", None, &metadata).await;
    let mut browser = stage.op.browser();
    stage.open(&mut browser, &ALICE, "app").await;
    sign_out(&mut browser).await;
    let mut written = String::new();
    for _ in 0..20 {
        written.push_str(&log.take());
        if written.contains("logout_call_failed") {
            break;
        }
        a_while().await;
    }
    assert!(written.contains("larger than"), "{written}");
    endless.abort();
}

async fn send_without_end(stream: tokio::net::TcpStream) {
    let mut written = 0;
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".to_vec();
    let mut chunk = head;
    while stream.writable().await.is_ok() {
        match stream.try_write(&chunk) {
            Ok(sent) => {
                written += sent;
                chunk = vec![b'x'; 65_536];
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        if written > 64 << 20 {
            return;
        }
    }
}
