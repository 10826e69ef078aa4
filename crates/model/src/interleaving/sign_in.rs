//! From a credential to a code. The epochs are taken where the credential is verified, and handed
//! down.

use crate::acts::{Epoch, Outcome, ParentEpochs};
use crate::grant::Grant;
use crate::interleaving::requests::{InFlight, Progress, Request, USER_RECORD};
use crate::interleaving::scenarios::{ONLINE, OWN, Offer};
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

/// The browser session: its own epoch, and the user's as the password's verification saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BrowserSession {
    pub epoch: Option<Epoch>,
    pub user: Epoch,
    /// The password that signed the user in.
    pub password: u8,
}

/// What a sign-in was verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Verified {
    /// The parents' epochs as the reads of the credentials saw them.
    pub epochs: ParentEpochs,
    pub consent: Consent,
    pub password: u8,
}

/// What a sign-in is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consent {
    /// It was read, and it covers the request.
    Remembered,
    /// The user gives it now: the act that writes the grant records it, under its present epoch.
    Given,
}

impl Verified {
    /// A consent that is given is given by the act, and not before.
    pub(super) fn at_the_act(self, world: &World) -> Self {
        let present = world.store.present_epochs(OWN, ONLINE);
        let consent = match self.consent {
            Consent::Remembered => self.epochs.consent,
            Consent::Given => present.consent,
        };
        Self {
            epochs: ParentEpochs {
                consent,
                ..self.epochs
            },
            ..self
        }
    }
}

impl Interleaving {
    /// `None` when the person is refused.
    pub(super) fn sign_in(&self, world: &mut World, racer: &mut InFlight) -> Option<Progress> {
        let Request::SignIn {
            under,
            consent,
            password,
        } = racer.request
        else {
            return None;
        };
        let present = world.store.present_epochs(OWN, under);
        let hash_first = self.mutant == Some(Mutant::HashReadBeforeTheEpoch);
        let is_right = world.password == password;
        match racer.progress {
            Progress::Begun if world.store.disabled.contains(&USER_RECORD) => None,
            Progress::Begun if hash_first && !is_right => None,
            // One read where no password changes meanwhile.
            Progress::Begun if !self.scenario.offers(Offer::ChangePassword) => {
                Some(Progress::PasswordVerified { user: present.user })
            }
            Progress::Begun => Some(Progress::EpochRead { user: present.user }),
            Progress::EpochRead { .. } if hash_first => {
                Some(Progress::PasswordVerified { user: present.user })
            }
            Progress::EpochRead { user } => is_right.then_some(Progress::PasswordVerified { user }),
            Progress::PasswordVerified { user } => {
                world.browser_session = Some(BrowserSession {
                    epoch: present.browser_session,
                    user,
                    password,
                });
                let epochs = ParentEpochs { user, ..present };
                let verified = Verified {
                    epochs,
                    consent,
                    password,
                };
                Some(Progress::Consented { verified })
            }
            Progress::Consented { verified } => Some(self.act(world, racer, Some(verified))),
            _ => None,
        }
    }

    /// `None` when the session has ended: the user is asked to sign in.
    pub(super) fn continue_session(
        &self,
        world: &mut World,
        racer: &mut InFlight,
    ) -> Option<Progress> {
        if let Progress::Consented { verified } = racer.progress {
            return Some(self.act(world, racer, Some(verified)));
        }
        let present = world.store.present_epochs(OWN, ONLINE);
        let BrowserSession {
            epoch,
            user,
            password,
        } = world.browser_session?;
        let takes_again = self.mutant == Some(Mutant::SessionTakesTheUserAgain);
        if epoch != present.browser_session
            || !(world.store.accepts(USER_RECORD, user) || takes_again)
        {
            return None;
        }
        Some(Progress::Consented {
            verified: Verified {
                epochs: ParentEpochs { user, ..present },
                consent: Consent::Remembered,
                password,
            },
        })
    }

    /// What the act makes of the grant's row.
    pub(super) fn decide_issue(
        &self,
        world: &World,
        racer: &InFlight,
        verified: Option<Verified>,
        row: &mut Option<Grant>,
    ) -> Outcome {
        let under = match racer.request {
            Request::SignIn { under, .. } => under,
            _ => ONLINE,
        };
        let present = world.store.present_epochs(OWN, under);
        let taken = self.taken(racer, verified, present);
        let fresh = world.store.fresh_grant(OWN, under, taken, racer.now);
        Outcome::IssueCode(Grant::replace(row, fresh))
    }

    fn taken(
        &self,
        racer: &InFlight,
        verified: Option<Verified>,
        present: ParentEpochs,
    ) -> ParentEpochs {
        let verified = verified.map_or(present, |verified| verified.epochs);
        match self.mutant {
            Some(Mutant::EpochsReadLate) if racer.request != Request::Continue => present,
            Some(Mutant::SessionTakesTheUserAgain) if racer.request == Request::Continue => {
                ParentEpochs {
                    user: present.user,
                    ..verified
                }
            }
            _ => verified,
        }
    }
}
