//! The browser session behind the cookie.

use axum::response::Response;
use countersign_store::sessions::{BrowserSession, RenewOutcome, RenewSession, SessionState};
use countersign_store::{Epoch, GrantId, SessionId, Token, TokenKind};
use http::header;

use crate::Site;
use crate::error::Failure;
use crate::exchange::Exchange;

/// Of several cookies of the session's name, this many are looked at.
const MOST_CANDIDATES: usize = 16;

impl Site {
    /// The live session of the browser that sent the request.
    pub async fn current_session(
        &self,
        exchange: &Exchange,
    ) -> Result<Option<BrowserSession>, Failure> {
        let candidates = exchange
            .cookies(&self.cookies.session)
            .filter_map(|value| Token::parse(TokenKind::BrowserSession, value))
            .take(MOST_CANDIDATES);
        for token in candidates {
            let id = SessionId::from_bytes(token.id);
            let state = self
                .sessions
                .session(&id, &token.hash(), self.now())
                .await?;
            if let SessionState::Live(session) = state {
                return Ok(Some(*session));
            }
        }
        Ok(None)
    }

    /// Records that a user proved who they are: a new session, or the same one under a new secret
    /// where it is the same user's. A session of another user ends in that act. Answers the session
    /// and the cookie's new value.
    pub async fn sign_in(
        &self,
        current: Option<&BrowserSession>,
        proof: SignIn,
    ) -> Result<(BrowserSession, Token), Failure> {
        let now = self.now();
        if let Some(current) = current.filter(|session| session.sub == proof.sub)
            && let Some(renewed) = self.renew(current, &proof, now).await?
        {
            return Ok(renewed);
        }
        let id = SessionId::generate(&*self.random);
        let token = Token::generate(TokenKind::BrowserSession, *id.as_bytes(), &*self.random);
        let session = BrowserSession {
            id,
            secret: token.hash(),
            epoch: Epoch::generate(&*self.random),
            sub: proof.sub,
            user_epoch: proof.user_epoch,
            auth_time: now,
            amr: proof.amr,
            acr: None,
            proved_in: proof.proved_in,
            created_at: now,
            expires_at: now + self.settings.session_lifetime_seconds,
        };
        self.sessions
            .start_session(&session, current.map(|session| &session.id), now)
            .await?;
        Ok((session, token))
    }

    /// `None` where the session ended meanwhile.
    async fn renew(
        &self,
        current: &BrowserSession,
        proof: &SignIn,
        now: i64,
    ) -> Result<Option<(BrowserSession, Token)>, Failure> {
        let token = Token::generate(
            TokenKind::BrowserSession,
            *current.id.as_bytes(),
            &*self.random,
        );
        let act = RenewSession {
            id: current.id,
            presented: current.secret,
            secret: token.hash(),
            user_epoch: proof.user_epoch,
            auth_time: now,
            amr: proof.amr.clone(),
            acr: None,
            proved_in: proof.proved_in,
            expires_at: now + self.settings.session_lifetime_seconds,
        };
        if self.sessions.renew_session(&act, now).await? == RenewOutcome::Unknown {
            return Ok(None);
        }
        let session = BrowserSession {
            secret: act.secret,
            user_epoch: act.user_epoch,
            auth_time: now,
            amr: act.amr,
            acr: None,
            proved_in: act.proved_in,
            expires_at: act.expires_at,
            ..current.clone()
        };
        Ok(Some((session, token)))
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

/// A proof that a user just gave.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub sub: String,
    /// From the read that verified the proof.
    pub user_epoch: Epoch,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// The authorization in which it was given.
    pub proved_in: Option<GrantId>,
}
