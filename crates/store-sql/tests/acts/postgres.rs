//! PostgreSQL, a real one: COUNTERSIGN_TEST_POSTGRES_URL names it. Each test has a schema of its
//! own.

use countersign_jose::{base64url, random};
use countersign_store::StoreError;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use countersign_store::grants::{
    EndCause, Grants, Proof, RedeemOutcome, RotateOutcome, TokenState, WhatEnded,
};
use countersign_store::sessions::Sessions;
use countersign_store_sql::Postgres;
use countersign_store_sql::postgres::Options;
use tokio_postgres::NoTls;

use crate::fixtures::{NOW, hash, world};

const URL: &str = "COUNTERSIGN_TEST_POSTGRES_URL";

/// A schema that goes when the test is done with it.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub async fn new() -> Option<Schema> {
        let Ok(server) = std::env::var(URL) else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "{URL} is not set"
            );
            println!("SKIPPED: {URL} is not set, so PostgreSQL is not tried");
            return None;
        };
        let name = base64url::encode(random::bytes::<9>())
            .replace(['-', '_'], "x")
            .to_lowercase();
        let schema = Schema {
            server,
            name: format!("test_{name}"),
        };
        schema.tell(&format!("CREATE SCHEMA {}", schema.name)).await;
        Some(schema)
    }

    pub fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!(
            "{}{separator}options=-c%20search_path%3D{}",
            self.server, self.name
        )
    }

    pub async fn open(&self) -> Postgres {
        Postgres::connect(&Options::new(self.url()))
            .await
            .expect("the database answers")
    }

    async fn tell(&self, sql: &str) {
        tell(&self.server, sql).await;
    }
}

impl Drop for Schema {
    /// A test's runtime may not wait here, so another one does.
    fn drop(&mut self) {
        let server = self.server.clone();
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(tell(&server, &sql));
        });
        if dropped.join().is_err() {
            println!("the schema {} stays", self.name);
        }
    }
}

async fn tell(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .expect("the database answers");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(sql)
        .await
        .expect("it does as it is told");
    drop(client);
    connection.await.expect("ends").expect("ends well");
}

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
    let newer = format!("UPDATE {}.grants SET format = 1000", schema.name);
    schema.tell(&newer).await;
    let id = act.grant.id;
    for refused in [
        store.redeem(&world.redeem(id), NOW).await.err(),
        store.issue_code(&act, NOW).await.err(),
        store
            .end_grant(&id, None, EndCause::Revoked, NOW)
            .await
            .err(),
        store.grant(&id).await.err(),
    ] {
        match refused {
            Some(StoreError::NewerRecord { found: 1000, .. }) => {}
            other => panic!("{other:?}"),
        }
    }
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
