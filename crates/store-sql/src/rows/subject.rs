//! A subject as its columns hold it.

use countersign_store::subjects::{FORMAT, Subject};
use countersign_store::{Epoch, StoreError};

use super::Cells;

/// What [`read`] reads.
pub(crate) const COLUMNS: &str = "sub, format, epoch, status";

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Subject, StoreError> {
    cells.known_format(FORMAT)?;
    Ok(Subject {
        sub: cells.at("sub").text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        status: cells.at("status").status()?,
    })
}
