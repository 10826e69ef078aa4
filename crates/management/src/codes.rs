//! The authorization codes that wait to be redeemed.

use countersign_store::StoreError;

use crate::Context;
use crate::act::Target;

/// Deletes every code that has not been redeemed yet, and returns how many there were. People who
/// are signing in at this moment have to start again. `now` is Unix seconds.
///
/// # Errors
/// Returns a [`StoreError`] if the store fails.
pub async fn delete_all(context: &Context, now: i64) -> Result<u64, StoreError> {
    let deleted = context.store.delete_all_codes(now).await;
    context.log("codes.delete_all", Target::DEPLOYMENT, &deleted);
    deleted
}
