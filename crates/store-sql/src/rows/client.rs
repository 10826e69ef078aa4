//! A client as its columns hold it.

use countersign_store::clients::{Client, ClientSecrets, FORMAT};
use countersign_store::{Epoch, StoreError};

use super::Cells;

/// What [`read`] reads.
pub(crate) const COLUMNS: &str = "client_id, format, epoch, status, secrets, \
     metadata, owner, revision, created_at, updated_at";

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Client, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(Client {
        client_id: cells.at("client_id").text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        status: cells.at("status").status()?,
        secrets: ClientSecrets::from_text(cells.at("secrets").text()?)
            .map_err(|why| cells.corrupt(why))?,
        metadata: cells.at("metadata").text()?.to_owned(),
        owner: cells.at("owner").optional_text()?.map(str::to_owned),
        revision: cells.at("revision").integer()?,
        created_at: cells.at("created_at").integer()?,
        updated_at: cells.at("updated_at").integer()?,
    })
}
