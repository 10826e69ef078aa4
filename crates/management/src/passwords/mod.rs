//! Passwords: what one must be, and Argon2id (RFC 9106) on a bounded pool of threads that reuse
//! their memory. A password is prepared the same way when it is set and when it is verified.
//!
//! They are here and not with the HTTP side, because managing accounts sets passwords, signing in
//! needs the same rules, and none of it depends on a request.
//!
//! The pool has `passwords.hashing_threads` threads, by default one per processor core: more hashes
//! at once would slow each other down and hold more memory. Each thread keeps the memory of the
//! largest hash that it has computed.
//!
//! Every verification takes the same work, whether there is such an account or not and whatever its
//! hash was made with: the blocks of the costliest parameters in use. A cheaper hash, and the hash
//! that is computed for an unknown name, is followed by as many blocks as it lacks. The costliest
//! are today's, or those of the stored hashes that ask for more ([`PasswordHasher::cover`]).

mod argon2id;
mod guessable;
mod prepare;
mod requirements;
mod settings;
mod stored;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2_rust::Params;
use countersign_jose::random::Random;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use argon2id::{HASH_BYTES, SALT_BYTES, Worker};
use stored::{Ceiling, Stored, cost};

pub use prepare::prepare;
pub use requirements::{PasswordFault, check_password, names_of, own_names};
pub use settings::PasswordSettings;

/// Hashes and verifies passwords.
pub struct PasswordHasher {
    queue: Mutex<Option<std::sync::mpsc::SyncSender<Job>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    settings: PasswordSettings,
    parameters: Params,
    random: Arc<dyn Random>,
    /// Verified where there is no account, so that both cases take the same time.
    decoy: String,
    /// The blocks that every verification computes.
    work: AtomicU64,
}

/// Why no result was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    #[error("too many password hashes are waiting")]
    Busy,
    #[error("the settings for Argon2 are out of its range")]
    Parameters,
    #[error("a password has a control character")]
    ControlCharacter,
    #[error("a stored password hash can't be read")]
    Unreadable,
    #[error(
        "a stored password hash asks for more than passwords.max_stored_memory_kib, max_stored_iterations or max_stored_parallelism, or for a longer salt or tag than any that we read"
    )]
    TooCostly,
}

/// Makes a PHC string of parameters alone.
const SALT_AND_HASH_OF_NO_ONE: &str = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";

enum Job {
    Hash {
        password: Zeroizing<String>,
        salt: [u8; SALT_BYTES],
        result: oneshot::Sender<Result<String, HashingError>>,
    },
    Verify {
        password: Zeroizing<String>,
        stored: Box<Stored>,
        work: u64,
        result: oneshot::Sender<Result<bool, HashingError>>,
    },
}

impl PasswordHasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`HashingError::Parameters`] where Argon2 doesn't take the settings, [`HashingError::Busy`]
    /// where the system gives no thread.
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
            settings: settings.clone(),
            parameters,
            random,
            decoy,
            work: AtomicU64::new(cost(&parameters)),
        })
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &PasswordSettings {
        &self.settings
    }

    /// A PHC string of the password under a fresh salt.
    ///
    /// # Errors
    /// [`HashingError::ControlCharacter`], [`HashingError::Busy`].
    pub async fn hash(&self, password: &str) -> Result<String, HashingError> {
        let password = prepare(password).ok_or(HashingError::ControlCharacter)?;
        let mut salt = [0; SALT_BYTES];
        self.random.fill(&mut salt);
        let (result, computed) = oneshot::channel();
        self.enqueue(Job::Hash {
            password,
            salt,
            result,
        })?;
        computed.await.map_err(|_| HashingError::Busy)?
    }

    /// Whether the password is the one of `hash`. Without a hash it takes as long and is `false`.
    ///
    /// # Errors
    /// [`HashingError::Unreadable`] and [`HashingError::TooCostly`], after the time of any other
    /// verification; [`HashingError::Busy`].
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashingError> {
        let ceiling = Ceiling::of(&self.settings);
        let stored = hash.map(|hash| Stored::read(hash, ceiling)).transpose();
        let (stored, fate) = match stored {
            Ok(Some(stored)) => (stored, Ok(true)),
            Ok(None) => (Stored::read(&self.decoy, ceiling)?, Ok(false)),
            Err(error) => (Stored::read(&self.decoy, ceiling)?, Err(error)),
        };
        // A password that no one can type is no one's.
        let (password, fate) = match prepare(password) {
            Some(password) => (password, fate),
            None => (Zeroizing::default(), fate.map(|_| false)),
        };
        let work = self.work.fetch_max(stored.cost(), Ordering::Relaxed);
        let (result, computed) = oneshot::channel();
        self.enqueue(Job::Verify {
            password,
            work: work.max(stored.cost()),
            stored: Box::new(stored),
            result,
        })?;
        let matches = computed.await.map_err(|_| HashingError::Busy)??;
        fate.map(|counts| counts && matches)
    }

    /// Makes every verification from now on take as long as one of the costliest of these sets of
    /// parameters, each as `countersign_store::users::Users::password_parameters` lists them. A set
    /// above the ceiling, or of no algorithm that we read, is never computed and does not count.
    pub fn cover(&self, parameters: &[String]) {
        let ceiling = Ceiling::of(&self.settings);
        let costs = parameters.iter().filter_map(|parameters| {
            let hash = format!("{parameters}{SALT_AND_HASH_OF_NO_ONE}");
            let stored = Stored::read(&hash, ceiling).ok()?;
            Some(stored.cost())
        });
        let costliest = costs.max().unwrap_or(0);
        self.work.fetch_max(costliest, Ordering::Relaxed);
    }

    /// Whether a hash was made with other parameters than today's and should be made again.
    #[must_use]
    pub fn is_outdated(&self, hash: &str) -> bool {
        Stored::read(hash, Ceiling::of(&self.settings))
            .map_or(true, |stored| stored.is_outdated(&self.parameters))
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
                result,
            } => {
                let _ = result.send(worker.hash(&password, &salt));
            }
            Job::Verify {
                password,
                stored,
                work,
                result,
            } => {
                let _ = result.send(worker.verify(&password, &stored, work));
            }
        }
    }
}

#[cfg(test)]
mod tests;
