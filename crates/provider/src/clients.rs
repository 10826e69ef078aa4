//! Clients as the endpoints use them: metadata parsed once per revision, standing read every time.
//! A client may also consist only of a document at its own client_id ([`documented`]).

mod documented;
mod registry;

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::seal::Keyring;
use countersign_management::clients::open_secret;
use countersign_oauth::client_metadata::{AccessTokenFormat, ClientMetadata};
use countersign_oauth::scope::Scope;
use countersign_store::clients::ClientSecrets;
use countersign_store::consents::Consent;
use countersign_store::{Epoch, StoreError};
use zeroize::Zeroizing;

use crate::client_keys::ClientKeys;

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
    /// With which its userinfo is signed; `None` if it is plain JSON.
    pub userinfo_alg: Option<SignatureAlgorithm>,
    pub access_token_format: AccessTokenFormat,
    /// Whether an operator registered the client or let it register. If not, people are told, and
    /// nothing is redirected to it before they consented (RFC 9700, section 4.11.2).
    pub vouched: bool,
    /// The sector that its pairwise subjects are of; `None` if it knows users by their own `sub`.
    pub sector: Option<String>,
    /// `None` if the client registered no `scope`, and for one that no one vouches for, whose own
    /// limit would protect no one: it may ask for any that there is. MCP clients register the
    /// scope that they need first, and ask for more when a server demands it.
    pub allowed_scope: Option<Scope>,
    /// What of it people consent to, as a digest.
    pub fingerprint: String,
    /// The metadata document at its client_id, if it is that and no one registered it.
    pub document: Option<Document>,
    revision: i64,
}

/// The status of a client that no one registered.
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

    /// Whether the client is still what a user consented to. One that no one vouches for may change
    /// its own name, addresses and keys (RFC 7592, section 2.2; Client ID Metadata Documents,
    /// section 8.4).
    pub fn is_what_was_allowed(&self, consent: &Consent) -> bool {
        self.vouched || consent.given_to == self.fingerprint
    }

    /// What people are shown.
    pub fn display_name(&self) -> &str {
        self.metadata
            .client_name
            .as_deref()
            .unwrap_or(&self.client_id)
    }

    /// One of its sealed secrets in the clear, for as long as it is used.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if it doesn't open.
    pub fn open_secret(
        &self,
        sealed: &[u8],
        sealing: &Keyring,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let opened = open_secret(&self.client_id, sealed, sealing);
        opened.map_err(|error| StoreError::corrupt("client", &self.client_id, error))
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
    let userinfo_alg = metadata.userinfo_signed_response_alg.as_deref();
    let userinfo_alg = userinfo_alg.map(str::parse).transpose();
    let userinfo_alg =
        userinfo_alg.map_err(|_| "userinfo_signed_response_alg is not an algorithm")?;
    let sector = metadata.is_pairwise().then(|| metadata.sector());
    let sector = sector.transpose();
    let sector = sector.map_err(|_| "its sector is not one host")?;
    // A set that no method of the client needs may be of any form.
    let keys = metadata.jwks.as_ref().map(ClientKeys::from_value);
    let keys = keys.and_then(Result::ok).map(Arc::new);
    Ok(Registered {
        client_id: client_id.to_owned(),
        keys,
        sector,
        id_token_alg,
        userinfo_alg,
        access_token_format: metadata.access_token_format(),
        allowed_scope: metadata.allowed_scope().filter(|_| vouched),
        fingerprint: metadata.fingerprint(),
        vouched,
        secrets: ClientSecrets::default(),
        document: None,
        revision: 0,
        metadata,
    })
}
