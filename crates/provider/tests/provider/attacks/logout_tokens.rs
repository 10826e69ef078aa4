//! Logout tokens and the addresses that they are sent to.

use std::sync::Arc;
use std::time::Duration;

use countersign_fetch::{AllowList, Outbound, Policy};
use countersign_testing::{ALICE, Options, Receiver, Taken, TestProvider};

use crate::expect;
use crate::log::Log;
use crate::rebinding::{self, Rebinding};
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

/// Signs Alice out of an application at `uri`, reached within `policy`; what is logged of the call.
async fn called(policy: Policy, uri: &str) -> String {
    let options = Options {
        store: memory(),
        outbound: Outbound::new(policy),
        ..Options::default()
    };
    let log = Log::start();
    let stage = Stage::of(TestProvider::start_with(options).await);
    let metadata = metadata(uri, "");
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
    assert!(written.contains("logout_call_failed"), "{written}");
    written
}

#[tokio::test]
async fn attack_44_a_response_without_end_is_broken_off() {
    let policy = Policy {
        allow: AllowList::loopback(),
        ..Policy::default()
    };
    let written = called(policy, &rebinding::endless().await).await;
    assert!(written.contains("larger than"), "{written}");
}

#[tokio::test]
async fn attack_44_a_slow_application_is_given_up_on() {
    for rest in ["Content-Length: 100000\r\n\r\n{", "\r\n{"] {
        let policy = Policy {
            total_timeout: Duration::from_millis(300),
            allow: AllowList::loopback(),
            ..Policy::default()
        };
        called(policy, &rebinding::dripping(rest).await).await;
    }
}

#[tokio::test]
async fn attack_44_a_backchannel_name_that_leads_inside_gets_no_token() {
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"] {
        let (inside, seen) = rebinding::silent_listener("127.0.0.1:0").await;
        let policy = Policy {
            resolver: Arc::new(Rebinding::new(&[address])),
            ..Policy::default()
        };
        let uri = format!("https://app.example:{}/logout", inside.port());
        called(policy, &uri).await;
        assert_eq!(seen.connections(), 0, "{address}");
    }
}

#[tokio::test]
async fn attack_44_a_backchannel_name_that_rebinds_gets_no_token() {
    let (listed, seen) = rebinding::silent_listener("127.0.0.2:0").await;
    let inside = format!("127.0.0.1:{}", listed.port());
    let (_, inside) = rebinding::silent_listener(&inside).await;
    let options = Options {
        store: memory(),
        outbound: Outbound::new(Policy {
            allow: AllowList::parse(["127.0.0.2"]).expect("is valid"),
            resolver: Arc::new(Rebinding::new(&["127.0.0.2", "127.0.0.1"])),
            ..Policy::default()
        }),
        ..Options::default()
    };
    let stage = Stage::of(TestProvider::start_with(options).await);
    let uri = format!("https://app.example:{}/logout", listed.port());
    stage.application("app", &uri, "").await;
    for _ in 0..3 {
        stage.signed_out("app").await;
        a_while().await;
        // The calls are repeated, at the name's next address.
        stage.op.clock.advance(400);
        a_while().await;
    }
    assert_eq!(seen.connections(), 1);
    assert_eq!(inside.connections(), 0);
}
