//! From a credential to a code. The epochs are taken where the credential is verified, and handed
//! down.

use crate::acts::{Epoch, IssueOutcome, Outcome, ParentEpochs, Under};
use crate::interleaving::requests::{InFlight, Progress, answering};
use crate::interleaving::scenarios::{ONLINE, OWN, SUBJECT};
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

/// The browser session: its own epoch, and the user's as the password's verification saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BrowserSession {
    pub epoch: Option<Epoch>,
    pub user: Epoch,
}

impl Interleaving {
    pub(super) fn sign_in(&self, world: &mut World, racer: &InFlight, under: Under) -> Progress {
        let present = world.store.present_epochs(OWN, under);
        match racer.progress {
            Progress::Begun => Progress::Verified { user: present.user },
            Progress::Verified { user } => {
                world.browser_session = Some(BrowserSession {
                    epoch: present.browser_session,
                    user,
                });
                Progress::Consented {
                    verified: ParentEpochs { user, ..present },
                }
            }
            Progress::Consented { verified } => {
                let taken = if self.mutant == Some(Mutant::EpochsReadLate) {
                    present
                } else {
                    verified
                };
                issue(world, racer.now, under, taken, verified)
            }
            _ => answering(Outcome::IssueCode(IssueOutcome::AlreadyUsed)),
        }
    }

    /// `None` when the session has ended: the user is asked to sign in.
    pub(super) fn continue_session(&self, world: &mut World, racer: &InFlight) -> Option<Progress> {
        let present = world.store.present_epochs(OWN, ONLINE);
        let takes_anew = self.mutant == Some(Mutant::SessionTakesTheUserAnew);
        if let Progress::Consented { verified } = racer.progress {
            let taken = if takes_anew {
                ParentEpochs {
                    user: present.user,
                    ..verified
                }
            } else {
                verified
            };
            return Some(issue(world, racer.now, ONLINE, taken, verified));
        }
        let BrowserSession { epoch, user } = world.browser_session?;
        if epoch != present.browser_session || (user != present.user && !takes_anew) {
            return None;
        }
        Some(Progress::Consented {
            verified: ParentEpochs { user, ..present },
        })
    }
}

fn issue(
    world: &mut World,
    now: i64,
    under: Under,
    taken: ParentEpochs,
    verified: ParentEpochs,
) -> Progress {
    let outcome = world.store.issue(SUBJECT, OWN, under, taken, now);
    let made = outcome != IssueOutcome::AlreadyUsed;
    let code = world
        .store
        .grants
        .get(&SUBJECT)
        .map(|row| row.code)
        .filter(|_| made);
    if let Some(code) = code {
        world.witness.issued(SUBJECT, code, verified);
    }
    Progress::Answering {
        outcome: Outcome::IssueCode(outcome),
        code,
    }
}
