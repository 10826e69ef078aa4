//! Committing a record by compare-and-set: one script, the same for every record, writes the
//! record, its access token's row and its event in one step, if the record still has the version
//! that was read.
//!
//! A script is atomic, and it is sent whole each time (EVAL): the cache of scripts is empty after a
//! restart and after a failover. If its memory is full, Redis refuses a script before it starts,
//! unless the script has the flag `allow-oom`. Endings carry it, since a revoked token must not
//! stay valid because a server is full.
//! <https://redis.io/docs/latest/develop/interact/programmability/lua-api/#script-flags>

use countersign_store::ActId;
use countersign_store::access_tokens::NewAccessToken;
use countersign_store::events::{Event, EventKind};
use redis::Cmd;

use crate::fields::NewFields;
use crate::{access_tokens, events, garbage_after};

const COMMIT: &str = concat!("#!lua\n", include_str!("commit.lua"));
const COMMIT_THOUGH_FULL: &str = concat!("#!lua flags=allow-oom\n", include_str!("commit.lua"));

/// Which field of a record holds its version.
pub(crate) const VERSION: &str = "written_by";

/// The writes of one act.
pub(crate) struct Commit {
    version: String,
    before: Option<ActId>,
    keys: Vec<String>,
    writes: Vec<Vec<u8>>,
    is_ending: bool,
}

impl Commit {
    /// Writes nothing yet. Compares the version of the record at `key` with `before`; `None`: there
    /// must be no record.
    pub fn of(key: String, before: Option<ActId>) -> Commit {
        Commit {
            version: VERSION.to_owned(),
            before,
            keys: vec![key],
            writes: Vec::new(),
            is_ending: false,
        }
    }

    /// If one hash holds several records: the field with this one's version.
    pub fn with_version_in(self, version: String) -> Commit {
        Commit { version, ..self }
    }

    pub fn run(&mut self, command: &str, key: String, arguments: &[Vec<u8>]) {
        let known = self.keys.iter().position(|other| *other == key);
        let index = known.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        let count = arguments.len() + 2;
        self.writes.push(count.to_string().into_bytes());
        self.writes.push(command.as_bytes().to_vec());
        self.writes.push((index + 1).to_string().into_bytes());
        self.writes.extend_from_slice(arguments);
    }

    /// Sets fields of a hash.
    pub fn set(&mut self, key: String, fields: &NewFields) {
        self.run("HSET", key, fields.as_args());
    }

    /// Writes a whole hash, so that a field that is left out is gone.
    pub fn replace(&mut self, key: String, fields: &NewFields) {
        self.run("DEL", key.clone(), &[]);
        self.set(key, fields);
    }

    /// Lets a key expire an hour after `end`, in Unix seconds.
    pub fn expire(&mut self, key: String, end: i64) {
        let at = garbage_after(end).to_string();
        self.run("PEXPIREAT", key, &[at.into_bytes()]);
    }

    /// Writes an access token's row.
    pub fn mint(&mut self, key: String, token: &NewAccessToken) {
        self.set(key.clone(), &access_tokens::fields(token));
        self.expire(key, token.expires_at);
    }

    /// Appends an event to the partition's outbox. Its kind tells whether the act is an ending.
    pub fn tell(&mut self, stream: String, event: Option<&Event>) {
        let Some(event) = event else { return };
        let mut arguments = vec![b"*".to_vec()];
        arguments.extend_from_slice(events::fields(event).as_args());
        self.run("XADD", stream, &arguments);
        self.is_ending |= ends_something(event.kind);
    }

    pub fn command(&self) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command
            .arg(match self.is_ending {
                true => COMMIT_THOUGH_FULL,
                false => COMMIT,
            })
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.version)
            .arg(match &self.before {
                Some(before) => &before.as_bytes()[..],
                None => &[],
            })
            .arg(&self.writes);
        command
    }
}

fn ends_something(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::GrantEnded
            | EventKind::AccessTokenDenied
            | EventKind::CodesDeleted
            | EventKind::SessionEnded
            | EventKind::ClientSessionEnded
            | EventKind::ConsentWithdrawn
            | EventKind::UserEnded
            | EventKind::UserDisabled
            | EventKind::ClientEnded
            | EventKind::ClientDisabled
    )
}
