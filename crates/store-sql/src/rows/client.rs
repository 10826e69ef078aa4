//! A client as its columns hold it.

use countersign_store::clients::{Client, ClientSecret};
use countersign_store::{Epoch, SecretHash, StoreError};

use super::Cells;

/// A secret in its two columns: `secret_hash`, `secret_sealed`.
pub(crate) fn secret_columns(secret: &ClientSecret) -> (Option<&[u8; 32]>, Option<&[u8]>) {
    match secret {
        ClientSecret::None => (None, None),
        ClientSecret::Hashed(hash) => (Some(hash.as_bytes()), None),
        ClientSecret::Sealed(sealed) => (None, Some(sealed)),
    }
}

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Client, StoreError> {
    Ok(Client {
        client_id: cells.text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.bytes()?),
        status: cells.status()?,
        secret: match (cells.optional_bytes()?, cells.optional_blob()?) {
            (None, None) => ClientSecret::None,
            (Some(hash), None) => ClientSecret::Hashed(SecretHash::from_bytes(hash)),
            (None, Some(sealed)) => ClientSecret::Sealed(sealed.to_vec()),
            (Some(_), Some(_)) => return Err(cells.corrupt("a secret both hashed and sealed")),
        },
        metadata: cells.text()?.to_owned(),
        revision: cells.integer()?,
        created_at: cells.integer()?,
        updated_at: cells.integer()?,
    })
}
