//! What has to follow a restored backup.
//!
//! In the backup, everything that has ended since it was made is still valid: sessions that were
//! signed out, grants that were revoked, codes that were used. One act ends everything in it, so
//! that none of it becomes valid again.

use countersign_store::StoreError;
use countersign_store::restoration::NewEpochs;

use crate::Context;
use crate::act::Target;

/// Ends every session and grant of a restored database. Accounts, passwords, clients and remembered
/// consents stay as the backup has them. Returns how many epochs were replaced. `now` is Unix
/// seconds.
///
/// # Errors
/// Returns a [`StoreError`] if the store fails; then nothing was changed.
pub async fn end_everything_restored(context: &Context, now: i64) -> Result<u64, StoreError> {
    let new = NewEpochs::generate(&*context.random);
    let replaced = context.store.end_everything_restored(&new, now).await;
    context.log("deployment.restored", Target::DEPLOYMENT, &replaced);
    replaced
}
