//! Access tokens: made beside a code or a refresh token, checked, denied.

use countersign_model::acts::{CheckOutcome, GrantId as Small, Outcome};
use countersign_model::history::Made;

use super::Replay;
use crate::access_tokens::{CheckAccessToken, NewAccessToken, NewHolder};
use crate::grants::TokenState;
use crate::suite::world::guess;
use crate::{GrantId, Token};

impl Replay<'_> {
    pub(super) async fn check(
        &mut self,
        grant: Small,
        access_token: u32,
        now: i64,
    ) -> CheckOutcome {
        let secrets = self.secrets(grant);
        let id = secrets.id;
        let Some(&(hash, expires_at)) = secrets.access_tokens.get(access_token as usize) else {
            return CheckOutcome::Ended;
        };
        let check = match self.opaque {
            true => CheckAccessToken::Opaque { grant: id, hash },
            // Its bearer looks at a JWT's exp before the store is asked.
            false if now >= expires_at => return CheckOutcome::Expired,
            false => CheckAccessToken::Jwt {
                grant: id,
                jti: hash,
                must_be_kept: false,
            },
        };
        let state = self.store.check_access_token(&check, now).await;
        match state.expect("returns") {
            TokenState::Active(_) => CheckOutcome::Active,
            TokenState::Expired { .. } => CheckOutcome::Expired,
            TokenState::Denied => CheckOutcome::Denied,
            TokenState::Unknown | TokenState::Ended(_) => CheckOutcome::Ended,
        }
    }

    pub(super) async fn deny(&mut self, grant: Small, access_token: u32, now: i64) -> Outcome {
        let tokens = &self.secrets(grant).access_tokens;
        if let Some(&(hash, expires_at)) = tokens.get(access_token as usize) {
            let done = self.store.deny_access_token(&hash, expires_at + 60, now);
            done.await.expect("returns");
        }
        Outcome::Done
    }

    pub(super) fn new_access_token(&self, id: GrantId, now: i64) -> Option<NewAccessToken> {
        self.opaque.then(|| NewAccessToken {
            hash: guess(),
            id,
            holder: NewHolder::Grant,
            scope: None,
            audience: Vec::new(),
            expires_at: now + self.history.setup.lifetimes.access_token_seconds,
        })
    }

    /// Keeps what a step made, whatever it returned.
    pub(super) fn remember(
        &mut self,
        grant: Small,
        made: Made,
        refresh_token: Token,
        access_token: Option<&NewAccessToken>,
        now: i64,
    ) {
        let expires_at = now + self.history.setup.lifetimes.access_token_seconds;
        let secrets = self.secrets(grant);
        if made.refresh_token.is_some() {
            secrets.refresh_tokens.push(refresh_token);
        }
        if made.access_token.is_some() {
            let hash = access_token.map_or_else(guess, |token| token.hash);
            secrets.access_tokens.push((hash, expires_at));
        }
    }
}
