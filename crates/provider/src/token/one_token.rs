//! One JWT as both access token and ID token, for a client with
//! `insecure_id_token_is_access_token`.
//!
//! Its type is that of an access token (RFC 9068, section 2.1). It is for the client and the
//! issuer, and `azp` names the client that it is an ID token for (OpenID Connect Core, section 2).
//! It has no `at_hash`, since a token can't contain its own hash.

use countersign_store::grants::Grant;
use serde::Serialize;
use serde_json::{Map, Value};

/// The user and the client.
pub(super) struct Subject<'a> {
    pub grant: &'a Grant,
    /// As the client knows the user.
    pub sub: &'a str,
    pub scope: &'a str,
    pub nonce: Option<&'a str>,
    /// More claims.
    pub claims: &'a Map<String, Value>,
}

/// The claims of both. The times are when it is issued and when it expires, in Unix seconds.
pub(super) fn claims<'a>(
    issuer: &'a str,
    jti: &'a str,
    (iat, exp): (i64, i64),
    subject: &Subject<'a>,
) -> Claims<'a> {
    let Subject {
        grant,
        sub,
        scope,
        nonce,
        claims,
    } = *subject;
    Claims {
        iss: issuer,
        sub,
        aud: [&grant.client_id, issuer],
        azp: &grant.client_id,
        client_id: &grant.client_id,
        exp,
        iat,
        jti,
        scope,
        nonce,
        auth_time: grant.authorization.auth_time,
        acr: grant.authorization.acr.as_deref(),
        amr: &grant.authorization.amr,
        sid: grant.authorization.sid.map(|sid| sid.to_string()),
        grant_id: grant.id.to_string(),
        claims,
    }
}

#[derive(Serialize)]
pub(super) struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'a str; 2],
    azp: &'a str,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    grant_id: String,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}
