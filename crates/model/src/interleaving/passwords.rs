//! A new password, in two steps: the hash is written, then everything of the user ends. The change
//! returns after both. A sign-in reads the user's epoch before the hash, so a sign-in that is
//! verified with the old hash carries an epoch that ends afterwards.
//!
//! A process may die between the two: then the new password is in force, nothing has ended, and
//! no one was told that it has.

use crate::acts::Outcome;
use crate::interleaving::requests::{InFlight, Progress, USER_RECORD, responding};
use crate::interleaving::{Interleaving, World};
use crate::mutants::Mutant;

/// The password that the user signs in with at first.
pub(super) const OLD: u8 = 0;
/// The one that replaces it.
pub(super) const NEW: u8 = 1;

impl Interleaving {
    pub(super) fn change_password(&self, world: &mut World, racer: &InFlight) -> Progress {
        let ends_first = self.mutant == Some(Mutant::EndingBeforeTheHash);
        match racer.progress {
            Progress::Begun if ends_first => {
                world.end(USER_RECORD);
                Progress::HashWritten
            }
            Progress::Begun => {
                world.password = NEW;
                Progress::HashWritten
            }
            Progress::HashWritten if ends_first => {
                world.password = NEW;
                responding(Outcome::Done)
            }
            Progress::Resending => {
                world.end(USER_RECORD);
                // The status as it was read at the beginning.
                if self.mutant == Some(Mutant::BlindResendEnables) {
                    world.store.disabled.remove(&USER_RECORD);
                }
                responding(Outcome::Done)
            }
            _ => {
                world.end(USER_RECORD);
                responding(Outcome::Done)
            }
        }
    }
}
