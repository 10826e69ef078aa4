//! A client, a user with a session, and the acts that they ask for.

use countersign_store::refresh_tokens::MacKey;
use std::path::{Path, PathBuf};

use countersign_jose::random;
use countersign_store::clients::{Client, ClientSecrets};
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Authorization, CodeRequest, IssueCode, JoinSession, NewCode, NewGrant, NewRefreshFamily,
    Otherwise, Parents, Proof, Redeem, RotateRefreshToken, SessionParents, Successor,
};
use countersign_store::sessions::BrowserSession;
use countersign_store::subjects::Status;
use countersign_store::{ClientSessionId, Epoch, GrantId, GrantStore, SecretHash, SessionId};
use countersign_store_sql::Sqlite;
use countersign_store_sql::sqlite::Options;

pub const NOW: i64 = 1_800_000_000;
pub const REDIRECT_URI: &str = "https://app.example/callback";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const MAC_KEY: [u8; 32] = [7; 32];
pub const GRACE_SECONDS: i64 = 10;

/// A folder that goes when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let name = countersign_jose::base64url::encode(random::bytes::<12>());
        let path = std::env::temp_dir().join(format!("countersign-sql-{name}"));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    pub fn database(&self) -> PathBuf {
        self.0.join("store.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

pub fn open(path: &Path) -> Sqlite {
    Sqlite::open(Options::new(path)).expect("the database opens")
}

pub fn epoch() -> Epoch {
    Epoch::from_bytes(random::bytes())
}

pub fn hash(text: &str) -> SecretHash {
    SecretHash::of(text.as_bytes())
}

/// A user who is signed in, and the client that they use.
#[derive(Clone)]
pub struct World {
    pub client_id: String,
    pub client_epoch: Epoch,
    pub sub: String,
    pub user_epoch: Epoch,
    pub session: BrowserSession,
}

pub async fn world(store: &impl GrantStore) -> World {
    let name = |kind: &str| {
        format!(
            "{kind}-{}",
            countersign_jose::base64url::encode(random::bytes::<9>())
        )
    };
    let (sub, user_epoch) = (name("user"), epoch());
    let session = session(&sub, user_epoch);
    let client = client(&name("client"));
    let world = World {
        client_id: client.client_id.clone(),
        client_epoch: client.epoch,
        sub,
        user_epoch,
        session,
    };
    assert!(
        store
            .create_client(&client)
            .await
            .expect("the client is written")
    );
    assert!(
        store
            .create_subject(&world.sub, user_epoch, NOW)
            .await
            .expect("the user is written")
    );
    store
        .start_session(&world.session, None, NOW)
        .await
        .expect("the session is written");
    world
}

fn session(sub: &str, user_epoch: Epoch) -> BrowserSession {
    BrowserSession {
        id: SessionId::from_bytes(random::bytes()),
        mac_key: MacKey::from_bytes([7; 32]),
        secret: SecretHash::from_bytes(random::bytes()),
        epoch: epoch(),
        sub: sub.to_owned(),
        user_epoch,
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
        acr: None,
        proved_in: None,
        created_at: NOW,
        expires_at: NOW + 86_400,
        ended: None,
    }
}

pub fn client(client_id: &str) -> Client {
    Client {
        client_id: client_id.to_owned(),
        epoch: epoch(),
        status: Status::Active,
        secrets: ClientSecrets::default(),
        metadata: "{}".to_owned(),
        owner: None,
        revision: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

impl World {
    /// No user: for acts that name the user themselves.
    pub fn stranger() -> World {
        let user_epoch = epoch();
        World {
            client_id: String::new(),
            client_epoch: epoch(),
            sub: String::new(),
            user_epoch,
            session: session("", user_epoch),
        }
    }

    /// An online, refreshable grant whose code is the hash of "code".
    pub fn issue(&self) -> IssueCode {
        let (sid, sid_epoch) = (ClientSessionId::from_bytes(random::bytes()), epoch());
        IssueCode {
            grant: NewGrant {
                id: GrantId::from_bytes(random::bytes()),
                client_id: self.client_id.clone(),
                sub: self.sub.clone(),
                scope: "openid profile".to_owned(),
                parents: Parents {
                    user: self.user_epoch,
                    client: self.client_epoch,
                    consent: epoch(),
                    session: Some(SessionParents {
                        browser_session: self.session.id,
                        browser_session_epoch: self.session.epoch,
                        sid,
                        client_session_epoch: sid_epoch,
                    }),
                },
                authorization: Authorization {
                    nonce: Some("n-0S6_WzA2Mj".to_owned()),
                    auth_time: NOW,
                    sid: Some(sid),
                    ..Authorization::default()
                },
                refreshable: true,
                created_at: NOW,
                expires_at: NOW + 30 * 86_400,
            },
            code: Some(NewCode {
                hash: hash("code"),
                expires_at: NOW + 60,
                request: CodeRequest {
                    redirect_uri: REDIRECT_URI.to_owned(),
                    code_challenge: Some(CHALLENGE.to_owned()),
                    with_tokens: false,
                },
            }),
            in_response: None,
            form_until: NOW + 60,
            consent: ConsentStep::Record {
                scope: "openid profile".to_owned(),
                given_to: String::new(),
                proposed_epoch: epoch(),
            },
            joins: JoinSession {
                browser_session: self.session.id,
                browser_session_epoch: self.session.epoch,
                proposed_sid: sid,
                proposed_epoch: sid_epoch,
            },
        }
    }

    /// Everything right: makes refresh token "0".
    pub fn redeem(&self, grant: GrantId) -> Redeem {
        Redeem {
            grant,
            presented: hash("code"),
            client_id: self.client_id.clone(),
            proof: Proof::Code {
                redirect_uri: Some(REDIRECT_URI.to_owned()),
                code_challenge: Some(CHALLENGE.to_owned()),
            },
            refresh: NewRefreshFamily {
                mac_key: MacKey::from_bytes(MAC_KEY),
                first: refresh_token(&grant, 0),
                idle_expires_at: Some(NOW + 86_400),
                binding_key: None,
            },
            access_token: None,
        }
    }

    /// Presents refresh token `n` for `n + 1`, with a grace.
    pub fn rotate(&self, grant: GrantId, n: u64, now: i64) -> RotateRefreshToken {
        RotateRefreshToken {
            grant,
            client_id: self.client_id.clone(),
            presented: refresh_token(&grant, n),
            of_the_family: true,
            successor: Some(Successor {
                hash: refresh_token(&grant, n + 1),
                sealed: sealed(n + 1),
                grace_until: now + GRACE_SECONDS,
            }),
            idle_expires_at: Some(now + 86_400),
            binding_key: None,
            access_token: None,
            otherwise: Otherwise::Proceed,
            hint: None,
        }
    }
}

pub fn refresh_token(grant: &GrantId, n: u64) -> SecretHash {
    hash(&format!("{grant} {n}"))
}

pub fn sealed(n: u64) -> Vec<u8> {
    format!("sealed {n}").into_bytes()
}
