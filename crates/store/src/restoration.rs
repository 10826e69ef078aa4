//! A store that was restored from a backup. In it, what has ended since the backup is still valid,
//! and what has been used since is unused. One act ends everything in it.

use async_trait::async_trait;
use countersign_jose::digest;
use countersign_jose::random::Random;
use zeroize::Zeroizing;

use crate::{Epoch, StoreError};

/// The act that follows a restored backup.
#[async_trait]
pub trait Restoration: Send + Sync {
    /// Replaces the epoch of every user, client, consent, browser session and client session, and
    /// takes the setup link back. Nothing that was granted before is accepted after it, and nothing
    /// that had ended, was disabled or was withdrawn is allowed again. Accounts, passwords,
    /// registrations and remembered consents stay as the backup has them.
    ///
    /// Returns how many epochs there were.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails; then no epoch was replaced.
    async fn end_everything_restored(&self, new: &NewEpochs, now: i64) -> Result<u64, StoreError>;
}

/// An epoch for each record, drawn at once: a MAC of the record's name under a random key.
#[derive(Clone)]
pub struct NewEpochs(Zeroizing<[u8; 32]>);

impl NewEpochs {
    /// Draws them.
    pub fn generate(random: &dyn Random) -> NewEpochs {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut key[..]);
        NewEpochs(key)
    }

    /// The new epoch of the record of this kind and name. The parts of a name are delimited by
    /// their lengths.
    pub fn of(&self, kind: &str, name: &[&[u8]]) -> Epoch {
        let mut message = Vec::new();
        for part in [kind.as_bytes()].iter().chain(name) {
            message.extend((part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        let mac = digest::hmac_sha256(&self.0[..], &message);
        let mut epoch = [0; 16];
        epoch.copy_from_slice(&mac[..16]);
        Epoch::from_bytes(epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::SeededRandom;

    #[test]
    fn no_two_records_get_one_epoch() {
        let new = NewEpochs::generate(&SeededRandom::new(1));
        let epochs = [
            new.of("user", &[b"ab"]),
            new.of("client", &[b"ab"]),
            new.of("user", &[b"a", b"b"]),
            new.of("user", &[b"", b"ab"]),
            NewEpochs::generate(&SeededRandom::new(2)).of("user", &[b"ab"]),
        ];
        for (number, epoch) in epochs.iter().enumerate() {
            assert!(!epochs[..number].contains(epoch), "{number}");
        }
        assert_eq!(epochs[0], new.of("user", &[b"ab"]));
    }
}
