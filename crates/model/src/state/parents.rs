//! The records above a grant: their epochs, their endings, and the comparison with what a grant
//! took.

use crate::acts::{
    BrowserSessionId, ClientId, EnableOutcome, EndClientSessionOutcome, Epoch, Outcome,
    ParentEpochs, Under, UserId,
};
use crate::grant::Grant;
use crate::state::State;

/// A record whose epoch grants carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parent {
    User(UserId),
    BrowserSession(BrowserSessionId),
    /// The client's part of the browser session.
    ClientSession(BrowserSessionId, ClientId),
    Consent(UserId, ClientId),
    Client(ClientId),
}

/// How many parents a grant has at most.
pub const PARENTS: usize = 5;

/// The grant's parents, each with the epoch that was taken from it. An offline grant has two fewer.
pub fn parents(grant: &Grant) -> [Option<(Parent, Epoch)>; PARENTS] {
    let client_session = |session| Parent::ClientSession(session, grant.client);
    [
        Some((Parent::User(grant.user), grant.taken.user)),
        grant
            .browser_session
            .map(Parent::BrowserSession)
            .zip(grant.taken.browser_session),
        grant
            .browser_session
            .map(client_session)
            .zip(grant.client_session),
        Some((
            Parent::Consent(grant.user, grant.client),
            grant.taken.consent,
        )),
        Some((Parent::Client(grant.client), grant.taken.client)),
    ]
}

impl State {
    /// The present epoch of a parent.
    pub fn epoch(&self, parent: Parent) -> Epoch {
        self.epochs.get(&parent).copied().unwrap_or_default()
    }

    /// Whether a record that took `epoch` from the parent is still valid.
    pub fn accepts(&self, parent: Parent, epoch: Epoch) -> bool {
        self.epoch(parent) == epoch && !self.disabled.contains(&parent)
    }

    /// The epochs that a credential verified now would hand down.
    pub fn present_epochs(&self, client: ClientId, under: Under) -> ParentEpochs {
        let user = self.setup.user_of(under);
        ParentEpochs {
            user: self.epoch(Parent::User(user)),
            browser_session: match under {
                Under::BrowserSession(id) => Some(self.epoch(Parent::BrowserSession(id))),
                Under::Consent(_) => None,
            },
            consent: self.epoch(Parent::Consent(user, client)),
            client: self.epoch(Parent::Client(client)),
        }
    }

    /// Whether the epochs that the grant took are still its parents' own, and no parent is
    /// disabled.
    pub fn parents_live(&self, grant: &Grant) -> bool {
        parents(grant)
            .into_iter()
            .flatten()
            .all(|(parent, taken)| self.accepts(parent, taken))
    }

    /// Gives the parent a new epoch.
    pub fn replace(&mut self, parent: Parent) -> Outcome {
        self.epochs.entry(parent).or_default().0 += 1;
        Outcome::Done
    }

    /// Gives the user or client the act's epoch, unless it is already there.
    pub(super) fn end(&mut self, parent: Parent, epoch: Epoch) -> Outcome {
        if self.epoch(parent) != epoch {
            self.epochs.insert(parent, epoch);
        }
        Outcome::Done
    }

    /// The same, and nothing is allowed from now on.
    pub(super) fn disable(&mut self, parent: Parent, epoch: Epoch) -> Outcome {
        if self.epoch(parent) != epoch {
            self.disabled.insert(parent);
        }
        self.end(parent, epoch)
    }

    /// Undoes one disabling, if nothing came after it.
    pub(super) fn enable(&mut self, parent: Parent, disabled_by: Epoch) -> Outcome {
        if self.epoch(parent) != disabled_by {
            return Outcome::Enable(EnableOutcome::ChangedMeanwhile);
        }
        self.disabled.remove(&parent);
        Outcome::Enable(EnableOutcome::Enabled)
    }

    /// Ends the browser session and forgets its client sessions.
    pub(super) fn end_browser_session(&mut self, ended: BrowserSessionId) {
        self.replace(Parent::BrowserSession(ended));
        self.client_sessions
            .retain(|(session, _)| *session != ended);
    }

    pub(super) fn end_client_session(
        &mut self,
        session: BrowserSessionId,
        client: ClientId,
    ) -> EndClientSessionOutcome {
        if !self.client_sessions.remove(&(session, client)) {
            return EndClientSessionOutcome::Unknown;
        }
        self.replace(Parent::ClientSession(session, client));
        EndClientSessionOutcome::Ended
    }
}
