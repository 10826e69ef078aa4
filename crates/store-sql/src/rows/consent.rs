//! A consent as its columns hold it.

use countersign_store::consents::{Consent, ConsentBasis, FORMAT};
use countersign_store::{Epoch, StoreError};

use super::Cells;

/// What [`read`] reads.
pub(crate) const COLUMNS: &str =
    "sub, client_id, format, epoch, basis, scope, given_to, updated_at";

pub(crate) fn read<'r>(cells: &mut impl Cells<'r>) -> Result<Consent, StoreError> {
    cells.known_format(FORMAT)?;
    let basis = ConsentBasis::parse(cells.at("basis").text()?);
    Ok(Consent {
        sub: cells.at("sub").text()?.to_owned(),
        client_id: cells.at("client_id").text()?.to_owned(),
        epoch: Epoch::from_bytes(cells.at("epoch").bytes()?),
        basis: basis.ok_or_else(|| cells.corrupt("its basis is unknown"))?,
        scope: cells.at("scope").text()?.to_owned(),
        given_to: cells.at("given_to").text()?.to_owned(),
        updated_at: cells.at("updated_at").integer()?,
    })
}
