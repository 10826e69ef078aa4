//! A client as registration returns it (RFC 7591, section 3.2.1), and as the store keeps it.

use countersign_oauth::client_metadata::{ClientMetadata, ClientMetadataFault};
use countersign_store::StoreError;
use countersign_store::clients::Client;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::ClientError;

/// A client and, this once, its secret.
pub struct Registration {
    pub client: Client,
    pub client_secret: Option<Zeroizing<String>>,
}

impl Registration {
    /// The client information response of RFC 7591, section 3.2.1, with the secret.
    ///
    /// # Errors
    /// Returns [`ClientError::Store`] if the stored metadata can't be read.
    pub fn response(&self) -> Result<Map<String, Value>, ClientError> {
        let mut response = client_information(&self.client)?;
        if let Some(secret) = &self.client_secret {
            response.insert("client_secret".to_owned(), Value::from(secret.as_str()));
            // Required with a client_secret; 0 says that it doesn't expire.
            let expires_at = self.client.secrets.last().and_then(|new| new.expires_at);
            response.insert(
                "client_secret_expires_at".to_owned(),
                Value::from(expires_at.unwrap_or(0)),
            );
        }
        Ok(response)
    }
}

/// What is registered of a client, in the terms of RFC 7591, section 3.2.1, without its secret.
///
/// # Errors
/// Returns [`ClientError::Store`] if the stored metadata can't be read.
pub fn client_information(client: &Client) -> Result<Map<String, Value>, ClientError> {
    // What the record says comes last, and so holds.
    let mut information = members_of(&metadata_of(client)?)?;
    information.insert(
        "client_id".to_owned(),
        Value::from(client.client_id.as_str()),
    );
    information.insert(
        "client_id_issued_at".to_owned(),
        Value::from(client.created_at),
    );
    Ok(information)
}

/// The metadata of a record.
///
/// # Errors
/// Returns [`ClientError::Store`] if it can't be read.
pub fn metadata_of(client: &Client) -> Result<ClientMetadata, ClientError> {
    let corrupt =
        |error: serde_json::Error| StoreError::corrupt("client", &client.client_id, error);
    Ok(serde_json::from_str(&client.metadata).map_err(corrupt)?)
}

pub(super) fn members_of(metadata: &ClientMetadata) -> Result<Map<String, Value>, ClientError> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(ClientError::Metadata(ClientMetadataFault::Malformed {
            reason: "it can't be written as JSON".to_owned(),
        })),
    }
}

pub(super) fn to_json(metadata: &ClientMetadata) -> Result<String, ClientError> {
    Ok(Value::Object(members_of(metadata)?).to_string())
}
