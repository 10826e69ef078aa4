//! PostgreSQL, a real one. Each test has a schema of its own.

mod schema;

use countersign_jose::random;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::clients::ClientEpochs;
use countersign_store::consents::Consents;
use countersign_store::grants::{
    EndCause, Grants, Proof, RedeemOutcome, RotateOutcome, TokenState, WhatEnded,
};
use countersign_store::sessions::Sessions;
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::subjects::Subjects;
use countersign_store::{Epoch, StoreError};
use countersign_store_sql::Postgres;
use countersign_store_sql::postgres::Options;
use tokio_postgres::NoTls;

use crate::fixtures::{NOW, hash, world};
use schema::Schema;

#[tokio::test]
async fn a_newer_schema_is_named_and_left_alone() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    drop(schema.open().await);
    drop(schema.open().await);
    schema
        .tell(&format!(
            "INSERT INTO {}.schema_version VALUES (1000)",
            schema.name
        ))
        .await;
    match Postgres::connect(&Options::new(schema.url())).await.err() {
        Some(StoreError::NewerSchema { found: 1000, known }) => assert!(known < 1000),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schema_of_an_unreleased_version_is_refused_by_name() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    drop(schema.open().await);
    for version in [1, 2] {
        let sql = format!(
            "UPDATE {}.schema_version SET version = {version}",
            schema.name
        );
        schema.tell(&sql).await;
        match Postgres::connect(&Options::new(schema.url())).await.err() {
            Some(StoreError::UnreleasedSchema { found, oldest: 3 }) => assert_eq!(found, version),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn openings_at_once_migrate_once() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let openings = (0..8).map(|_| schema.open());
    futures_util::future::join_all(openings).await;
}

#[tokio::test]
async fn what_is_minted_beside_an_ending_is_never_accepted() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let store = schema.open().await;
    let world = world(&store).await;
    let act = world.issue();
    let id = act.grant.id;
    store.issue_code(&act, NOW).await.expect("returns");
    store
        .end_session(&world.session.id, NOW)
        .await
        .expect("returns");
    let token = |name: &str| NewAccessToken {
        hash: hash(name),
        id,
        holder: NewHolder::Grant,
        scope: None,
        audience: Vec::new(),
        expires_at: NOW + 600,
    };
    let mut redeem = world.redeem(id);
    redeem.access_token = Some(token("redeemed"));
    let outcome = store.redeem(&redeem, NOW).await.expect("returns");
    assert_eq!(outcome, RedeemOutcome::Ended(WhatEnded::BrowserSession));
    let mut rotate = world.rotate(id, 0, NOW);
    rotate.access_token = Some(token("rotated"));
    let outcome = store
        .rotate_refresh_token(&rotate, NOW)
        .await
        .expect("returns");
    assert_eq!(outcome, RotateOutcome::Ended(WhatEnded::BrowserSession));
    for name in ["redeemed", "rotated"] {
        let check = CheckAccessToken::Opaque {
            grant: id,
            hash: hash(name),
        };
        let state = store
            .check_access_token(&check, NOW)
            .await
            .expect("returns");
        assert_eq!(state, TokenState::Ended(WhatEnded::BrowserSession));
    }
}

#[tokio::test]
async fn a_value_that_no_row_can_hold_matches_none() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let store = schema.open().await;
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("returns");
    let mut redeem = world.redeem(act.grant.id);
    redeem.proof = Proof::Code {
        redirect_uri: Some("https://app.example/\0".to_owned()),
        code_challenge: None,
    };
    let outcome = store.redeem(&redeem, NOW).await.expect("returns");
    assert_eq!(
        outcome,
        RedeemOutcome::Invalidated {
            redirect_uri_matches: false
        }
    );
}

#[tokio::test]
async fn a_password_in_a_url_is_not_repeated() {
    for url in [
        "postgres://user:canary@[",
        "postgres://user:canary@127.0.0.1:1/nothing",
    ] {
        let mut options = Options::new(url);
        options.timeout = std::time::Duration::from_millis(500);
        let error = Postgres::connect(&options)
            .await
            .err()
            .expect("no such database");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

/// A replica that meets a record of a newer program must not rewrite it: it would drop what it does
/// not know.
#[tokio::test]
async fn a_record_of_a_newer_format_is_left_alone() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let store = schema.open().await;
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    schema.make_newer("grants").await;
    let id = act.grant.id;
    refuses(store.redeem(&world.redeem(id), NOW).await);
    refuses(store.issue_code(&act, NOW).await);
    refuses(store.end_grant(&id, None, EndCause::Revoked, NOW).await);
    refuses(store.grant(&id).await);

    let (session, sub, client_id) = (&world.session.id, &world.sub, &world.client_id);
    schema.make_newer("consents").await;
    refuses(store.consent(sub, client_id).await);
    refuses(store.withdraw_consent(sub, client_id, NOW).await);
    schema.make_newer("client_sessions").await;
    refuses(store.client_session(session, client_id).await);
    refuses(store.end_session(session, NOW).await);
    schema.make_newer("browser_sessions").await;
    refuses(store.session(session).await);
    refuses(store.issue_code(&world.issue(), NOW).await);
    schema.make_newer("subjects").await;
    schema.make_newer("clients").await;
    let end = StandingChange::End {
        epoch: Epoch::from_bytes(random::bytes()),
    };
    refuses(store.subject(sub).await);
    refuses(store.change_subject_standing(sub, &end, NOW).await);
    refuses(store.delete_subject(sub, NOW).await);
    refuses(store.client(client_id).await);
    refuses(store.change_client_standing(client_id, &end, NOW).await);
}

fn refuses<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    let newer = matches!(outcome, Err(StoreError::NewerRecord { found: 1000, .. }));
    assert!(newer, "{outcome:?}");
}

/// What each act tells, once and in the same statement: nothing of what changed nothing.
#[tokio::test]
async fn each_act_tells_what_it_changed() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let store = schema.open().await;
    let world = world(&store).await;
    let (session, sub, client_id) = (&world.session.id, &world.sub, &world.client_id);
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    store
        .start_session(&world.session, None, NOW)
        .await
        .expect("it is there already");
    let joined = store.client_session(session, client_id).await;
    let sid = joined.expect("returns").expect("it is there").sid;
    for ended in [true, false] {
        let outcome = store.end_client_session(&sid, NOW).await;
        assert_eq!(outcome.expect("returns"), ended);
        let outcome = store.withdraw_consent(sub, client_id, NOW).await;
        assert_eq!(outcome.expect("returns"), ended);
        store.end_session(session, NOW).await.expect("returns");
    }
    let disable = StandingChange::Disable {
        epoch: Epoch::from_bytes(random::bytes()),
    };
    for _ in 0..2 {
        let changed = store.change_subject_standing(sub, &disable, NOW).await;
        assert_eq!(changed.expect("returns"), StandingOutcome::Changed);
        let changed = store.change_client_standing(client_id, &disable, NOW).await;
        assert_eq!(changed.expect("returns"), StandingOutcome::Changed);
    }
    for deleted in [true, false] {
        let outcome = store.delete_subject(sub, NOW).await;
        assert_eq!(outcome.expect("returns"), deleted);
    }
    let expected = [
        ("client_created", None, Some(client_id.as_str())),
        ("session_started", Some(sub.as_str()), None),
        ("consent_recorded", Some(sub), Some(client_id)),
        ("code_issued", Some(sub), Some(client_id)),
        ("client_session_ended", Some(sub), Some(client_id)),
        ("consent_withdrawn", Some(sub), Some(client_id)),
        ("session_ended", Some(sub), None),
        ("user_disabled", Some(sub), None),
        ("client_disabled", None, Some(client_id)),
        ("user_ended", Some(sub), None),
    ];
    let told = schema.events().await;
    let told: Vec<_> = told
        .iter()
        .map(|(kind, sub, client_id)| (kind.as_str(), sub.as_deref(), client_id.as_deref()))
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_server_that_may_forget_is_refused_by_the_settings_name() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let url = format!("{}%20-c%20synchronous_commit%3Doff", schema.url());
    let mut options = Options::new(url);
    match Postgres::connect(&options).await.err() {
        Some(StoreError::Refused(why)) => assert!(why.contains("synchronous_commit"), "{why}"),
        other => panic!("{other:?}"),
    }
    options.accept_that_acknowledged_acts_are_lost = true;
    Postgres::connect(&options).await.expect("as it was told");
}

#[tokio::test]
async fn a_row_that_is_locked_too_long_is_not_waited_for() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let mut options = Options::new(schema.url());
    options.timeout = std::time::Duration::from_millis(300);
    options.act_deadline = std::time::Duration::from_millis(300);
    let store = Postgres::connect(&options).await.expect("connects");
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    let (mut client, connection) = tokio_postgres::connect(&schema.url(), NoTls)
        .await
        .expect("connects");
    let connection = tokio::spawn(connection);
    let holder = client.transaction().await.expect("begins");
    holder
        .batch_execute("SELECT FROM grants FOR UPDATE; SELECT FROM browser_sessions FOR UPDATE")
        .await
        .expect("locks");
    let redeemed = store.redeem(&world.redeem(act.grant.id), NOW).await;
    let failed = matches!(
        redeemed,
        Err(StoreError::Unavailable(_) | StoreError::Contended)
    );
    assert!(failed, "{redeemed:?}");
    let ended = store.end_session(&world.session.id, NOW).await;
    let failed = matches!(
        ended,
        Err(StoreError::Unavailable(_) | StoreError::Contended)
    );
    assert!(failed, "{ended:?}");
    holder.rollback().await.expect("lets go");
    store
        .end_session(&world.session.id, NOW)
        .await
        .expect("ends");
    drop(client);
    connection.await.expect("ends").expect("ends well");
}
