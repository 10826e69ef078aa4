//! The acts on a grant that are more than one step in an engine that others share.

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::ending::DeleteCode;
use super::issue::IssueUnder;
use super::{Grant, IssueCode, IssueOutcome, Joined};
use crate::acts::shared::{Engine, Hint, carry_out};
use crate::{GrantId, StoreError};

/// How many grants [`delete_codes`] ends at a time.
const DELETIONS_AT_ONCE: usize = 16;

/// The parents of a new grant, in an engine that others share.
#[async_trait]
pub trait JoinParents: Engine<Grant> {
    /// Gets or makes the client session, and takes the step with the user's consent: what a grant
    /// is written under. Each is an act on a record of its own.
    ///
    /// # Errors
    /// As [`super::Grants`] says.
    async fn join_parents(&self, act: &IssueCode, now: i64) -> Result<Joined, StoreError>;
}

/// [`super::Grants::issue_code`]: the parents first and the grant last.
///
/// A grant that is not to be replaced is seen before the first step. If another act comes between,
/// the parents have then changed as the user wanted it, and nothing belongs to them.
///
/// # Errors
/// As [`super::Grants`] says.
pub async fn issue_code<E: JoinParents>(
    engine: &E,
    act: &IssueCode,
    now: i64,
) -> Result<IssueOutcome, StoreError> {
    let existing = engine.read(&act.grant.id).await?;
    if let Some(existing) = &existing
        && !act.may_replace(existing)
    {
        return Ok(IssueOutcome::AlreadyUsed);
    }
    let joined = engine.join_parents(act, now).await?;
    carry_out(
        engine,
        &IssueUnder { act, joined },
        Hint::Read(existing),
        now,
    )
    .await
}

/// Ends those of `grants` whose code is unused; returns how many it ended.
///
/// # Errors
/// As [`super::Grants`] says. Those that were ended before stay ended.
pub async fn delete_codes<E: Engine<Grant> + ?Sized>(
    engine: &E,
    grants: Vec<GrantId>,
    now: i64,
) -> Result<u64, StoreError> {
    stream::iter(grants)
        .map(|id| async move { carry_out(engine, &DeleteCode(id), Hint::Unread, now).await })
        .buffer_unordered(DELETIONS_AT_ONCE)
        .try_fold(0, |ended, one| async move { Ok(ended + u64::from(one)) })
        .await
}
