//! Whether the server keeps what it acknowledges.
//!
//! An act that was acknowledged must not be forgotten: with `synchronous_commit = off` or `fsync =
//! off` a crash makes a used code valid again. Nothing is SET in a session, because a pooler in
//! transaction mode would not keep it; it has to be set for the role or the server.

use countersign_store::StoreError;
use deadpool_postgres::GenericClient;

use super::statements::failed;

/// Refuses a server that may lose acknowledged acts, by the names of its settings.
///
/// # Errors
/// Returns [`StoreError::Refused`] with what to set, or [`StoreError::Unavailable`] if the server
/// can't be asked.
pub(super) async fn judge(client: &impl GenericClient) -> Result<(), StoreError> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let sql = "SELECT current_setting($1)";
        let row = client.query_one(sql, &[&setting]).await.map_err(failed)?;
        let value: String = row.try_get(0).map_err(failed)?;
        if value == "off" {
            return Err(StoreError::Refused(format!(
                "PostgreSQL has {setting} = off and can forget what it has acknowledged; set \
                 {setting} = on, for example by ALTER ROLE ... SET {setting} = on"
            )));
        }
    }
    Ok(())
}
