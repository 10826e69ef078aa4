//! An opaque access token as its columns hold it.

use countersign_store::access_tokens::{NewAccessToken, NewHolder};
use countersign_store::{Epoch, GrantId, SecretHash, StoreError};

use super::Cells;

/// `id, client_id, client_epoch, scope, audience, expires_at` of the row found by `hash`.
pub(crate) fn read<'r>(
    cells: &mut impl Cells<'r>,
    hash: &SecretHash,
) -> Result<NewAccessToken, StoreError> {
    let id = GrantId::from_bytes(cells.at("id").bytes()?);
    let client_id = cells.at("client_id").optional_text()?;
    let client_epoch = cells.at("client_epoch").optional_bytes()?;
    let holder = match (client_id, client_epoch) {
        (None, None) => NewHolder::Grant,
        (Some(client_id), Some(epoch)) => NewHolder::Client {
            client_id: client_id.to_owned(),
            epoch: Epoch::from_bytes(epoch),
        },
        _ => return Err(cells.corrupt("its client has an id or an epoch only")),
    };
    let scope = cells.at("scope").optional_text()?.map(str::to_owned);
    let audience = NewAccessToken::audience_of(cells.at("audience").optional_text()?);
    let expires_at = cells.at("expires_at").integer()?;
    Ok(NewAccessToken {
        hash: *hash,
        id,
        holder,
        scope,
        audience,
        expires_at,
    })
}
