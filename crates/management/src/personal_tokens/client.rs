//! The client that personal tokens belong to. It has no redirect URI, no grant type and no secret,
//! so no one can act as it.

use countersign_store::Epoch;
use countersign_store::clients::{Client, ClientSecrets};
use countersign_store::subjects::Status;

use super::PersonalTokenError;
use crate::Context;

/// Its client_id, which no other client can be given.
pub const CLIENT_ID: &str = "personal-tokens";

const METADATA: &str = r#"{"client_name":"Personal tokens","grant_types":[],"response_types":[],"token_endpoint_auth_method":"client_secret_basic","access_token_format":"opaque"}"#;

/// Returns the client, and creates it if it does not exist yet.
///
/// # Errors
/// Returns [`PersonalTokenError::ClientDisabled`] or [`PersonalTokenError::Store`].
pub(super) async fn ensure(context: &Context, now: i64) -> Result<Client, PersonalTokenError> {
    let store = &context.store;
    if store.client(CLIENT_ID).await?.is_none() {
        let client = Client {
            client_id: CLIENT_ID.to_owned(),
            epoch: Epoch::generate(&*context.random),
            status: Status::Active,
            secrets: ClientSecrets::default(),
            metadata: METADATA.to_owned(),
            owner: None,
            revision: 0,
            created_at: now,
            updated_at: now,
        };
        // Another replica may have created it first.
        store.create_client(&client).await?;
    }
    let client = store.client(CLIENT_ID).await?;
    let ours =
        client.filter(|client| client.status == Status::Active && client.metadata == METADATA);
    ours.ok_or(PersonalTokenError::ClientDisabled(CLIENT_ID))
}
