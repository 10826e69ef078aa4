//! The outbox: one stream for each partition, to which an act appends its event.

use countersign_store::StoreError;
use countersign_store::events::{Event, OutboxLimits, Undelivered};
use redis::Value;

use crate::commit::Commit;
use crate::fields::NewFields;
use crate::{Redis, keys};

/// How many events are read at once.
const PAGE: usize = 1_000;

/// An entry of a stream: its id, its fields and their values.
type Entry = (String, Vec<(String, String)>);

/// The oldest events of a stream, as far as they are counted.
struct Oldest {
    at: Option<i64>,
    too_old: u64,
}

impl Redis {
    /// The streams to which acts append their events, one for each partition.
    pub fn outbox(&self) -> impl Iterator<Item = String> {
        (0..keys::PARTITIONS).map(|partition| self.keys.events(partition))
    }

    /// Drops events, the oldest of each stream first, where the outbox as a whole is beyond its
    /// limits, after saying so in the log. The process that delivers events deletes them from
    /// their streams, so what is there has not been delivered. Returns how many were dropped.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store fails.
    pub async fn bound_outbox(&self, limits: &OutboxLimits, now: i64) -> Result<u64, StoreError> {
        let streams: Vec<String> = self.outbox().collect();
        let mut reads = redis::pipe();
        for stream in &streams {
            reads.cmd("XLEN").arg(stream);
        }
        let lengths: Vec<u64> = self.read(&reads).await?;
        let mut oldest = Vec::new();
        for (stream, length) in streams.iter().zip(&lengths) {
            oldest.push(match length {
                0 => Oldest {
                    at: None,
                    too_old: 0,
                },
                _ => self.oldest(stream, limits.oldest_kept(now)).await?,
            });
        }
        let undelivered = Undelivered {
            events: lengths.iter().sum(),
            too_old: oldest.iter().map(|stream| stream.too_old).sum(),
            oldest_at: oldest.iter().filter_map(|stream| stream.at).min(),
        };
        let excess = limits.excess(undelivered, now);
        if excess == 0 {
            return Ok(0);
        }
        let mut trims = redis::pipe();
        for ((stream, length), oldest) in streams.iter().zip(lengths).zip(oldest) {
            // Every stream drops the same share of its events, and all that are too old.
            let share = (length * excess).div_ceil(undelivered.events);
            let kept = length.saturating_sub(share.max(oldest.too_old));
            if kept < length {
                trims.cmd("XTRIM").arg(stream).arg("MAXLEN").arg(kept);
            }
        }
        let dropped: Vec<u64> = self.read(&trims).await?;
        Ok(dropped.iter().sum())
    }

    /// Writes an event that is not part of a record's commit.
    pub(crate) async fn tell(&self, event: &Event) -> Result<(), StoreError> {
        let mut commit = Commit::of(self.keys.no_record(0), None);
        commit.tell(self.keys.events(0), Some(event));
        let mut commands = redis::pipe();
        commands.add_command(commit.command());
        self.read::<Vec<Value>>(&commands).await.map(drop)
    }

    async fn oldest(&self, stream: &str, oldest_kept: i64) -> Result<Oldest, StoreError> {
        let mut found = Oldest {
            at: None,
            too_old: 0,
        };
        let mut from = "-".to_owned();
        loop {
            let mut reads = redis::pipe();
            reads
                .cmd("XRANGE")
                .arg(stream)
                .arg(&from)
                .arg("+")
                .arg("COUNT")
                .arg(PAGE);
            let (page,): (Vec<Entry>,) = self.read(&reads).await?;
            let count = page.len();
            for (id, fields) in page {
                let at = fields.iter().find(|(name, _)| name == "at");
                let at = at.and_then(|(_, at)| at.parse::<i64>().ok());
                let at = at.ok_or_else(|| StoreError::corrupt("event", &id, "it has no time"))?;
                found.at = Some(found.at.map_or(at, |known| known.min(at)));
                if at > oldest_kept {
                    return Ok(found);
                }
                found.too_old += 1;
                from = format!("({id}");
            }
            if count < PAGE {
                return Ok(found);
            }
        }
    }
}

/// An event as its stream holds it.
pub(crate) fn fields(event: &Event) -> NewFields {
    NewFields::default()
        .text("kind", event.kind.as_str())
        .integer("at", event.at)
        .optional_text("sub", event.sub.as_deref())
        .optional_text("client_id", event.client_id.as_deref())
        .optional_text("about", event.about.as_deref())
        .optional_text("cause", event.cause)
}
