//! `id_token_hint`: an ID token that comes back to the provider that signed it (OpenID Connect
//! Core, section 3.1.2.1, OIDC RP-Initiated Logout, section 2). It says who was meant and proves
//! nothing else: it may have expired long ago, and its audience is for the caller to compare.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::json;
use countersign_jose::jws::CompactJws;
use serde_json::Value;

use super::{ID_TOKEN_TYP, IdTokenClaims, IdTokenFault};
use crate::access_token::ACCESS_TOKEN_TYP;
use crate::key_source::KeySource;

/// Checks that we signed it as an ID token: type, issuer, signature. Neither `exp` nor `aud` is
/// looked at. Tokens with a MAC are refused, since every client that knows the secret could have
/// made one.
///
/// # Errors
/// Returns an [`IdTokenFault`].
pub fn verify_id_token_hint(
    id_token: &str,
    keys: &(impl KeySource + ?Sized),
    algorithms: &[SignatureAlgorithm],
    issuer: &str,
) -> Result<IdTokenHint, IdTokenFault> {
    let jws = CompactJws::decode(id_token)?;
    let alg = jws.header().alg();
    if alg.is_symmetric() || !algorithms.contains(&alg) {
        return Err(IdTokenFault::AlgorithmNotExpected { received: alg });
    }
    let key = keys
        .verifying_key(jws.header().kid(), alg)
        .map_err(IdTokenFault::Key)?;
    let jws = jws.verify(&key)?;
    let header = jws.header();
    let may_be_both = header.has_typ(ACCESS_TOKEN_TYP);
    if header.typ().is_some() && !header.has_typ(ID_TOKEN_TYP) && !may_be_both {
        return Err(IdTokenFault::OtherTyp);
    }
    let claims = json::parse_object(jws.payload()).map_err(|_| IdTokenFault::ClaimsMalformed)?;
    let claims: IdTokenClaims =
        serde_json::from_value(Value::Object(claims)).map_err(|_| IdTokenFault::ClaimsMalformed)?;
    if claims.iss != issuer {
        return Err(IdTokenFault::OtherIssuer);
    }
    // A token that is access and ID token at once names the client for which it is the latter.
    let is_id_token = |azp: &String| claims.aud.contains(azp);
    if may_be_both && !claims.azp.as_ref().is_some_and(is_id_token) {
        return Err(IdTokenFault::OtherTyp);
    }
    if claims.other.contains_key("events") {
        return Err(IdTokenFault::EventToken);
    }
    Ok(IdTokenHint { claims })
}

/// An ID token that we signed once, perhaps expired.
#[derive(Clone, Debug, PartialEq)]
pub struct IdTokenHint {
    claims: IdTokenClaims,
}

impl IdTokenHint {
    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// The client session that it was issued in.
    pub fn session(&self) -> Option<&str> {
        self.claims.sid.as_deref()
    }

    /// Whether it was issued to this client.
    pub fn is_for(&self, client_id: &str) -> bool {
        match self.claims.azp.as_deref() {
            Some(azp) => azp == client_id,
            None => self.claims.aud.contains(client_id),
        }
    }

    /// The client that it was issued to: `azp`, or the only audience.
    pub fn client_id(&self) -> Option<&str> {
        let only = || {
            (self.claims.aud.len() == 1)
                .then(|| self.claims.aud.iter().next())
                .flatten()
        };
        self.claims.azp.as_deref().or_else(only)
    }

    pub fn claims(&self) -> &IdTokenClaims {
        &self.claims
    }
}
