//! A browser session's secrets: the present one signs in, an earlier one names the session.

use crate::acts::{BrowserSessionId, CookieOutcome, Epoch, RenewOutcome, Secret, UserId};
use crate::state::{Parent, State};

impl State {
    /// The number of the session's present secret.
    pub fn present_secret(&self, session: BrowserSessionId) -> u32 {
        self.cookies.get(&session).copied().unwrap_or(0)
    }

    pub(super) fn present_cookie(
        &self,
        session: BrowserSessionId,
        secret: Secret,
    ) -> CookieOutcome {
        let present = self.present_secret(session);
        let Secret::Issued(number) = secret else {
            return CookieOutcome::Unknown;
        };
        if number > present {
            return CookieOutcome::Unknown;
        }
        if !self.session_lives(session) {
            return CookieOutcome::Ended;
        }
        match number == present {
            true => CookieOutcome::Live,
            false => CookieOutcome::Superseded,
        }
    }

    /// As with a grant, the user's present epoch is compared after the record has moved.
    pub(super) fn renew(
        &mut self,
        session: BrowserSessionId,
        user: UserId,
        user_epoch: Epoch,
        secret: u32,
    ) -> RenewOutcome {
        let is_the_users = self.setup.browser_sessions.get(usize::from(session.0)) == Some(&user);
        let ended = self.epoch(Parent::BrowserSession(session)) != FIRST;
        if ended || !is_the_users || user_epoch != FIRST {
            return RenewOutcome::Unknown;
        }
        self.cookies.insert(session, secret);
        match self.session_lives(session) {
            true => RenewOutcome::Renewed,
            false => RenewOutcome::Unknown,
        }
    }

    /// A session is written at the setup, under its user's first epoch, and never again.
    fn session_lives(&self, session: BrowserSessionId) -> bool {
        let user = self.setup.browser_sessions.get(usize::from(session.0));
        self.epoch(Parent::BrowserSession(session)) == FIRST
            && user.is_some_and(|user| self.accepts(Parent::User(*user), FIRST))
    }
}

const FIRST: Epoch = Epoch(0);
