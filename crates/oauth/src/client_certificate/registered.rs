//! The certificates in a set of keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The DER of each key's own certificate: the first of its `x5c` (RFC 7517, section 4.7; RFC 8705,
/// section 2.2.2). What can't be read is left out.
#[must_use]
pub fn certificates_of(jwks: &Value) -> Vec<Vec<u8>> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    let certificate = |key: &Value| {
        let text = key.get("x5c")?.get(0)?.as_str()?;
        STANDARD.decode(text).ok()
    };
    keys.into_iter().flatten().filter_map(certificate).collect()
}
