//! `grant`, `session`, `user sign-out` and `client revoke-grants`: what there is, and how it ends.

use countersign::surroundings::now;
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Authorization, CodeRequest, Grants as _, IssueCode, JoinSession, NewCode, NewGrant,
    NewRefreshFamily, Parents, Proof, Redeem, RedeemOutcome, SessionParents,
};
use countersign_store::refresh_tokens::MacKey;
use countersign_store::sessions::{BrowserSession, Sessions as _};
use countersign_store::{ClientSessionId, Epoch, GrantId, SecretHash, SessionId};
use countersign_store::{clients::ClientEpochs as _, subjects::Subjects as _};
use countersign_store_sql::Sqlite;
use countersign_store_sql::sqlite::Options;
use serde_json::{Value, json};

use crate::command::Deployment;

/// A deployment with alice and bob and the clients shop and forum.
fn deployment() -> Deployment {
    let deployment = Deployment::new("");
    for name in ["alice", "bob"] {
        deployment.json(&["user", "create", "--username", name]);
    }
    for id in ["shop", "forum"] {
        let uri = "https://app.example/callback";
        let words = ["client", "create", "--client-id", id, "--redirect-uri", uri];
        deployment.json(&words);
    }
    deployment
}

fn sub_of(deployment: &Deployment, name: &str) -> String {
    let user = deployment.json(&["user", "show", name]);
    user["sub"].as_str().unwrap().to_owned()
}

/// What a person's sign-ins left behind: a session, and a grant to each client, as their ids.
fn signed_in(
    deployment: &Deployment,
    number: u8,
    name: &str,
    clients: &[&str],
) -> (String, Vec<String>) {
    let sub = sub_of(deployment, name);
    let path = deployment.folder.join("data/countersign.sqlite3");
    let store = Sqlite::open(Options::new(path)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let at = now();
        let user_epoch = store.subject(&sub).await.unwrap().unwrap().epoch;
        let session = BrowserSession {
            id: SessionId::from_bytes([number; 16]),
            mac_key: MacKey::from_bytes([1; 32]),
            secret: SecretHash::of(b"cookie"),
            epoch: Epoch::from_bytes([number; 16]),
            sub: sub.clone(),
            user_epoch,
            auth_time: at,
            amr: vec!["pwd".to_owned()],
            acr: None,
            proved_in: None,
            created_at: at,
            expires_at: at + 3600,
            ended: None,
        };
        store.start_session(&session, None, at).await.unwrap();
        let mut ids = Vec::new();
        for (place, client_id) in clients.iter().enumerate() {
            let id = GrantId::from_bytes([number + 16 * (1 + place as u8); 16]);
            grant(&store, &session, id, client_id).await;
            ids.push(id.to_string());
        }
        (session.id.to_string(), ids)
    })
}

async fn grant(store: &Sqlite, session: &BrowserSession, id: GrantId, client_id: &str) {
    let at = now();
    let client = store.client(client_id).await.unwrap().unwrap();
    let (sid, epoch) = (
        ClientSessionId::from_bytes(*id.as_bytes()),
        Epoch::from_bytes([9; 16]),
    );
    let request = CodeRequest {
        redirect_uri: "https://app.example/callback".to_owned(),
        code_challenge: None,
        with_tokens: false,
    };
    let act = IssueCode {
        grant: NewGrant {
            id,
            client_id: client_id.to_owned(),
            sub: session.sub.clone(),
            scope: "openid".to_owned(),
            parents: Parents {
                user: session.user_epoch,
                client: client.epoch,
                consent: epoch,
                session: Some(SessionParents {
                    browser_session: session.id,
                    browser_session_epoch: session.epoch,
                    sid,
                    client_session_epoch: epoch,
                }),
            },
            authorization: Authorization::default(),
            refreshable: true,
            created_at: at,
            expires_at: at + 3600,
        },
        code: Some(NewCode {
            hash: SecretHash::of(b"code"),
            expires_at: at + 60,
            request,
        }),
        in_response: None,
        form_until: at + 60,
        consent: ConsentStep::Record {
            scope: "openid".to_owned(),
            given_to: String::new(),
            proposed_epoch: epoch,
        },
        joins: JoinSession {
            browser_session: session.id,
            browser_session_epoch: session.epoch,
            proposed_sid: sid,
            proposed_epoch: epoch,
        },
    };
    store.issue_code(&act, at).await.unwrap();
    let act = Redeem {
        grant: id,
        presented: SecretHash::of(b"code"),
        client_id: client_id.to_owned(),
        proof: Proof::Code {
            redirect_uri: Some("https://app.example/callback".to_owned()),
            code_challenge: None,
        },
        refresh: NewRefreshFamily {
            mac_key: MacKey::from_bytes([7; 32]),
            first: SecretHash::of(b"refresh token"),
            idle_expires_at: None,
            binding_key: None,
        },
        access_token: None,
    };
    let outcome = store.redeem(&act, at).await.unwrap();
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
}

/// The ids of a list, sorted as they come.
fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn grants_are_listed_by_user_client_and_session() {
    let deployment = deployment();
    let (session, alices) = signed_in(&deployment, 1, "alice", &["shop", "forum"]);
    let (_, bobs) = signed_in(&deployment, 2, "bob", &["shop"]);
    let mut every: Vec<&str> = [&alices[..], &bobs]
        .concat()
        .leak()
        .iter()
        .map(String::as_str)
        .collect();
    every.sort_unstable_by_key(|id| id.parse::<GrantId>().unwrap());
    for (words, expected) in [
        (&[][..], &every[..]),
        (
            &["--user", "ALICE"],
            &[&alices[0], &alices[1]].map(String::as_str)[..],
        ),
        (&["--client", "forum"], &[alices[1].as_str()]),
        (&["--user", "bob", "--client", "shop"], &[bobs[0].as_str()]),
        (&["--user", "bob", "--client", "forum"], &[]),
        (
            &["--session", &session, "--client", "shop"],
            &[alices[0].as_str()],
        ),
        (&["--session", &session, "--user", "bob"], &[]),
    ] {
        let list = deployment.json(&[&["grant", "list"], words].concat());
        assert_eq!(ids(&list), expected, "{words:?}");
    }
    let list = deployment.json(&["grant", "list", "--client", "forum"]);
    let grant = &list[0];
    assert_eq!(grant["username"], "alice");
    assert_eq!(grant["sub"], sub_of(&deployment, "alice").as_str());
    assert_eq!(grant["client_id"], "forum");
    assert_eq!(grant["scope"], "openid");
    assert_eq!(grant["status"], "active");
    assert_eq!(grant["session"], session.as_str());
    assert_eq!(grant["offline"], false);
    let table = deployment.run(&["grant", "list"]).stdout;
    assert!(table.starts_with("ID "), "{table}");
    assert_eq!(table.matches("alice").count(), 2, "{table}");
    // A typing error is not "no grants".
    for words in [["--user", "carol"], ["--client", "shp"], ["--session", "x"]] {
        let answer = deployment.run(&[&["grant", "list"], &words[..]].concat());
        assert_eq!(answer.code, 4, "{words:?}: {}", answer.stderr);
    }
}

#[test]
fn a_grant_is_revoked_once_it_is_confirmed() {
    let deployment = deployment();
    let (_, alices) = signed_in(&deployment, 1, "alice", &["shop", "forum"]);
    let id = alices[0].as_str();
    let asked = deployment.run(&["grant", "revoke", id]);
    assert_eq!(asked.code, 6, "{}", asked.stderr);
    assert_eq!(
        deployment
            .json(&["grant", "list"])
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let value = deployment.json(&["grant", "revoke", id, "--yes"]);
    assert_eq!(value["revoked"], 1);
    assert_eq!(value["client_id"], "shop");
    assert_eq!(
        ids(&deployment.json(&["grant", "list"])),
        [alices[1].as_str()]
    );
    let all = deployment.json(&["grant", "list", "--all"]);
    let ended = all
        .as_array()
        .unwrap()
        .iter()
        .find(|grant| grant["id"] == id)
        .unwrap();
    assert_eq!(ended["status"], "ended");
    assert_eq!(ended["ended_because"], "an operator deleted it");

    let again = deployment.run(&["grant", "revoke", id, "--yes"]);
    assert_eq!(again.code, 5, "{}", again.stderr);
    assert!(
        again.stderr.contains("had ended before"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("grant.revoke"), "{}", again.stderr);
    let unknown = deployment.run(&["grant", "revoke", "x", "--yes"]);
    assert_eq!(unknown.code, 4, "{}", unknown.stderr);
    for words in [
        &["grant", "revoke", "--yes"][..],
        &["grant", "revoke", "--user", "alice", "--yes"],
        &["grant", "revoke", "--client", "shop", "--yes"],
        &[
            "grant", "revoke", id, "--user", "alice", "--client", "shop", "--yes",
        ],
    ] {
        assert_eq!(deployment.run(words).code, 2, "{words:?}");
    }
}

#[test]
fn what_a_user_has_allowed_a_client_is_revoked_together() {
    let deployment = deployment();
    let (_, alices) = signed_in(&deployment, 1, "alice", &["shop", "forum"]);
    let (_, bobs) = signed_in(&deployment, 2, "bob", &["shop"]);
    let words = ["grant", "revoke", "--user", "alice", "--client", "shop"];
    assert_eq!(deployment.run(&words).code, 6);
    let confirmed = [&words[..], &["--yes"]].concat();
    assert_eq!(deployment.json(&confirmed)["withdrawn"], 1);
    let left = deployment.json(&["grant", "list"]);
    assert_eq!(left.as_array().unwrap().len(), 2);
    let left = ids(&left);
    assert!(left.contains(&alices[1].as_str()) && left.contains(&bobs[0].as_str()));
    assert_eq!(deployment.run(&confirmed).code, 4, "there is nothing left");
}

#[test]
fn sessions_are_listed_and_revoked() {
    let deployment = deployment();
    let (first, _) = signed_in(&deployment, 1, "alice", &["shop"]);
    let (second, _) = signed_in(&deployment, 2, "alice", &["forum"]);
    let (bobs, _) = signed_in(&deployment, 3, "bob", &["shop"]);
    assert_eq!(
        ids(&deployment.json(&["session", "list"])),
        [&first, &second, &bobs]
    );
    let list = deployment.json(&["session", "list", "--user", "alice"]);
    assert_eq!(ids(&list), [&first, &second]);
    assert_eq!(list[0]["username"], "alice");
    assert_eq!(list[0]["status"], "active");
    assert_eq!(list[0]["amr"], json!(["pwd"]));

    assert_eq!(deployment.run(&["session", "revoke", &first]).code, 6);
    let value = deployment.json(&["session", "revoke", &first, "--yes"]);
    assert_eq!(value, json!({ "revoked": 1, "ids": [first] }));
    assert_eq!(
        ids(&deployment.json(&["session", "list"])),
        [&second, &bobs]
    );
    let grants = deployment.json(&["grant", "list", "--user", "alice"]);
    assert_eq!(grants[0]["client_id"], "forum");
    assert_eq!(
        grants.as_array().unwrap().len(),
        1,
        "its grant ended with it"
    );
    assert_eq!(
        deployment.run(&["session", "revoke", &first, "--yes"]).code,
        5
    );
    assert_eq!(deployment.run(&["session", "revoke", "x", "--yes"]).code, 4);

    let of_alice = ["session", "revoke", "--user", "alice"];
    assert_eq!(deployment.run(&of_alice).code, 6);
    let value = deployment.json(&[&of_alice[..], &["--yes"]].concat());
    assert_eq!(value, json!({ "revoked": 1, "ids": [second] }));
    assert_eq!(ids(&deployment.json(&["session", "list"])), [&bobs]);
    let all = deployment.json(&["session", "list", "--all"]);
    assert_eq!(all.as_array().unwrap().len(), 3);
    for words in [
        &["session", "revoke", "--yes"][..],
        &["session", "revoke", &bobs, "--user", "bob", "--yes"],
    ] {
        assert_eq!(deployment.run(words).code, 2, "{words:?}");
    }
}

#[test]
fn everything_of_a_user_or_of_a_client_is_revoked_at_once() {
    let deployment = deployment();
    let (_, alices) = signed_in(&deployment, 1, "alice", &["shop", "forum"]);
    let (bobs_session, bobs) = signed_in(&deployment, 2, "bob", &["shop", "forum"]);
    assert_eq!(deployment.run(&["user", "sign-out", "alice"]).code, 6);
    let user = deployment.json(&["user", "sign-out", "alice", "--yes"]);
    assert_eq!(user["status"], "active", "the account stays");
    assert_eq!(ids(&deployment.json(&["session", "list"])), [&bobs_session]);
    let left = deployment.json(&["grant", "list"]);
    assert_eq!(ids(&left), [&bobs[0], &bobs[1]]);

    assert_eq!(deployment.run(&["client", "revoke-grants", "shop"]).code, 6);
    let client = deployment.json(&["client", "revoke-grants", "shop", "--yes"]);
    assert_eq!(client["status"], "active");
    let left = deployment.json(&["grant", "list"]);
    assert_eq!(ids(&left), [&bobs[1]]);
    let all = deployment.json(&["grant", "list", "--all", "--user", "alice"]);
    assert_eq!(all.as_array().unwrap().len(), alices.len());
    for words in [
        ["user", "sign-out", "carol"],
        ["client", "revoke-grants", "shp"],
    ] {
        let answer = deployment.run(&[&words[..], &["--yes"]].concat());
        assert_eq!(answer.code, 4, "{words:?}: {}", answer.stderr);
    }
}

#[test]
fn an_api_may_be_allowed_to_introspect_if_it_authenticates() {
    let deployment = Deployment::new("");
    let grant_type = ["--grant-type", "client_credentials"];
    let words = ["client", "create", "--name", "API", "--may-introspect"];
    let made = deployment.json(&[&words[..], &grant_type].concat());
    assert_eq!(made["may_introspect"], true);
    let uri = "http://127.0.0.1/callback";
    let public = [&words[..], &["--public", "--redirect-uri", uri]].concat();
    let answer = deployment.run(&public);
    assert_eq!(answer.code, 7, "{}", answer.stderr);
    assert!(answer.stderr.contains("credential"), "{}", answer.stderr);
}
