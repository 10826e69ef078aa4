//! `crit`: extensions that a recipient must understand (RFC 7515, section 4.1.11). None is
//! supported here.

use serde_json::{Map, Value};

use super::JwsError;

/// Refuses a header that names critical extensions, and one with `b64`.
pub(super) fn check(members: &Map<String, Value>) -> Result<(), JwsError> {
    // An extension that is not understood makes the JWS invalid; an empty or malformed list is
    // invalid as well.
    if members.contains_key("crit") {
        return Err(JwsError::CriticalExtension);
    }
    // RFC 7797, section 6: without crit a b64 header is ambiguous: one side honours it and the
    // other doesn't.
    if members.contains_key("b64") {
        return Err(JwsError::UnencodedPayload);
    }
    Ok(())
}
