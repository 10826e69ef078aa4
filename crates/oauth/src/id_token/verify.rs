//! The numbered checks of OpenID Connect Core, section 3.1.3.7, and those of 3.1.3.8, 3.3.2.11 and
//! 12.2 that go with them.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::constant_time_eq;
use countersign_jose::jws::{CompactJws, Header};
use countersign_jose::jwt::{self, Expectation};
use countersign_jose::key::VerifyingKey;

use super::{IdTokenClaims, IdTokenExpectation, IdTokenFault, NonceRule, left_half_hash};
use crate::key_source::KeySource;

/// Believes an ID token or says why not. `now` is in Unix seconds.
///
/// Number 6 of the checklist is not waived for tokens that came over TLS: every signature is
/// checked.
///
/// # Errors
/// Returns an [`IdTokenFault`] for the first check that fails.
pub fn verify_id_token(
    id_token: &str,
    keys: &(impl KeySource + ?Sized),
    expectation: &IdTokenExpectation<'_>,
    now: i64,
) -> Result<VerifiedIdToken, IdTokenFault> {
    // 1. Encryption is not supported yet: five parts are refused here.
    let jws = CompactJws::decode(id_token)?;
    // 7. The algorithm is one that was agreed on; 8. with a MAC the key is the client's secret.
    let key = choose_key(jws.header(), keys, expectation)?;
    // 6. The signature.
    let jws = jws.verify(&key)?;
    // 2. The issuer, 9. the end of its life, 10. its age.
    let verified = jwt::decode_verified::<IdTokenClaims>(jws, &registered(expectation), now)?;
    let alg = verified.header().alg();
    let claims = verified.into_claims();
    check_kind(&claims)?;
    check_subject(&claims, expectation)?;
    // 3. to 5. Whom it is for.
    check_audience(&claims, expectation)?;
    // 11. The nonce.
    check_nonce(&claims, expectation)?;
    // 12. How the user was authenticated, and 13. when.
    check_acr(&claims, expectation)?;
    check_auth_time(&claims, expectation, now)?;
    // 3.1.3.8 and 3.3.2.11: what came along.
    check_hashes(alg, &claims, expectation)?;
    Ok(VerifiedIdToken { claims, alg })
}

/// An ID token that passed every check. Only this module makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedIdToken {
    claims: IdTokenClaims,
    alg: SignatureAlgorithm,
}

impl VerifiedIdToken {
    pub fn claims(&self) -> &IdTokenClaims {
        &self.claims
    }

    pub fn subject(&self) -> &str {
        &self.claims.sub
    }

    /// The algorithm that it was signed with.
    pub fn alg(&self) -> SignatureAlgorithm {
        self.alg
    }

    pub fn into_claims(self) -> IdTokenClaims {
        self.claims
    }
}

fn choose_key(
    header: &Header,
    keys: &(impl KeySource + ?Sized),
    expectation: &IdTokenExpectation<'_>,
) -> Result<VerifyingKey, IdTokenFault> {
    let alg = header.alg();
    if !expectation.algorithms.contains(&alg) {
        return Err(IdTokenFault::AlgorithmNotExpected { received: alg });
    }
    if !alg.is_symmetric() {
        return keys
            .verifying_key(header.kid(), alg)
            .map_err(IdTokenFault::Key);
    }
    let secret = expectation
        .client_secret
        .ok_or(IdTokenFault::NoClientSecret)?;
    VerifyingKey::hmac(alg, secret).map_err(|_| IdTokenFault::NoClientSecret)
}

/// `typ` is `JWT` or absent: access tokens, logout tokens and DPoP proofs name their own (RFC 8725,
/// section 3.11).
fn registered(expectation: &IdTokenExpectation<'_>) -> Expectation {
    let registered = Expectation::typ_absent_or(super::ID_TOKEN_TYP)
        .issuer(expectation.issuer)
        .leeway_seconds(expectation.leeway_seconds)
        .require(&["iss", "sub", "aud", "exp", "iat"]);
    match expectation.max_token_age_seconds {
        Some(seconds) => registered.max_age_seconds(seconds),
        None => registered,
    }
}

/// Older logout tokens have no `typ` of their own; `events` tells them apart (OIDC Back-Channel
/// Logout, section 2.4).
fn check_kind(claims: &IdTokenClaims) -> Result<(), IdTokenFault> {
    if claims.other.contains_key("events") {
        return Err(IdTokenFault::EventToken);
    }
    Ok(())
}

/// OpenID Connect Core, section 2: at most 255 ASCII characters; an empty subject names no one.
fn check_subject(
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
) -> Result<(), IdTokenFault> {
    if claims.sub.is_empty() || claims.sub.len() > 255 || !claims.sub.is_ascii() {
        return Err(IdTokenFault::SubjectMalformed);
    }
    match expectation.subject {
        Some(expected) if expected != claims.sub => Err(IdTokenFault::OtherSubject),
        _ => Ok(()),
    }
}

fn check_audience(
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
) -> Result<(), IdTokenFault> {
    // 3. The client is in the audience, and no one whom it doesn't trust.
    if !claims.aud.contains(expectation.client_id) {
        return Err(IdTokenFault::AudienceWithoutClient);
    }
    let known = |audience: &str| {
        audience == expectation.client_id || expectation.trusted_audiences.contains(&audience)
    };
    if !claims.aud.iter().all(known) {
        return Err(IdTokenFault::AudienceNotTrusted);
    }
    match claims.azp.as_deref() {
        // 4. Of several audiences azp says for whom it was issued.
        None if claims.aud.len() > 1 => Err(IdTokenFault::AuthorizedPartyMissing),
        // 5. And that is the client.
        Some(azp) if azp != expectation.client_id => Err(IdTokenFault::AuthorizedPartyMismatch),
        _ => Ok(()),
    }
}

fn check_nonce(
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
) -> Result<(), IdTokenFault> {
    let same = |sent: &str, came: &str| {
        if constant_time_eq(sent.as_bytes(), came.as_bytes()) {
            Ok(())
        } else {
            Err(IdTokenFault::NonceMismatch)
        }
    };
    match (expectation.nonce, claims.nonce.as_deref()) {
        (NonceRule::Sent(_), None) => Err(IdTokenFault::NonceMissing),
        (NonceRule::Sent(sent) | NonceRule::AfterRefresh(Some(sent)), Some(came)) => {
            same(sent, came)
        }
        (NonceRule::NotSent | NonceRule::AfterRefresh(None), Some(_)) => {
            Err(IdTokenFault::NonceUnexpected)
        }
        (NonceRule::NotSent | NonceRule::AfterRefresh(_), None) => Ok(()),
    }
}

fn check_acr(
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
) -> Result<(), IdTokenFault> {
    if expectation.acr_values.is_empty() {
        return Ok(());
    }
    match claims.acr.as_deref() {
        Some(acr) if expectation.acr_values.contains(&acr) => Ok(()),
        _ => Err(IdTokenFault::AcrNotSatisfied),
    }
}

fn check_auth_time(
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
    now: i64,
) -> Result<(), IdTokenFault> {
    let leeway = expectation.leeway_seconds.max(0);
    let Some(auth_time) = claims.auth_time else {
        let asked = expectation.require_auth_time || expectation.max_age_seconds.is_some();
        return if asked {
            Err(IdTokenFault::AuthTimeMissing)
        } else {
            Ok(())
        };
    };
    if auth_time > now.saturating_add(leeway) {
        return Err(IdTokenFault::AuthTimeInTheFuture);
    }
    match expectation.max_age_seconds {
        Some(max_age) if now.saturating_sub(auth_time) > max_age.saturating_add(leeway) => {
            Err(IdTokenFault::AuthTimeTooOld)
        }
        _ => Ok(()),
    }
}

fn check_hashes(
    alg: SignatureAlgorithm,
    claims: &IdTokenClaims,
    expectation: &IdTokenExpectation<'_>,
) -> Result<(), IdTokenFault> {
    let fits = |hash: &str, value: &str| {
        constant_time_eq(hash.as_bytes(), left_half_hash(alg, value).as_bytes())
    };
    match (expectation.access_token, claims.at_hash.as_deref()) {
        (Some(token), Some(hash)) if !fits(hash, token) => {
            return Err(IdTokenFault::AccessTokenHashMismatch);
        }
        (_, None) if expectation.require_at_hash => {
            return Err(IdTokenFault::AccessTokenHashMissing);
        }
        _ => {}
    }
    match (expectation.code, claims.c_hash.as_deref()) {
        (Some(_), None) => Err(IdTokenFault::CodeHashMissing),
        (Some(code), Some(hash)) if !fits(hash, code) => Err(IdTokenFault::CodeHashMismatch),
        _ => Ok(()),
    }
}
