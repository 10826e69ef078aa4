//! A client as its columns hold it.

use countersign_store::clients::{Client, ClientSecret, FORMAT};
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

/// What [`read`] reads.
pub(crate) const COLUMNS: &str = "client_id, format, epoch, status, secret_hash, secret_sealed, \
     metadata, revision, created_at, updated_at";

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Client, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(Client {
        client_id: cells.at("client_id").text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        status: cells.at("status").status()?,
        secret: match (
            cells.at("secret_hash").optional_bytes()?,
            cells.at("secret_sealed").optional_blob()?,
        ) {
            (None, None) => ClientSecret::None,
            (Some(hash), None) => ClientSecret::Hashed(SecretHash::from_bytes(hash)),
            (None, Some(sealed)) => ClientSecret::Sealed(sealed.to_vec()),
            (Some(_), Some(_)) => return Err(cells.corrupt("a secret both hashed and sealed")),
        },
        metadata: cells.at("metadata").text()?.to_owned(),
        revision: cells.at("revision").integer()?,
        created_at: cells.at("created_at").integer()?,
        updated_at: cells.at("updated_at").integer()?,
    })
}
