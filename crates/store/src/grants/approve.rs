//! The grant that an approval writes: of a request that is a record of its own until then, such as
//! a device's.

use super::{Grant, NewGrant, Origin};
use crate::acts::Decision;
use crate::{ActId, Epoch};

/// A grant under the consent that the same act recorded. The act on the request decides whether
/// there may be one, so that there is at most one.
pub fn decide_approved_grant(
    grant: NewGrant,
    origin: Origin,
    consent: Epoch,
    keep_until: i64,
    by: ActId,
) -> Decision<Grant, ()> {
    let mut grant = grant.written(origin, keep_until, by);
    grant.parents.consent = consent;
    Decision::returns(()).begins(grant)
}
