//! The members that the server issues: the client's identity, its secret and the address of its
//! registration. They are in what registration returns (RFC 7591, section 3.2.1; RFC 7592, section
//! 3) and are not metadata: they belong to the record. Sent back, they are dropped, so that none of
//! them is ever stored beside the record's own, or told in its place.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of a registration response that are not client metadata.
pub const ISSUED_MEMBERS: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// Removes what the server issues.
pub(super) fn drop_issued(members: &mut Map<String, Value>) {
    members.retain(|member, _| !ISSUED_MEMBERS.contains(&member.as_str()));
}

/// Reads the members that we don't know, without those that the server issues.
pub(super) fn without_issued<'de, D>(deserializer: D) -> Result<Map<String, Value>, D::Error>
where
    D: Deserializer<'de>,
{
    let mut members = Map::deserialize(deserializer)?;
    drop_issued(&mut members);
    Ok(members)
}
