//! Argon2id (RFC 9106) on a bounded pool of threads that reuse their memory.
//!
//! The pool is as wide as there are cores: more hashes at once would make every one of them slower
//! and hold more memory. Each thread allocates its blocks once.

mod argon2id;
mod requirements;
mod settings;

use std::sync::Arc;

use argon2_rust::Params;
use countersign_jose::random::Random;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use argon2id::{HASH_BYTES, SALT_BYTES, Worker};

pub use requirements::{PasswordFault, check_password};
pub use settings::PasswordSettings;

/// Hashes and verifies passwords.
pub struct PasswordHasher {
    queue: Mutex<Option<std::sync::mpsc::SyncSender<Job>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    parameters: Params,
    random: Arc<dyn Random>,
    /// Verified where there is no account, so that both cases take the same time.
    decoy: String,
}

/// Why no answer was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    #[error("too many password hashes are waiting")]
    Busy,
    #[error("the settings for Argon2 are out of its range")]
    Parameters,
    #[error("a stored password hash cannot be read")]
    Unreadable,
}

enum Job {
    Hash {
        password: Zeroizing<String>,
        salt: [u8; SALT_BYTES],
        answer: oneshot::Sender<Result<String, HashingError>>,
    },
    Verify {
        password: Zeroizing<String>,
        hash: String,
        answer: oneshot::Sender<Result<bool, HashingError>>,
    },
}

impl PasswordHasher {
    /// Starts the threads.
    pub fn start(
        settings: &PasswordSettings,
        random: Arc<dyn Random>,
    ) -> Result<PasswordHasher, HashingError> {
        let parameters = argon2id::parameters(settings)?;
        let decoy = argon2id::encode(&parameters, &[0; SALT_BYTES], &[0; HASH_BYTES])?;
        let (queue, jobs) = std::sync::mpsc::sync_channel(settings.hashing_queue.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        let threads = (0..settings.threads())
            .map(|number| {
                let jobs = Arc::clone(&jobs);
                std::thread::Builder::new()
                    .name(format!("argon2-{number}"))
                    .spawn(move || work(&jobs, parameters))
                    .map_err(|_| HashingError::Busy)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(PasswordHasher {
            queue: Mutex::new(Some(queue)),
            threads: Mutex::new(threads),
            parameters,
            random,
            decoy,
        })
    }

    /// A PHC string of the password under a fresh salt.
    pub async fn hash(&self, password: &str) -> Result<String, HashingError> {
        let mut salt = [0; SALT_BYTES];
        self.random.fill(&mut salt);
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job::Hash {
            password: Zeroizing::new(password.to_owned()),
            salt,
            answer,
        })?;
        answered.await.map_err(|_| HashingError::Busy)?
    }

    /// Whether the password is the one of `hash`. Without a hash it takes as long and answers no.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashingError> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job::Verify {
            password: Zeroizing::new(password.to_owned()),
            hash: hash.unwrap_or(&self.decoy).to_owned(),
            answer,
        })?;
        let matches = answered.await.map_err(|_| HashingError::Busy)??;
        Ok(matches && hash.is_some())
    }

    /// Whether a hash was made with other parameters than today's and should be made anew.
    pub fn is_outdated(&self, hash: &str) -> bool {
        argon2id::parameters_of(hash).is_none_or(|parameters| {
            parameters.memory_kib() != self.parameters.memory_kib()
                || parameters.passes() != self.parameters.passes()
                || parameters.lanes() != self.parameters.lanes()
        })
    }

    fn enqueue(&self, job: Job) -> Result<(), HashingError> {
        let queue = self.queue.lock();
        let queue = queue.as_ref().ok_or(HashingError::Busy)?;
        queue.try_send(job).map_err(|_| HashingError::Busy)
    }
}

impl Drop for PasswordHasher {
    /// Lets the threads finish what waits, and joins them.
    fn drop(&mut self) {
        drop(self.queue.lock().take());
        for thread in self.threads.lock().drain(..) {
            let _ = thread.join();
        }
    }
}

fn work(jobs: &Mutex<std::sync::mpsc::Receiver<Job>>, parameters: Params) {
    let mut worker = Worker::new(parameters);
    loop {
        let job = jobs.lock().recv();
        let Ok(job) = job else { return };
        match job {
            Job::Hash {
                password,
                salt,
                answer,
            } => {
                let _ = answer.send(worker.hash(&password, &salt));
            }
            Job::Verify {
                password,
                hash,
                answer,
            } => {
                let _ = answer.send(worker.verify(&password, &hash));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_jose::random::SeededRandom;

    fn hasher() -> PasswordHasher {
        let settings = PasswordSettings {
            argon2_memory_kib: 64,
            argon2_iterations: 1,
            hashing_threads: 2,
            ..PasswordSettings::default()
        };
        PasswordHasher::start(&settings, Arc::new(SeededRandom::new(1))).expect("starts")
    }

    #[tokio::test]
    async fn the_right_password_is_accepted_and_no_other() {
        let hasher = hasher();
        let hash = hasher.hash("correct horse").await.expect("hashes");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert_eq!(hasher.verify("correct horse", Some(&hash)).await, Ok(true));
        assert_eq!(hasher.verify("correct Horse", Some(&hash)).await, Ok(false));
        assert!(!hasher.is_outdated(&hash));
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_accepted() {
        let hasher = hasher();
        assert_eq!(hasher.verify("", None).await, Ok(false));
        assert_eq!(hasher.verify("anything", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_is_an_error_and_not_a_wrong_password() {
        assert_eq!(
            hasher().verify("x", Some("nonsense")).await,
            Err(HashingError::Unreadable)
        );
    }

    #[tokio::test]
    async fn a_hash_of_another_library_is_verified() {
        // Made by the reference implementation's command line, as its README shows it:
        // echo -n "password" | ./argon2 somesalt -t 2 -m 16 -p 4 -l 24 (Argon2i), version 0x13.
        let hash = "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
        assert_eq!(hasher().verify("password", Some(hash)).await, Ok(true));
        assert!(hasher().is_outdated(hash));
    }
}
