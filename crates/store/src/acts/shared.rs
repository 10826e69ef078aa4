//! How an engine that others share carries out an act: read, decide, commit by compare-and-set,
//! then read the parents.
//!
//! The rules, each with its reason:
//!
//! - An attempt that lost the race for the record reads it again and decides again, until the act's
//!   deadline; then it is [`StoreError::Contended`]. An ending tries again without delay.
//! - A decision that writes nothing takes effect at its read. So it needs a read of its own if it
//!   grants something: what the caller had read before can only lead to a refusal.
//! - Parents are read after the commit and undo nothing. If they were read before it, an ending
//!   that was acknowledged between the two would be missed. As they are read after it, a record
//!   below an ended parent is written, but every check refuses it, and it is not returned.
//! - A commit whose response was lost may have taken effect, and may still do so. The act looks for
//!   itself in the record ([`Act::is_in`]), whatever came between, and is never treated as a replay
//!   or as reuse. While the record has the version that the commit compared with, the commit has
//!   not taken effect, and sending it again is safe: of two commits that compare with one version,
//!   one counts. Otherwise an act that does not find itself is `Contended` and ends nothing, except
//!   that an ending that is permanent starts again ([`Act::may_start_again`]).

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use countersign_jose::random::Random;
use tokio::time::{Instant, sleep};

use super::{Act, Change, Decision, Record, Write};
use crate::access_tokens::NewAccessToken;
use crate::ended::WhatEnded;
use crate::{ActId, StoreError};

/// An engine that keeps records of the type `R` for more than one process.
///
/// Every method is one round trip. It fails with [`StoreError::Unavailable`] if the engine could
/// not be reached, with [`StoreError::Corrupt`] for a record that matches no state of its type, and
/// with [`StoreError::NewerRecord`] for one that a newer program has written.
#[async_trait]
pub trait Engine<R: Record>: Send + Sync {
    /// Reads a record, from the primary.
    ///
    /// # Errors
    /// As the trait says.
    async fn read(&self, key: &R::Key) -> Result<Option<R>, StoreError>;

    /// Writes `change` in one step if the record still has the version `before` (`None`: if it does
    /// not exist). May read the parents right after it, in the same round trip.
    ///
    /// # Errors
    /// Returns an error if it is certain that nothing was written. If that is not certain, the fate
    /// is [`Fate::Unknown`].
    async fn commit(&self, before: Option<ActId>, change: &Change<R>) -> Result<Fate, StoreError>;

    /// Inserts an access token's row by its hash, if it does not exist yet.
    ///
    /// # Errors
    /// As the trait says. Inserting again is harmless.
    async fn insert(&self, token: &NewAccessToken) -> Result<(), StoreError>;

    /// What has ended above the record. Its own end does not matter: an act that was committed
    /// before that took effect.
    ///
    /// # Errors
    /// As the trait says.
    async fn parents(&self, key: &R::Key) -> Result<Option<WhatEnded>, StoreError>;

    /// Where the ids of acts come from.
    fn random(&self) -> &dyn Random;

    /// How long an act tries again.
    fn act_deadline(&self) -> Duration;
}

/// What became of a commit.
#[derive(Debug)]
pub enum Fate {
    /// It is durable.
    Written(Parents),
    /// The record has another version. Nothing was written.
    Conflict,
    /// Unknown: the response was lost. The commit may still take effect.
    Unknown(StoreError),
}

/// The parents after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parents {
    /// Read after the commit: what of them has ended, if anything.
    Read(Option<WhatEnded>),
    /// Not read; [`Engine::parents`] reads them.
    Unread,
}

/// What the caller of [`carry_out`] has read of the record for the same request.
#[derive(Debug)]
pub enum Hint<R> {
    /// Nothing.
    Unread,
    /// The record, or that it does not exist. It saves the first read.
    Read(Option<R>),
}

/// Carries out an act on its record, and returns what became of it.
///
/// # Errors
/// Returns [`StoreError::Contended`] if other acts came first until the deadline, or if the fate of
/// a commit stays unknown; otherwise the engine's own errors.
pub async fn carry_out<E, A>(
    engine: &E,
    act: &A,
    hint: Hint<A::Record>,
    now: i64,
) -> Result<A::Outcome, StoreError>
where
    E: Engine<A::Record> + ?Sized,
    A: Act,
{
    let by = ActId::generate(engine.random());
    let mut deadline = Deadline::new(engine.act_deadline(), by);
    let mut is_hint = matches!(hint, Hint::Read(_));
    let mut record = match hint {
        Hint::Read(record) => record,
        Hint::Unread => engine.read(act.key()).await?,
    };
    let mut lost: Option<Lost<A::Outcome>> = None;
    loop {
        let before = record.as_ref().map(Record::written_by);
        let Decision {
            write,
            outcome,
            ended,
        } = act.decide(record, by, now);
        let told = Told { outcome, ended };
        match write {
            Write::Nothing if ended.is_none() => return Ok(told.outcome),
            Write::Nothing | Write::AccessToken(_) if is_hint => {}
            Write::Nothing => return settle(engine, act, told, Parents::Unread, deadline).await,
            Write::AccessToken(token) => {
                deadline.insist(|| engine.insert(&token)).await?;
                return settle(engine, act, told, Parents::Unread, deadline).await;
            }
            Write::Record(change) => match engine.commit(before, &change).await? {
                Fate::Written(parents) => {
                    return settle(engine, act, told, parents, deadline).await;
                }
                Fate::Conflict if A::IS_ENDING => deadline.check()?,
                Fate::Conflict => deadline.pause().await?,
                Fate::Unknown(_) => lost = Some(Lost { before, told }),
            },
        }
        is_hint = false;
        record = match lost {
            None => engine.read(act.key()).await?,
            Some(_) => deadline.insist(|| engine.read(act.key())).await?,
        };
        if let Some(commit) = lost.take() {
            if record.as_ref().is_some_and(|record| act.is_in(record, by)) {
                return settle(engine, act, commit.told, Parents::Unread, deadline).await;
            }
            if record.as_ref().map(Record::written_by) == commit.before {
                // It has not taken effect yet: the same commit is sent again, and one of them
                // counts.
                lost = Some(commit);
                deadline.pause().await?;
            } else if !act.may_start_again(record.as_ref()) {
                return Err(StoreError::Contended);
            }
        }
    }
}

/// A commit whose response was lost: what it compared with, and what its caller is told if it is
/// found.
struct Lost<O> {
    before: Option<ActId>,
    told: Told<O>,
}

/// What the caller is told, subject to the parents.
struct Told<O> {
    outcome: O,
    ended: Option<fn(WhatEnded) -> O>,
}

/// The outcome, now that the record is as it should be.
async fn settle<E, A>(
    engine: &E,
    act: &A,
    told: Told<A::Outcome>,
    parents: Parents,
    mut deadline: Deadline,
) -> Result<A::Outcome, StoreError>
where
    E: Engine<A::Record> + ?Sized,
    A: Act,
{
    let Some(ended) = told.ended else {
        return Ok(told.outcome);
    };
    let what_ended = match parents {
        Parents::Read(what_ended) => what_ended,
        Parents::Unread => deadline.insist(|| engine.parents(act.key())).await?,
    };
    Ok(what_ended.map_or(told.outcome, ended))
}

/// The longest first pause after a conflict; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The longest pause of all.
const MAX_PAUSE: Duration = Duration::from_millis(32);

/// Until when an act tries again, and how long it waits in between.
struct Deadline {
    at: Instant,
    attempts: u32,
    /// Random enough that acts that met once do not meet again; seeded by their ids.
    jitter: u64,
}

impl Deadline {
    fn new(patience: Duration, by: ActId) -> Deadline {
        let [seed, _] = by.halves();
        Deadline {
            at: Instant::now() + patience,
            attempts: 0,
            jitter: seed,
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        match Instant::now() < self.at {
            true => Ok(()),
            false => Err(StoreError::Contended),
        }
    }

    /// Waits a random while: longer after each attempt, and never past the deadline.
    async fn pause(&mut self) -> Result<(), StoreError> {
        self.check()?;
        let longest = MAX_PAUSE.min(FIRST_PAUSE * 2_u32.saturating_pow(self.attempts));
        self.attempts += 1;
        // Knuth's multiplier: a full period, and the upper bits are good enough for a pause.
        self.jitter = self
            .jitter
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let share = (self.jitter >> 32) as u32;
        let pause = longest.mul_f64(f64::from(share) / f64::from(u32::MAX));
        sleep(pause.min(self.at - Instant::now())).await;
        Ok(())
    }

    /// Tries until the engine can be reached.
    async fn insist<T, F>(&mut self, mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        loop {
            match attempt().await {
                Err(StoreError::Unavailable(why)) => match self.pause().await {
                    Ok(()) => {}
                    Err(_) => return Err(StoreError::Unavailable(why)),
                },
                result => return result,
            }
        }
    }
}
