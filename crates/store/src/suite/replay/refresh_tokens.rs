//! Refresh tokens, presented.

use countersign_jose::random::SystemRandom;
use countersign_model::acts::{ClientId, GrantId as Small, RotateOutcome, Secret};
use countersign_model::history::Made;

use super::Replay;
use crate::grants::{self, Otherwise, RotateRefreshToken, Successor};
use crate::{Token, TokenKind, refresh_tokens};

impl Replay<'_> {
    pub(super) async fn rotate(
        &mut self,
        grant: Small,
        token: Secret,
        client: ClientId,
        faulty: bool,
        now: i64,
        made: Made,
    ) -> RotateOutcome {
        let rotates = self.history.setup.rotates(client);
        let lifetimes = &self.history.setup.lifetimes;
        let (idle, grace) = (lifetimes.refresh_idle_seconds, lifetimes.grace_seconds);
        let secrets = self.secrets(grant);
        let (id, mac_key) = (secrets.id, secrets.mac_key.clone());
        let made_up = Token::generate(TokenKind::RefreshToken, *id.as_bytes(), &SystemRandom);
        let presented = match token {
            Secret::Issued(number) => secrets.refresh_tokens.get(number as usize),
            Secret::MadeUp => None,
        };
        let presented = presented.unwrap_or(&made_up);
        let next = refresh_tokens::generate(id, &mac_key, &SystemRandom);
        let mut act = RotateRefreshToken {
            grant: id,
            client_id: String::new(),
            presented: presented.hash(),
            of_the_family: refresh_tokens::is_of_the_family(presented, &mac_key),
            successor: rotates.then(|| Successor {
                hash: next.hash(),
                sealed: refresh_tokens::seal_successor(presented, &next, &SystemRandom),
                grace_until: now + grace,
            }),
            idle_expires_at: Some(now + idle),
            binding_key: None,
            access_token: None,
            otherwise: match faulty {
                true => Otherwise::Refuse,
                false => Otherwise::Proceed,
            },
            hint: None,
        };
        act.client_id
            .clone_from(&self.clients[usize::from(client.0)]);
        act.access_token = self.new_access_token(id, now);
        let outcome = self.store.rotate_refresh_token(&act, now).await;
        let outcome = match outcome.expect("returns") {
            grants::RotateOutcome::Rotated => RotateOutcome::Rotated {
                successor: self.secrets(grant).refresh_tokens.len() as u32,
            },
            grants::RotateOutcome::Kept => RotateOutcome::Kept,
            grants::RotateOutcome::Repeated { sealed_successor } => RotateOutcome::Repeated {
                successor: self.opened(grant, token, &sealed_successor),
            },
            grants::RotateOutcome::Reused { .. } => RotateOutcome::Reused,
            grants::RotateOutcome::Unknown => RotateOutcome::Unknown,
            grants::RotateOutcome::ForeignClient => RotateOutcome::ForeignClient,
            grants::RotateOutcome::Expired { .. } => RotateOutcome::Expired,
            grants::RotateOutcome::Ended(_) => RotateOutcome::Ended,
            grants::RotateOutcome::Withheld => RotateOutcome::Withheld,
            grants::RotateOutcome::WrongKey => panic!("no history has a key"),
        };
        self.remember(grant, made, next, act.access_token.as_ref(), now);
        outcome
    }

    /// The number of the token that the presented one opens; a number that no token has if it opens
    /// nothing, or something that the store was never given.
    fn opened(&mut self, grant: Small, presented: Secret, sealed: &[u8]) -> u32 {
        let tokens = &self.secrets(grant).refresh_tokens;
        let Secret::Issued(number) = presented else {
            return u32::MAX;
        };
        let presented = tokens.get(number as usize);
        let opened = presented.and_then(|token| refresh_tokens::open_successor(token, sealed));
        let opened = opened.map(|token| token.hash());
        let found = tokens.iter().position(|token| Some(token.hash()) == opened);
        found.map_or(u32::MAX, |number| number as u32)
    }
}
