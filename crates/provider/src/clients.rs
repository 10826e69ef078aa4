//! Clients as the endpoints use them: metadata parsed once per revision, standing read every time.
//! A client may also be no more than a document at its own client_id ([`documented`]).

mod documented;
mod registry;

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_metadata::{AccessTokenFormat, ClientMetadata};
use countersign_oauth::scope::Scope;
use countersign_store::clients::ClientSecrets;
use countersign_store::{Epoch, StoreError};

use crate::client_keys::ClientKeys;
use crate::scopes::{self, STANDARD_SCOPES};
use crate::settings::Settings;

pub use documented::Edge;
pub use registry::ClientRegistry;

/// A client that is active, as of this request.
#[derive(Debug, Clone)]
pub struct Client {
    /// The epoch read in this request; grants made from here on carry it.
    pub epoch: Epoch,
    registered: Arc<Registered>,
}

/// The part of a client that may be cached, by its revision.
#[derive(Debug)]
pub struct Registered {
    pub client_id: String,
    pub metadata: ClientMetadata,
    pub secrets: ClientSecrets,
    /// Public keys that are registered by value.
    pub keys: Option<Arc<ClientKeys>>,
    pub id_token_alg: SignatureAlgorithm,
    pub access_token_format: AccessTokenFormat,
    /// Whether an operator registered the client or let it register. If not, people are told, and
    /// nothing is redirected to it before they consented (RFC 9700, section 4.11.2).
    pub vouched: bool,
    /// `None` if the client registered no `scope`: it may ask for any that there is.
    pub allowed_scope: Option<Scope>,
    /// What of it people consent to, as a digest.
    pub fingerprint: String,
    /// The metadata document at its client_id, if it is that and no one registered it.
    pub document: Option<Document>,
    revision: i64,
}

/// What a client is that no one registered.
#[derive(Debug, Clone)]
pub struct Document {
    /// The host of its client_id.
    pub host: String,
    /// Its metadata as the store keeps it.
    pub text: String,
}

impl std::ops::Deref for Client {
    type Target = Registered;

    fn deref(&self) -> &Registered {
        &self.registered
    }
}

impl Registered {
    /// What a consent to it is bound to: the client as it is shown, or nothing where an operator
    /// vouches for what it says of itself.
    pub fn consent_binding(&self) -> &str {
        match self.vouched {
            true => "",
            false => &self.fingerprint,
        }
    }

    /// What people are shown.
    pub fn display_name(&self) -> &str {
        self.metadata
            .client_name
            .as_deref()
            .unwrap_or(&self.client_id)
    }

    /// What of `requested` the client may have here: registered for it, and known to the server
    /// (unknown scopes are ignored, OpenID Connect Core, section 3.1.2.1).
    pub fn grantable(&self, requested: &Scope, settings: &Settings) -> Scope {
        let mut granted = Scope::default();
        for name in requested.iter() {
            let known = STANDARD_SCOPES.contains(&name)
                || settings.operator.scopes.contains_key(name)
                || scopes::of_resources(settings).any(|known| known == name);
            let allowed = self
                .allowed_scope
                .as_ref()
                .is_none_or(|allowed| allowed.contains(name));
            if known && allowed {
                let _ = granted.insert(name);
            }
        }
        granted
    }
}

fn parse(
    record: countersign_store::clients::Client,
    vouched: bool,
) -> Result<Registered, StoreError> {
    let corrupt = |why: String| StoreError::corrupt("client", &record.client_id, why);
    let metadata: ClientMetadata =
        serde_json::from_str(&record.metadata).map_err(|error| corrupt(error.to_string()))?;
    let parsed =
        registered(&record.client_id, metadata, vouched).map_err(|why| corrupt(why.to_owned()))?;
    Ok(Registered {
        secrets: record.secrets,
        revision: record.revision,
        ..parsed
    })
}

/// What follows from a client's metadata.
fn registered(
    client_id: &str,
    metadata: ClientMetadata,
    vouched: bool,
) -> Result<Registered, &'static str> {
    let id_token_alg = metadata
        .id_token_alg()
        .parse()
        .map_err(|_| "id_token_signed_response_alg is not an algorithm")?;
    // A set that no method of the client needs may be of any form.
    let keys = metadata.jwks.as_ref().map(ClientKeys::from_value);
    let keys = keys.and_then(Result::ok).map(Arc::new);
    Ok(Registered {
        client_id: client_id.to_owned(),
        keys,
        id_token_alg,
        access_token_format: metadata.access_token_format(),
        allowed_scope: metadata.allowed_scope(),
        fingerprint: metadata.fingerprint(),
        vouched,
        secrets: ClientSecrets::default(),
        document: None,
        revision: 0,
        metadata,
    })
}
