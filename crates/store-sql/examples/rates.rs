//! How many acts a second a backend carries, for 1, 16 and 64 callers at once.
//!
//! `taskset -c 0 cargo run --release -p countersign-store-sql --example rates -- FILE`
//! or with a PostgreSQL URL in place of the file.

use countersign_store::refresh_tokens::MacKey;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_jose::random;
use countersign_store::access_tokens::CheckAccessToken;
use countersign_store::clients::{Client, ClientSecrets};
use countersign_store::consents::ConsentStep;
use countersign_store::grants::{
    Authorization, CodeRequest, IssueCode, JoinSession, NewCode, NewGrant, NewRefreshFamily,
    Otherwise, Parents, Proof, Redeem, RedeemOutcome, RotateOutcome, RotateRefreshToken,
    SessionParents, Successor,
};
use countersign_store::sessions::BrowserSession;
use countersign_store::subjects::Status;
use countersign_store::{ClientSessionId, Epoch, GrantId, GrantStore, SecretHash, SessionId};
use countersign_store_sql::{Postgres, Sqlite, postgres, sqlite};

const NOW: i64 = 1_800_000_000;
const FOR: Duration = Duration::from_secs(3);

fn main() {
    let target = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "rates.db".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if target.starts_with("postgres") {
            let store = Postgres::connect(&postgres::Options::new(target)).await;
            measure(Arc::new(store.expect("the database answers"))).await;
        } else {
            let store = Sqlite::open(sqlite::Options::new(target)).expect("the file opens");
            measure(Arc::new(store)).await;
        }
    });
}

async fn measure(store: Arc<impl GrantStore + 'static>) {
    println!("callers    issue+redeem/s    rotations/s    JWT checks/s");
    for callers in [1, 16, 64] {
        let redeemed = count(&store, callers, Kind::Redeem).await;
        let rotated = count(&store, callers, Kind::Rotate).await;
        let checked = count(&store, callers, Kind::Check).await;
        println!("{callers:>7} {redeemed:>17.0} {rotated:>14.0} {checked:>15.0}");
    }
}

#[derive(Clone, Copy)]
enum Kind {
    /// Two acts: a code is issued and redeemed.
    Redeem,
    Rotate,
    Check,
}

async fn count(store: &Arc<impl GrantStore + 'static>, callers: usize, kind: Kind) -> f64 {
    let mut users = Vec::new();
    for _ in 0..callers {
        users.push(User::new(store.as_ref()).await);
    }
    let started = Instant::now();
    let tasks = users.into_iter().map(|user| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let id = user.redeemed(store.as_ref()).await;
            let mut done = 0_u64;
            while started.elapsed() < FOR {
                match kind {
                    Kind::Redeem => drop(user.redeemed(store.as_ref()).await),
                    Kind::Rotate => user.rotated(store.as_ref(), id, done).await,
                    Kind::Check => user.checked(store.as_ref(), id).await,
                }
                done += 1;
                if matches!(kind, Kind::Check) {
                    tokio::task::consume_budget().await;
                }
            }
            done
        })
    });
    let done = futures_util::future::join_all(tasks).await;
    let done: u64 = done.into_iter().map(|done| done.expect("ends well")).sum();
    done as f64 / started.elapsed().as_secs_f64()
}

struct User {
    client_id: String,
    client_epoch: Epoch,
    sub: String,
    user_epoch: Epoch,
    session: SessionId,
    session_epoch: Epoch,
}

impl User {
    async fn new(store: &impl GrantStore) -> User {
        let epoch = || Epoch::from_bytes(random::bytes());
        let session = SessionId::from_bytes(random::bytes());
        let user = User {
            client_id: format!("client-{session}"),
            client_epoch: epoch(),
            sub: format!("user-{session}"),
            user_epoch: epoch(),
            session,
            session_epoch: epoch(),
        };
        let client = Client {
            client_id: user.client_id.clone(),
            epoch: user.client_epoch,
            status: Status::Active,
            secrets: ClientSecrets::default(),
            metadata: "{}".to_owned(),
            owner: None,
            revision: 0,
            created_at: NOW,
            updated_at: NOW,
        };
        store.create_client(&client).await.expect("a client");
        store
            .create_subject(&user.sub, user.user_epoch, NOW)
            .await
            .expect("a user");
        let session = BrowserSession {
            id: user.session,
            mac_key: MacKey::from_bytes([7; 32]),
            secret: SecretHash::from_bytes(random::bytes()),
            epoch: user.session_epoch,
            sub: user.sub.clone(),
            user_epoch: user.user_epoch,
            auth_time: NOW,
            amr: vec!["pwd".to_owned()],
            acr: None,
            proved_in: None,
            created_at: NOW,
            expires_at: NOW + 86_400,
            ended: None,
        };
        store
            .start_session(&session, None, NOW)
            .await
            .expect("a session");
        user
    }

    async fn redeemed(&self, store: &impl GrantStore) -> GrantId {
        let id = GrantId::from_bytes(random::bytes());
        store
            .issue_code(&self.issue(id), NOW)
            .await
            .expect("issued");
        let redeem = Redeem {
            grant: id,
            presented: SecretHash::from_bytes([1; 32]),
            client_id: self.client_id.clone(),
            proof: Proof::Code {
                redirect_uri: Some("https://app.example/callback".to_owned()),
                code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            },
            refresh: NewRefreshFamily {
                mac_key: MacKey::from_bytes([7; 32]),
                first: refresh_token(0),
                idle_expires_at: Some(NOW + 86_400),
                binding_key: None,
            },
            access_token: None,
        };
        let outcome = store.redeem(&redeem, NOW).await.expect("answers");
        assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
        id
    }

    fn issue(&self, id: GrantId) -> IssueCode {
        let (sid, sid_epoch) = (
            ClientSessionId::from_bytes(random::bytes()),
            Epoch::from_bytes(random::bytes()),
        );
        IssueCode {
            grant: NewGrant {
                id,
                client_id: self.client_id.clone(),
                sub: self.sub.clone(),
                scope: "openid profile email".to_owned(),
                parents: Parents {
                    user: self.user_epoch,
                    client: self.client_epoch,
                    consent: sid_epoch,
                    session: Some(SessionParents {
                        browser_session: self.session,
                        browser_session_epoch: self.session_epoch,
                        sid,
                        client_session_epoch: sid_epoch,
                    }),
                },
                authorization: Authorization {
                    nonce: Some("n-0S6_WzA2Mj".to_owned()),
                    auth_time: NOW,
                    ..Authorization::default()
                },
                refreshable: true,
                created_at: NOW,
                expires_at: NOW + 30 * 86_400,
            },
            code: Some(NewCode {
                hash: SecretHash::from_bytes([1; 32]),
                expires_at: NOW + 60,
                request: CodeRequest {
                    redirect_uri: "https://app.example/callback".to_owned(),
                    code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
                    with_tokens: false,
                },
            }),
            in_response: None,
            form_until: NOW + 60,
            consent: ConsentStep::Record {
                scope: "openid profile email".to_owned(),
                given_to: String::new(),
                proposed_epoch: sid_epoch,
            },
            joins: JoinSession {
                browser_session: self.session,
                browser_session_epoch: self.session_epoch,
                proposed_sid: sid,
                proposed_epoch: sid_epoch,
            },
        }
    }

    async fn rotated(&self, store: &impl GrantStore, grant: GrantId, n: u64) {
        let rotate = RotateRefreshToken {
            grant,
            client_id: self.client_id.clone(),
            presented: refresh_token(n),
            of_the_family: true,
            successor: Some(Successor {
                hash: refresh_token(n + 1),
                sealed: vec![9; 93],
                grace_until: NOW + 10,
            }),
            idle_expires_at: Some(NOW + 86_400),
            binding_key: None,
            access_token: None,
            otherwise: Otherwise::Proceed,
            hint: None,
        };
        let outcome = store
            .rotate_refresh_token(&rotate, NOW)
            .await
            .expect("answers");
        assert_eq!(outcome, RotateOutcome::Rotated);
    }

    async fn checked(&self, store: &impl GrantStore, grant: GrantId) {
        let jti = SecretHash::from_bytes([3; 32]);
        let check = CheckAccessToken::Jwt {
            grant,
            jti,
            must_be_kept: false,
        };
        store
            .check_access_token(&check, NOW)
            .await
            .expect("answers");
    }
}

fn refresh_token(n: u64) -> SecretHash {
    SecretHash::of(&n.to_le_bytes())
}
