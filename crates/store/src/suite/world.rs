//! A user who is signed in, the client that they use, and the acts that the two bring about.

use crate::refresh_tokens::MacKey;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign_jose::base64url;
use countersign_jose::random::{self, SeededRandom};

use crate::clients::{Client, ClientSecret, ClientSecrets, KeptSecret};
use crate::consents::ConsentStep;
use crate::grants::{
    Authorization, CodeRequest, EndCause, GrantView, GrantedClaims, IssueCode, IssueOutcome,
    JoinSession, NewCode, NewGrant, NewRefreshFamily, Otherwise, Parents, Proof, Redeem,
    RedeemOutcome, RotateOutcome, RotateRefreshToken, SessionParents, Successor, Voucher,
};
use crate::sessions::{BrowserSession, SessionState};
use crate::standing::{StandingChange, StandingOutcome, Status};
use crate::{
    ClientSessionId, Epoch, GrantId, GrantStore, SecretHash, SessionId, Token, TokenKind,
    secret_family,
};

pub(super) const REDIRECT_URI: &str = "https://app.example/callback";
/// RFC 7636, appendix B.
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const MAC_KEY: [u8; 32] = [7; 32];
pub(super) const SCOPE: &str = "openid profile";
pub(super) const GRACE_SECONDS: i64 = 10;
pub(super) const CODE_SECONDS: i64 = 60;
pub(super) const FORM_SECONDS: i64 = 50;
pub(super) const IDLE_SECONDS: i64 = 86_400;
pub(super) const GRANT_SECONDS: i64 = 30 * 86_400;

pub(super) type Grants = Arc<dyn GrantStore>;

/// Where the suite's instants begin: the machine's clock, since a store may collect garbage by its
/// own.
#[expect(
    clippy::disallowed_methods,
    reason = "the suite is an edge: a store may collect by the machine's clock"
)]
pub(super) fn start() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}

/// The code that an act issues.
pub(super) fn new_code(act: &mut IssueCode) -> &mut NewCode {
    act.code.as_mut().expect("a code")
}

pub(super) fn epoch() -> Epoch {
    Epoch::from_bytes(random::bytes())
}

pub(super) fn hash(text: &str) -> SecretHash {
    SecretHash::of(text.as_bytes())
}

pub(super) fn guess() -> SecretHash {
    SecretHash::from_bytes(random::bytes())
}

pub(super) fn unknown_grant() -> GrantId {
    GrantId::from_bytes(random::bytes())
}

pub(super) fn name(kind: &str) -> String {
    format!("{kind}-{}", base64url::encode(random::bytes::<9>()))
}

/// Alice, signed in, and a client. Every world has names of its own.
#[derive(Clone)]
pub(super) struct World {
    /// When it began.
    pub now: i64,
    pub client_id: String,
    pub client_epoch: Epoch,
    pub sub: String,
    pub user_epoch: Epoch,
    pub session: BrowserSession,
}

impl World {
    pub async fn new(store: &Grants) -> World {
        let client = client(&name("client"));
        assert!(store.create_client(&client).await.expect("returns"));
        World::with_client(store, &client).await
    }

    /// Another user of the same client.
    pub async fn neighbour(&self, store: &Grants) -> World {
        let client = store.client(&self.client_id).await.expect("returns");
        World::with_client(store, &client.expect("the client is there")).await
    }

    async fn with_client(store: &Grants, client: &Client) -> World {
        let now = start();
        let (sub, user_epoch) = (name("alice"), epoch());
        let created = store.create_subject(&sub, user_epoch, now).await;
        assert!(created.expect("returns"));
        let session = session(&sub, user_epoch, now);
        let started = store.start_session(&session, None, now).await;
        started.expect("returns");
        World {
            now,
            client_id: client.client_id.clone(),
            client_epoch: client.epoch,
            sub,
            user_epoch,
            session,
        }
    }

    /// What a racer in another process knows: the client and the instant.
    pub fn stranger(client_id: &str, now: i64) -> World {
        let user_epoch = epoch();
        World {
            now,
            client_id: client_id.to_owned(),
            client_epoch: epoch(),
            sub: String::new(),
            user_epoch,
            session: session("", user_epoch, now),
        }
    }

    /// An online, refreshable grant of its own, with code 0.
    pub fn issue(&self) -> IssueCode {
        let id = unknown_grant();
        let (sid, sid_epoch) = (ClientSessionId::from_bytes(random::bytes()), epoch());
        IssueCode {
            grant: NewGrant {
                id,
                client_id: self.client_id.clone(),
                sub: self.sub.clone(),
                scope: SCOPE.to_owned(),
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
                    auth_time: self.now - 5,
                    acr: Some("urn:example:password".to_owned()),
                    amr: vec!["pwd".to_owned(), "otp".to_owned()],
                    sid: Some(sid),
                    resources: vec!["https://api.example/a".to_owned()],
                    claims: Some(Box::new(GrantedClaims {
                        userinfo: vec!["email".to_owned(), "name#de".to_owned()],
                        id_token: vec!["name".to_owned()],
                        locales: vec!["de".to_owned()],
                    })),
                },
                refreshable: true,
                created_at: self.now,
                expires_at: self.now + GRANT_SECONDS,
            },
            code: Some(NewCode {
                hash: code(&id, 0),
                expires_at: self.now + CODE_SECONDS,
                request: CodeRequest {
                    redirect_uri: REDIRECT_URI.to_owned(),
                    code_challenge: Some(CHALLENGE.to_owned()),
                    with_tokens: false,
                },
            }),
            in_response: None,
            form_until: self.now + FORM_SECONDS,
            consent: ConsentStep::Record {
                scope: SCOPE.to_owned(),
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

    /// The same under the consent alone (offline_access).
    pub fn issue_offline(&self) -> IssueCode {
        let mut act = self.issue();
        act.grant.parents.session = None;
        act
    }

    /// Everything right with code 0; makes refresh token 0.
    pub fn redeem(&self, id: GrantId) -> Redeem {
        Redeem {
            grant: id,
            presented: code(&id, 0),
            client_id: self.client_id.clone(),
            proof: proof(Some(REDIRECT_URI), Some(CHALLENGE)),
            refresh: NewRefreshFamily {
                mac_key: MacKey::from_bytes(MAC_KEY),
                first: refresh_token(&id, 0),
                idle_expires_at: Some(self.now + IDLE_SECONDS),
                binding_key: None,
            },
            access_token: None,
        }
    }

    /// Presents refresh token `n` for `n + 1`, with a grace from `now`.
    pub fn rotate(&self, id: GrantId, n: u64, now: i64) -> RotateRefreshToken {
        RotateRefreshToken {
            grant: id,
            client_id: self.client_id.clone(),
            presented: refresh_token(&id, n),
            of_the_family: true,
            successor: Some(Successor {
                hash: refresh_token(&id, n + 1),
                sealed: sealed(&id, n + 1),
                grace_until: now + GRACE_SECONDS,
            }),
            idle_expires_at: Some(now + IDLE_SECONDS),
            binding_key: None,
            access_token: None,
            otherwise: Otherwise::Proceed,
            hint: None,
        }
    }

    pub async fn issued(&self, store: &Grants) -> GrantId {
        self.carry_out_issue(store, &self.issue()).await
    }

    pub async fn carry_out_issue(&self, store: &Grants, act: &IssueCode) -> GrantId {
        let outcome = store.issue_code(act, self.now).await.expect("returns");
        assert!(
            matches!(outcome, IssueOutcome::Issued { .. }),
            "{outcome:?}"
        );
        act.grant.id
    }

    pub async fn redeemed(&self, store: &Grants) -> GrantId {
        let id = self.issued(store).await;
        self.carry_out_redeem(store, id).await;
        id
    }

    pub async fn redeemed_offline(&self, store: &Grants) -> GrantId {
        let id = self.carry_out_issue(store, &self.issue_offline()).await;
        self.carry_out_redeem(store, id).await;
        id
    }

    pub async fn carry_out_redeem(&self, store: &Grants, id: GrantId) {
        let outcome = redeem(store, &self.redeem(id), self.now).await;
        assert!(matches!(outcome, RedeemOutcome::Redeemed(_)), "{outcome:?}");
    }

    /// Rotates token `n` at `now`, which is `Rotated`.
    pub async fn rotated(&self, store: &Grants, id: GrantId, n: u64, now: i64) {
        let outcome = rotate(store, &self.rotate(id, n, now), now).await;
        assert_eq!(outcome, RotateOutcome::Rotated);
    }
}

/// What a client presents beside a code.
pub(super) fn proof(redirect_uri: Option<&str>, code_challenge: Option<&str>) -> Proof {
    Proof::Code {
        redirect_uri: redirect_uri.map(str::to_owned),
        code_challenge: code_challenge.map(str::to_owned),
    }
}

pub(super) async fn redeem(store: &Grants, act: &Redeem, now: i64) -> RedeemOutcome {
    store.redeem(act, now).await.expect("returns")
}

/// The grant's code.
pub(super) fn code_of(view: &GrantView) -> &Voucher {
    view.grant.origin.voucher().expect("the grant has a code")
}

pub(super) async fn rotate(store: &Grants, act: &RotateRefreshToken, now: i64) -> RotateOutcome {
    store.rotate_refresh_token(act, now).await.expect("returns")
}

pub(super) async fn view(store: &Grants, id: &GrantId) -> GrantView {
    let view = store.grant(id).await.expect("returns");
    view.expect("the grant is there")
}

/// An act on a user's standing that takes place.
pub(super) async fn change_user(store: &Grants, sub: &str, change: StandingChange, now: i64) {
    let outcome = store.change_subject_standing(sub, &change, now).await;
    assert_eq!(outcome.expect("returns"), StandingOutcome::Changed);
}

/// An act on a client's standing that takes place.
pub(super) async fn change_client(store: &Grants, id: &str, change: StandingChange, now: i64) {
    let outcome = store.change_client_standing(id, &change, now).await;
    assert_eq!(outcome.expect("returns"), StandingOutcome::Changed);
}

/// The two acts that end everything below a user or a client.
pub(super) fn endings() -> [StandingChange; 2] {
    [
        StandingChange::End { epoch: epoch() },
        StandingChange::Disable { epoch: epoch() },
    ]
}

/// Ends the grant for a cause of no matter.
pub(super) async fn end(store: &Grants, id: &GrantId, now: i64) {
    let outcome = store.end_grant(id, None, EndCause::Revoked, now).await;
    outcome.expect("returns");
}

/// A session of its own, with cookie 0.
pub(super) fn session(sub: &str, user_epoch: Epoch, now: i64) -> BrowserSession {
    let id = SessionId::from_bytes(random::bytes());
    BrowserSession {
        id,
        mac_key: MacKey::from_bytes(MAC_KEY),
        secret: cookie(&id, 0).hash(),
        epoch: epoch(),
        sub: sub.to_owned(),
        user_epoch,
        auth_time: now,
        amr: vec!["pwd".to_owned()],
        acr: None,
        proved_in: None,
        created_at: now,
        expires_at: now + 86_400,
        ended: None,
    }
}

/// The session's nth cookie.
pub(super) fn cookie(id: &SessionId, n: u64) -> Token {
    let (kind, key) = (TokenKind::BrowserSession, MacKey::from_bytes(MAC_KEY));
    secret_family::generate(kind, *id.as_bytes(), &key, &SeededRandom::new(n))
}

/// What a cookie is worth.
pub(super) async fn state(store: &Grants, cookie: &Token, now: i64) -> SessionState {
    let id = SessionId::from_bytes(cookie.id);
    let found = store.session(&id).await.expect("returns");
    found.map_or(SessionState::Unknown, |view| view.state(cookie, now))
}

pub(super) fn client(client_id: &str) -> Client {
    let now = start();
    Client {
        client_id: client_id.to_owned(),
        epoch: epoch(),
        status: Status::Active,
        secrets: ClientSecrets::default(),
        metadata: "{}".to_owned(),
        owner: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    }
}

/// A client's secrets: one of each kind that is kept.
pub(super) fn client_secrets() -> ClientSecrets {
    let secret = |id: &str, expires_at, kept| ClientSecret {
        id: id.to_owned(),
        created_at: start(),
        expires_at,
        kept,
    };
    ClientSecrets::from(vec![
        secret("first", None, KeptSecret::Hashed(hash("first"))),
        secret(
            "second",
            Some(start() + 60),
            KeptSecret::Sealed(vec![0, 1, 2, 255]),
        ),
    ])
}

/// The grant's nth code.
pub(super) fn code(id: &GrantId, n: u64) -> SecretHash {
    hash(&format!("code {id} {n}"))
}

/// The grant's nth refresh token.
pub(super) fn refresh_token(id: &GrantId, n: u64) -> SecretHash {
    hash(&format!("refresh token {id} {n}"))
}

/// The grant's nth refresh token as its predecessor's holder would open it.
pub(super) fn sealed(id: &GrantId, n: u64) -> Vec<u8> {
    format!("sealed {id} {n}").into_bytes()
}
