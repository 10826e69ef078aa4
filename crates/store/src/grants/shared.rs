//! The acts on a grant that are more than one step in an engine that others share.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::ending::DeleteCode;
use super::issue::IssueUnder;
use super::{Grant, IssueCode, IssueOutcome, Joined, NewGrant};
use crate::acts::shared::{Engine, Hint, carry_out};
use crate::consents::acts::{ConsentKey, KeptConsent, take_consent_step};
use crate::sessions::shared::{SessionEngine, join_session};
use crate::{GrantId, StoreError};

/// How many grants [`delete_codes`] ends at a time.
const DELETIONS_AT_ONCE: usize = 16;

/// [`super::Grants::issue_code`]: the parents first and the grant last.
///
/// A grant that is not to be replaced is seen before the first step. If another act comes between,
/// the parents have then changed as the user wanted it, and nothing belongs to them.
///
/// # Errors
/// As [`super::Grants`] says.
pub async fn issue_code<E>(
    engine: &E,
    act: &IssueCode,
    now: i64,
) -> Result<IssueOutcome, StoreError>
where
    E: Engine<Grant> + SessionEngine + Engine<KeptConsent>,
{
    let existing = Engine::<Grant>::read(engine, &act.grant.id).await?;
    if let Some(existing) = &existing
        && !act.may_replace(existing)
    {
        return Ok(IssueOutcome::AlreadyUsed);
    }
    let NewGrant {
        sub,
        client_id,
        parents,
        ..
    } = &act.grant;
    let session = join_session(engine, &act.joins, client_id, now).await?;
    let key = ConsentKey::new(sub, client_id);
    let consent_epoch = take_consent_step(engine, key, &act.consent, now).await?;
    let joined = Joined {
        sid: session.sid,
        client_session_epoch: session.epoch,
        consent_epoch: consent_epoch.unwrap_or(parents.consent),
    };
    let act = IssueUnder { act, joined };
    carry_out(engine, &act, Hint::Read(existing), now).await
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
