//! A client's assertion: the JWT by which it authenticates in place of a secret ([RFC 7523, section
//! 2.2]; `private_key_jwt` and `client_secret_jwt` of [OpenID Connect Core, section 9]).
//!
//! It is read in two steps, since only the assertion itself says whose keys verify it:
//! [`ClientAssertion::read`] looks at its form and names the client, and
//! [`ClientAssertion::verify`] proves it. That it is not used twice is for the caller to make sure,
//! who has a memory: [`VerifiedClientAssertion::jti`] and
//! [`acceptable_until`](VerifiedClientAssertion::acceptable_until).
//!
//! [RFC 7523, section 2.2]: https://www.rfc-editor.org/rfc/rfc7523#section-2.2
//! [OpenID Connect Core, section 9]: https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication

mod fault;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::json;
use countersign_jose::jws::{CompactJws, Header};
use countersign_jose::jwt::{self, Expectation};
use serde_json::{Map, Value};

use crate::client_signature::{self, ClientVerificationKeys};

pub use fault::ClientAssertionFault;

/// The only `client_assertion_type` that we read (RFC 7523, section 2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The furthest that `exp` may be ahead, in seconds. RFC 7523, section 3, point 4, leaves it to the
/// server; an hour is what clients that reuse one assertion for as long as they may choose.
pub const MAX_LIFETIME_SECONDS: i64 = 3600;

/// How far the client's clock may differ. FAPI 2.0 Security Profile, section 5.3.2.1, point 13:
/// 10 seconds must be accepted and 60 must not.
pub const LEEWAY_SECONDS: i64 = 30;

/// An assertion whose form is right. Nothing that it says is proven.
#[derive(Debug)]
pub struct ClientAssertion<'a> {
    jws: CompactJws<'a>,
    client_id: String,
}

impl<'a> ClientAssertion<'a> {
    /// Reads the parameters `client_assertion_type`, `client_assertion` and, if it was sent,
    /// `client_id`.
    ///
    /// # Errors
    /// Returns a [`ClientAssertionFault`] if a parameter is missing, the type is another one, or
    /// the assertion is no JWT that names one client.
    pub fn read(
        assertion_type: Option<&str>,
        assertion: Option<&'a str>,
        client_id: Option<&str>,
    ) -> Result<Self, ClientAssertionFault> {
        match assertion_type {
            None => return Err(ClientAssertionFault::TypeMissing),
            Some(CLIENT_ASSERTION_TYPE) => {}
            Some(_) => return Err(ClientAssertionFault::TypeUnknown),
        }
        let assertion = assertion.ok_or(ClientAssertionFault::Missing)?;
        let jws = CompactJws::decode(assertion)?;
        check_typ(jws.header())?;
        let named = named_client(jws.unverified_payload())?;
        // RFC 7521, section 4.2.
        if client_id.is_some_and(|client_id| client_id != named) {
            return Err(ClientAssertionFault::ClientIdDiffers);
        }
        Ok(Self {
            jws,
            client_id: named,
        })
    }

    /// The client that it says it is.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The algorithm that it says it is signed with. A MAC is `client_secret_jwt`, anything else
    /// `private_key_jwt`.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.jws.header().alg()
    }

    /// Proves the assertion under the client's own keys, by the points of RFC 7523, section 3.
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    /// Returns a [`ClientAssertionFault`] for the first check that fails.
    pub fn verify(
        &self,
        keys: ClientVerificationKeys<'_>,
        expectation: &ClientAssertionExpectation<'_>,
        now: i64,
    ) -> Result<VerifiedClientAssertion, ClientAssertionFault> {
        // 9. The signature or MAC, by an algorithm that was agreed on.
        let jws = client_signature::verify(&self.jws, keys, expectation.algorithms)?;
        let registered = registered(expectation, &self.client_id);
        // 1. to 7. Who made it, for whom, and when.
        let verified = jwt::decode_verified::<Map<String, Value>>(jws, &registered, now)?;
        let claims = verified.registered();
        // OpenID Connect Core, section 9, requires a jti; an empty one is all assertions' own.
        let jti = claims.jti.clone().unwrap_or_default();
        if jti.is_empty() {
            return Err(ClientAssertionFault::JtiEmpty);
        }
        let expires_at = claims.exp.unwrap_or(now);
        Ok(VerifiedClientAssertion {
            client_id: self.client_id.clone(),
            jti,
            acceptable_until: expires_at.saturating_add(LEEWAY_SECONDS),
        })
    }
}

/// What is expected of an assertion.
#[derive(Clone, Copy, Debug)]
pub struct ClientAssertionExpectation<'a> {
    /// The identifiers by which this server may be named: its issuer, its token endpoint, the
    /// endpoint that is called (RFC 7523, section 3, point 3; RFC 9126, section 2). `aud` names at
    /// least one of them, and nothing else: an assertion that others accept too could be passed on
    /// by them.
    pub audiences: &'a [&'a str],
    /// `aud` must be one string (FAPI 2.0 Security Profile, section 5.3.2.1, point 6).
    pub single_audience: bool,
    /// Those that were agreed on.
    pub algorithms: &'a [SignatureAlgorithm],
}

/// An assertion that passed every check but that of its single use. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClientAssertion {
    client_id: String,
    jti: String,
    acceptable_until: i64,
}

impl VerifiedClientAssertion {
    /// The client that made it.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client never uses it again.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// The end of its life with the leeway, in Unix seconds: it is not accepted from then on.
    #[must_use]
    pub fn acceptable_until(&self) -> i64 {
        self.acceptable_until
    }
}

/// A token of another kind names its type (RFC 8725, section 3.11). Most clients send `JWT` or none
/// at all.
fn check_typ(header: &Header) -> Result<(), ClientAssertionFault> {
    let fits = header.typ().is_none() || TYPES.iter().any(|typ| header.has_typ(typ));
    match fits {
        true => Ok(()),
        false => Err(ClientAssertionFault::OtherTyp),
    }
}

/// The second is that of draft-ietf-oauth-rfc7523bis, which also says that the issuer is the one
/// right audience.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// `iss` and `sub`, which are both the client_id (OpenID Connect Core, section 9).
fn named_client(payload: &[u8]) -> Result<String, ClientAssertionFault> {
    let claims = json::parse_object(payload).map_err(ClientAssertionFault::ClaimsMalformed)?;
    let text = |name| claims.get(name).and_then(Value::as_str);
    match (text("iss"), text("sub")) {
        (Some(issuer), Some(subject)) if issuer == subject && !subject.is_empty() => {
            Ok(subject.to_owned())
        }
        _ => Err(ClientAssertionFault::SubjectNotTheIssuer),
    }
}

fn registered(expectation: &ClientAssertionExpectation<'_>, client_id: &str) -> Expectation {
    // The type was checked when the assertion was read.
    let registered = Expectation::any_typ()
        .issuer(client_id)
        .subject(client_id)
        .leeway_seconds(LEEWAY_SECONDS)
        .require(&["iss", "sub", "aud", "exp", "jti"])
        .max_lifetime_seconds(MAX_LIFETIME_SECONDS);
    let registered = match expectation.single_audience {
        true => registered.audience_as_single_string(),
        false => registered.only_audience(),
    };
    let audiences = expectation.audiences.iter();
    audiences.fold(registered, |registered, audience| {
        registered.audience(*audience)
    })
}
