//! Client metadata: what may be registered, and what it then means.

mod addresses;
mod flows;
mod limits;
mod meaning;

use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
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
    judged(value, &ClientPolicy::operator())
}

/// A web client with one more member.
pub fn with(member: &str, value: Value) -> Value {
    let mut metadata = json!({ "redirect_uris": ["https://app.example/cb"] });
    metadata[member] = value;
    metadata
}
