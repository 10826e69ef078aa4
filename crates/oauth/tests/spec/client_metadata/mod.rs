//! Client metadata: what may be registered, and what it then means.

mod addresses;
mod authentication;
mod documents;
mod flows;
mod introspection;
mod limits;
mod meaning;
mod sector;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy, Offered};
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::response_type::ResponseType;
use serde_json::{Value, json};

pub fn read(value: &Value) -> ClientMetadata {
    ClientMetadata::from_json(value.to_string().as_bytes()).unwrap()
}

pub fn judged(value: &Value, policy: &ClientPolicy) -> &'static str {
    match ClientMetadata::from_json(value.to_string().as_bytes()) {
        Ok(metadata) => metadata
            .validate(policy)
            .map_or_else(|fault| fault.code(), |_| "valid"),
        Err(fault) => fault.code(),
    }
}

pub fn operator(value: &Value) -> &'static str {
    judged(value, &ClientPolicy::operator(offered()))
}

/// What the server of these tests offers.
pub fn offered() -> Offered {
    Offered {
        auth_methods: vec![
            ClientAuthMethod::None,
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::ClientSecretPost,
        ],
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        response_types: vec![ResponseType::Code],
        id_token_algs: vec![
            SignatureAlgorithm::RS256,
            SignatureAlgorithm::PS256,
            SignatureAlgorithm::ES256,
            SignatureAlgorithm::EdDSA,
        ],
        client_signature_algs: vec![
            SignatureAlgorithm::RS256,
            SignatureAlgorithm::ES256,
            SignatureAlgorithm::HS256,
        ],
        scopes: ["openid", "profile", "email", "offline_access"]
            .map(str::to_owned)
            .to_vec(),
        resources: vec!["https://api.example/a".to_owned()],
        members: Vec::new(),
    }
}

/// A web client with one more member.
pub fn with(member: &str, value: Value) -> Value {
    let mut metadata = json!({ "redirect_uris": ["https://app.example/cb"] });
    metadata[member] = value;
    metadata
}
