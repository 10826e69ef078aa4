//! A consent as its columns hold it.

use countersign_store::consents::Consent;
use countersign_store::{Epoch, StoreError};

use super::Cells;

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Consent, StoreError> {
    Ok(Consent {
        sub: cells.text()?.to_owned(),
        client_id: cells.text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.bytes()?),
        scope: cells.text()?.to_owned(),
        updated_at: cells.integer()?,
    })
}
