//! The master key as `master.key` holds it, and its rotation.
//!
//! The first line is the key that seals. During a rotation there are more lines: the key of `next
//! KEY` already opens and will seal next, and that of `old KEY` sealed before and still opens.
//!
//! | step | the file | what is sealed |
//! |---|---|---|
//! | before | `A` | under A |
//! | announce: every server can open what the others will seal | `A`, `next B` | under A |
//! | promote | `B`, `old A` | under A and B |
//! | reseal | `B`, `old A` | in the database under B; forms and cookies under A too |
//! | finish | `B` | under B |
//!
//! Each step replaces the whole file, so an interrupted rotation continues from where it was. A
//! running server reads the file again within a second of a change.

use std::time::{Duration, SystemTime};

use countersign_jose::base64url;
use countersign_jose::digest::hkdf_sha256;
use countersign_jose::random;
use countersign_jose::seal::{Keyring, SealingKey};
use zeroize::Zeroizing;

use crate::configuration::repeats_a_few;
use crate::data_directory::{DataDirectory, DataDirectoryError};

/// 256 random bits.
pub type MasterKey = Zeroizing<[u8; 32]>;

/// How often a running server looks whether the file has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a key is announced before it seals. This is longer than any server on this machine
/// takes to read it.
pub const ANNOUNCED_FOR: Duration = Duration::from_secs(3);

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeys {
    /// Seals and opens.
    pub sealing: MasterKey,
    /// Opens, and will seal next.
    pub next: Option<MasterKey>,
    /// Sealed before, and still open.
    pub old: Vec<MasterKey>,
}

/// Why the text of a file holds no master keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    Malformed,
    Guessable,
}

impl MasterKeys {
    /// One key, for a new file or one that is derived.
    #[must_use]
    pub fn of(sealing: MasterKey) -> Self {
        Self {
            sealing,
            next: None,
            old: Vec::new(),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// Returns an [`Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let mut keys = Self::of(key(lines.next().ok_or(Unreadable::Malformed)?)?);
        for line in lines {
            match line.split_once(' ') {
                Some(("next", next)) if keys.next.is_none() => keys.next = Some(key(next)?),
                Some(("old", old)) => keys.old.push(key(old)?),
                _ => return Err(Unreadable::Malformed),
            }
        }
        Ok(keys)
    }

    /// The text of a file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        let mut push = |word: &str, key: &MasterKey| {
            text.push_str(word);
            text.push_str(&Zeroizing::new(base64url::encode(key.as_slice())));
            text.push('\n');
        };
        push("", &self.sealing);
        self.next.iter().for_each(|key| push("next ", key));
        self.old.iter().for_each(|key| push("old ", key));
        text
    }

    /// The keys as a ring.
    #[must_use]
    pub fn ring(&self) -> Keyring {
        let others = self.next.iter().chain(&self.old);
        let newest = Keyring::new(sealing_key(&self.sealing));
        others.fold(newest, |ring, key| ring.with_older(sealing_key(key)))
    }

    /// Adds a new key that opens and will seal next. If there is one already, nothing changes.
    #[must_use]
    pub fn announced(&self) -> Self {
        let next = self.next.clone();
        Self {
            next: Some(next.unwrap_or_else(|| Zeroizing::new(random::bytes::<32>()))),
            ..self.clone()
        }
    }

    /// Makes the announced key the one that seals. If there is none, nothing changes.
    #[must_use]
    pub fn promoted(&self) -> Self {
        let Some(next) = &self.next else {
            return self.clone();
        };
        let mut old = vec![self.sealing.clone()];
        old.extend(self.old.iter().cloned());
        Self {
            sealing: next.clone(),
            next: None,
            old,
        }
    }
}

fn key(text: &str) -> Result<MasterKey, Unreadable> {
    let bytes = base64url::decode(text.trim()).map_err(|_| Unreadable::Malformed)?;
    let bytes = Zeroizing::new(bytes);
    let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| Unreadable::Malformed)?;
    let key = Zeroizing::new(key);
    match repeats_a_few(&*key) {
        true => Err(Unreadable::Guessable),
        false => Ok(key),
    }
}

/// A master key under its id, which follows from the key: two servers that hold the same keys agree
/// on their ids.
#[must_use]
pub fn sealing_key(key: &MasterKey) -> SealingKey {
    let [a, b, c, d, ..] = hkdf_sha256(&**key, b"", KEY_ID_INFO);
    SealingKey::new(u32::from_be_bytes([a, b, c, d]), **key)
}

/// Domain separation of the id of a master key.
const KEY_ID_INFO: &[u8] = b"countersign master key id, version 1";

/// Makes `sealing` use the keys in the file whenever it changes. Never returns.
pub async fn follow(directory: DataDirectory, sealing: Keyring) {
    let mut seen = directory.master_key_changed_at().ok();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let changed_at = directory.master_key_changed_at().ok();
        if changed_at == seen {
            continue;
        }
        match directory.read_master_key() {
            Ok(keys) => {
                sealing.replace(&keys.ring());
                seen = changed_at;
                let (next, old) = (keys.next.is_some(), keys.old.len());
                tracing::info!(
                    act = "master_key.reread",
                    next,
                    old,
                    "the master key was read again"
                );
            }
            Err(error) => {
                if seen.is_some() {
                    let error = error.to_string();
                    tracing::error!(
                        error,
                        "the master key has changed and can't be read; the one before is still used"
                    );
                }
                seen = None;
            }
        }
    }
}

/// Whether the file has been unchanged for so long that no form under an older key is open any
/// more.
///
/// # Errors
/// Returns [`DataDirectoryError::MasterKeyUnreadable`].
pub fn is_unchanged_for(
    directory: &DataDirectory,
    seconds: u64,
    now: SystemTime,
) -> Result<bool, DataDirectoryError> {
    let changed_at = directory.master_key_changed_at()?;
    let age = now.duration_since(changed_at).unwrap_or_default();
    Ok(age >= Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> MasterKey {
        Zeroizing::new(random::bytes())
    }

    #[test]
    fn a_rotation_reads_back_at_every_step_and_opens_what_was_sealed_before() {
        let random = random::SystemRandom;
        let first = MasterKeys::of(drawn());
        let announced = first.announced();
        let promoted = announced.promoted();
        assert_eq!(announced.announced(), announced, "one is announced once");
        assert_eq!(promoted.promoted(), promoted);
        assert_eq!(Some(&promoted.sealing), announced.next.as_ref());
        let before = first.ring().seal(&random, b"", b"text");
        let after = promoted.ring().seal(&random, b"", b"text");
        for keys in [&first, &announced, &promoted] {
            assert_eq!(MasterKeys::parse(&keys.to_text()).as_ref(), Ok(keys));
            assert!(keys.ring().open(b"", &before).is_ok());
        }
        assert!(
            announced.ring().open(b"", &after).is_ok(),
            "before it seals"
        );
        assert!(promoted.ring().is_outdated(&before) && !promoted.ring().is_outdated(&after));
        let finished = MasterKeys::of(promoted.sealing.clone());
        assert!(finished.ring().open(b"", &before).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused_wherever_it_is() {
        let key = base64url::encode(*drawn());
        let zero = base64url::encode([0; 32]);
        for (text, expected) in [
            (String::new(), Unreadable::Malformed),
            ("short".to_owned(), Unreadable::Malformed),
            (zero.clone(), Unreadable::Guessable),
            (format!("{key}\nold {zero}"), Unreadable::Guessable),
            (format!("{key}\nold short"), Unreadable::Malformed),
            (format!("{key}\n{key}"), Unreadable::Malformed),
            (format!("{key}\nnew {key}"), Unreadable::Malformed),
            (
                format!("{key}\nnext {key}\nnext {key}"),
                Unreadable::Malformed,
            ),
        ] {
            assert_eq!(MasterKeys::parse(&text), Err(expected));
        }
        assert!(MasterKeys::parse(&format!("{key}\r\n\n")).is_ok());
    }
}
