//! The browser session behind the cookie.

use axum::response::Response;
use countersign_jose::digest;
use countersign_oauth::acr::acr_of;
use countersign_store::secret_family::MacKey;
use countersign_store::sessions::{
    BrowserSession, RenewOutcome, RenewSession, SessionState, SessionView,
};
use countersign_store::{Epoch, GrantId, SessionId, Token, TokenKind, secret_family};
use http::header;

use crate::Site;
use crate::error::Failure;
use crate::exchange::Exchange;

/// Of several cookies of the session's name, this many are looked at.
const MAX_CANDIDATES: usize = 16;

/// The session that a browser's cookie names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieSession {
    /// Its user is signed in.
    SignedIn(Box<BrowserSession>),
    /// The cookie has an earlier secret of the session: the browser has lost the response that
    /// replaced it. No one is signed in. A fresh proof by the session's user renews the session, a
    /// sign-in by another user ends it, and so does a sign-out.
    Superseded(Box<BrowserSession>),
    /// None, or one that has ended.
    None,
}

impl CookieSession {
    /// The session whose user is signed in.
    pub fn signed_in(self) -> Option<BrowserSession> {
        match self {
            CookieSession::SignedIn(session) => Some(*session),
            CookieSession::Superseded(_) | CookieSession::None => None,
        }
    }

    /// The session that a sign-in renews or replaces, and that a sign-out ends.
    pub fn named(&self) -> Option<&BrowserSession> {
        match self {
            CookieSession::SignedIn(session) | CookieSession::Superseded(session) => Some(session),
            CookieSession::None => None,
        }
    }
}

impl Site {
    /// The session of the browser that sent the request. Of several cookies one that is current
    /// comes first.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn cookie_session(&self, exchange: &Exchange) -> Result<CookieSession, Failure> {
        let candidates = exchange
            .cookies(&self.cookies.session)
            .filter_map(|value| Token::parse(TokenKind::BrowserSession, value))
            .take(MAX_CANDIDATES);
        let mut superseded = CookieSession::None;
        for token in candidates {
            let id = SessionId::from_bytes(token.id);
            let Some(view) = self.sessions.session(&id).await? else {
                continue;
            };
            match view.state(&token, self.now()) {
                SessionState::Live(session) => return Ok(CookieSession::SignedIn(session)),
                SessionState::Superseded(session) if superseded == CookieSession::None => {
                    superseded = CookieSession::Superseded(session);
                }
                SessionState::Superseded(_)
                | SessionState::Unknown
                | SessionState::Expired
                | SessionState::Ended => {}
            }
        }
        Ok(superseded)
    }

    /// The session of the browser that sent the request, if its user is signed in.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn current_session(
        &self,
        exchange: &Exchange,
    ) -> Result<Option<BrowserSession>, Failure> {
        Ok(self.cookie_session(exchange).await?.signed_in())
    }

    /// Records that a user proved who they are. `named` is the session that the cookie names
    /// ([`CookieSession::named`]): the same user's continues under a new secret; another user's
    /// ends, and a new one begins. Returns the session and the cookie's new value.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn sign_in(
        &self,
        named: Option<&BrowserSession>,
        proof: SignIn,
    ) -> Result<(BrowserSession, Token), Failure> {
        let now = self.now();
        if let Some(named) = named.filter(|session| session.sub == proof.sub)
            && let Some(renewed) = self.renew(named, &proof, now).await?
        {
            return Ok(renewed);
        }
        let replaces = named.map(|session| &session.id);
        if let Some(journey) = proof.proved_in {
            let id = session_of(journey, &proof.sub);
            let (session, token) = self.start(id, replaces, &proof, now).await?;
            let found = self.sessions.session(&id).await?;
            let found = found.map(|view| view.session);
            if found
                .as_ref()
                .is_some_and(|found| found.secret == session.secret)
            {
                return Ok((session, token));
            }
            // The same form was posted before: its session continues, unless it has ended since.
            if let Some(found) = found
                && let Some(renewed) = self.renew(&found, &proof, now).await?
            {
                return Ok(renewed);
            }
        }
        let id = SessionId::generate(&*self.random);
        self.start(id, replaces, &proof, now).await
    }

    /// The session that belongs to one of a host's own. It begins with the first proof that names
    /// it. `None` if it has ended, or is another user's: a host's session has one user.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn host_session(
        &self,
        host: &HostSession<'_>,
        proof: &SignIn,
    ) -> Result<Option<BrowserSession>, Failure> {
        let (id, now) = (host.session_id(), self.now());
        let session = BrowserSession {
            auth_time: host.auth_time.min(now),
            expires_at: host.expires_at,
            ..self.begun(id, proof, now)
        };
        // It changes nothing where there is one.
        self.sessions.start_session(&session, None, now).await?;
        let found = self.sessions.session(&id).await?;
        let lives = |view: &SessionView| {
            let session = &view.session;
            view.user_lives
                && session.ended.is_none()
                && now < session.expires_at
                && (&session.sub, session.user_epoch) == (&proof.sub, proof.user_epoch)
        };
        Ok(found.filter(lives).map(|view| view.session))
    }

    /// Starts a session, if there is none of that id.
    async fn start(
        &self,
        id: SessionId,
        replaces: Option<&SessionId>,
        proof: &SignIn,
        now: i64,
    ) -> Result<(BrowserSession, Token), Failure> {
        let mac_key = MacKey::generate(&*self.random);
        let token = self.cookie_secret(&id, &mac_key);
        let session = BrowserSession {
            secret: token.hash(),
            mac_key,
            ..self.begun(id, proof, now)
        };
        self.sessions.start_session(&session, replaces, now).await?;
        Ok((session, token))
    }

    /// A session as it begins, with a cookie that no one has.
    fn begun(&self, id: SessionId, proof: &SignIn, now: i64) -> BrowserSession {
        let mac_key = MacKey::generate(&*self.random);
        BrowserSession {
            id,
            secret: self.cookie_secret(&id, &mac_key).hash(),
            mac_key,
            epoch: Epoch::generate(&*self.random),
            sub: proof.sub.clone(),
            user_epoch: proof.user_epoch,
            auth_time: now,
            amr: proof.amr.clone(),
            acr: Some(acr_of(&proof.amr).to_owned()),
            proved_in: proof.proved_in,
            created_at: now,
            expires_at: now + self.settings.sessions.lifetime_seconds,
            ended: None,
        }
    }

    /// `None` if the session ended meanwhile.
    async fn renew(
        &self,
        named: &BrowserSession,
        proof: &SignIn,
        now: i64,
    ) -> Result<Option<(BrowserSession, Token)>, Failure> {
        let token = self.cookie_secret(&named.id, &named.mac_key);
        let act = RenewSession {
            id: named.id,
            sub: proof.sub.clone(),
            secret: token.hash(),
            user_epoch: proof.user_epoch,
            auth_time: now,
            amr: proof.amr.clone(),
            acr: Some(acr_of(&proof.amr).to_owned()),
            proved_in: proof.proved_in,
            expires_at: now + self.settings.sessions.lifetime_seconds,
        };
        match self.sessions.renew_session(&act, now).await? {
            RenewOutcome::Renewed(session) => Ok(Some((*session, token))),
            RenewOutcome::Unknown => Ok(None),
        }
    }

    fn cookie_secret(&self, id: &SessionId, mac_key: &MacKey) -> Token {
        let kind = TokenKind::BrowserSession;
        secret_family::generate(kind, *id.as_bytes(), mac_key, &*self.random)
    }

    /// Adds the session's cookie. It lasts as long as the browser runs, and no longer than the
    /// session, which the store decides.
    pub fn set_session_cookie(&self, response: &mut Response, token: &Token) {
        if let Some(cookie) = self
            .cookies
            .set(&self.cookies.session, &token.expose(), None)
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    pub fn clear_session_cookie(&self, response: &mut Response) {
        if let Some(cookie) = self.cookies.clear(&self.cookies.session) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// A session that a host keeps itself, as it tells of it.
#[derive(Debug, Clone, Copy)]
pub struct HostSession<'a> {
    /// The host's own name for it, never used for another one.
    pub id: &'a str,
    /// When the user last proved who they are, in Unix seconds.
    pub auth_time: i64,
    /// When it ends by itself, in Unix seconds.
    pub expires_at: i64,
}

impl HostSession<'_> {
    fn session_id(&self) -> SessionId {
        host_session_id(self.id)
    }
}

/// By which id we keep a host's session. It does not tell the host's name for it, which may be a
/// secret.
pub fn host_session_id(id: &str) -> SessionId {
    let text = [b"host session\0".as_slice(), id.as_bytes()].concat();
    let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest::sha256(&text);
    SessionId::from_bytes(half)
}

/// The session that a user's sign-in in a journey starts. A form that is posted twice is one
/// sign-in, though the first cookie may not have reached the browser, and two sessions of one
/// browser could not both be signed out.
fn session_of(journey: GrantId, sub: &str) -> SessionId {
    let mut text = b"browser session".to_vec();
    text.extend_from_slice(journey.as_bytes());
    text.extend_from_slice(sub.as_bytes());
    let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest::sha256(&text);
    SessionId::from_bytes(half)
}

/// A proof that a user just gave.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub sub: String,
    /// Read before the proof was verified.
    pub user_epoch: Epoch,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// The authorization in which it was given.
    pub proved_in: Option<GrantId>,
}
