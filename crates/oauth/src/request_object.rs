//! A request object: the parameters of an authorization request as a JWT that the client signed
//! ([OpenID Connect Core, section 6]; [RFC 9101]).
//!
//! The object takes precedence over the parameters beside it. The table lists the checks and their
//! sources:
//!
//! | check | source |
//! |---|---|
//! | `typ` is absent, `JWT` or `oauth-authz-req+jwt` | RFC 9101, sections 4 and 10.8 |
//! | signed by one of the client's keys, never with `none` | RFC 9101, sections 5 and 6.2 |
//! | `iss`, if there, is the client | RFC 9101, section 4; OpenID Connect Core, section 6.1 |
//! | `aud`, if there, contains our issuer | the same |
//! | `exp`, `nbf` and `iat` are kept to | RFC 7519, section 4.1 |
//! | it is no client assertion: `sub` is not the client | RFC 9101, section 10.8 |
//! | `request` and `request_uri` are not in it | OpenID Connect Core, section 6.1 |
//!
//! [OpenID Connect Core, section 6]: https://openid.net/specs/openid-connect-core-1_0.html#JWTRequests
//! [RFC 9101]: https://www.rfc-editor.org/rfc/rfc9101

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jws::{CompactJws, JwsError};
use countersign_jose::jwt::{self, Expectation, JwtError};
use serde_json::{Map, Value};

use crate::client_signature::{self, ClientSignatureFault, ClientVerificationKeys};
use crate::parameters::{Limits, ParameterFault, Parameters};

/// How far the client's clock may differ, in seconds, as for its assertions.
pub const LEEWAY_SECONDS: i64 = 30;

/// The `typ` of RFC 9101, section 4.
const REQUEST_OBJECT_TYP: &str = "oauth-authz-req+jwt";

/// A request object that is well-formed. Nothing in it is verified yet.
#[derive(Debug)]
pub struct RequestObject<'a>(CompactJws<'a>);

impl<'a> RequestObject<'a> {
    /// Parses the parameter `request`, or the content at `request_uri`.
    ///
    /// # Errors
    /// Returns a [`RequestObjectFault`] if it is no signed JWT, or one of another type.
    pub fn read(text: &'a str) -> Result<Self, RequestObjectFault> {
        let jws = CompactJws::decode(text)?;
        let header = jws.header();
        let is_one_of_ours =
            header.typ().is_none() || header.has_typ("JWT") || header.has_typ(REQUEST_OBJECT_TYP);
        match is_one_of_ours {
            true => Ok(Self(jws)),
            false => Err(RequestObjectFault::OtherTyp),
        }
    }

    /// The algorithm in its header. A MAC is verified under the client's secret.
    #[must_use]
    pub fn alg(&self) -> SignatureAlgorithm {
        self.0.header().alg()
    }

    /// Verifies that the client made it for this issuer, and that it is valid now. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// Returns a [`RequestObjectFault`] for the first check that fails.
    pub fn verify(
        &self,
        keys: ClientVerificationKeys<'_>,
        expectation: &RequestObjectExpectation<'_>,
        now: i64,
    ) -> Result<VerifiedRequestObject, RequestObjectFault> {
        let jws = client_signature::verify(&self.0, keys, expectation.algorithms)?;
        // The type was checked when the object was parsed.
        let times = Expectation::any_typ().leeway_seconds(LEEWAY_SECONDS);
        let verified = jwt::decode_verified::<Map<String, Value>>(jws, &times, now)?;
        let registered = verified.registered();
        if registered
            .iss
            .as_deref()
            .is_some_and(|iss| iss != expectation.client_id)
        {
            return Err(RequestObjectFault::OtherIssuer);
        }
        let is_for_us = |aud: &str| aud == expectation.issuer;
        if !registered.aud.is_empty() && !registered.aud.iter().any(|aud| is_for_us(aud)) {
            return Err(RequestObjectFault::OtherAudience);
        }
        if registered.sub.as_deref() == Some(expectation.client_id) {
            return Err(RequestObjectFault::ClientAssertion);
        }
        let claims = verified.into_claims();
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(RequestObjectFault::Nested);
        }
        Ok(VerifiedRequestObject(claims))
    }
}

/// The expected values of a request object.
#[derive(Clone, Copy, Debug)]
pub struct RequestObjectExpectation<'a> {
    /// The client that sent it.
    pub client_id: &'a str,
    /// Our issuer.
    pub issuer: &'a str,
    /// The agreed algorithms.
    pub algorithms: &'a [SignatureAlgorithm],
}

/// A request object that passed every check. Only this module makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedRequestObject(Map<String, Value>);

impl VerifiedRequestObject {
    /// The parameters of the request. `outside` are those that were sent beside the object, which
    /// takes precedence. `response_type` and `client_id`, where both have them, must be the same
    /// (OpenID Connect Core, section 6.1).
    ///
    /// Parameters that the object leaves out are taken from outside (OpenID Connect Core, section
    /// 6.1), unless `alone`: then nothing outside counts (RFC 9101, section 6.3).
    ///
    /// # Errors
    /// Returns a [`RequestObjectFault`] if a member is no parameter's value, or one of those two
    /// differs.
    pub fn parameters(
        &self,
        outside: &Parameters,
        alone: bool,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<Parameters, RequestObjectFault> {
        for name in ["response_type", "client_id"] {
            let (inside, outside) = (self.0.get(name), outside.get(name));
            if let (Some(inside), Some(outside)) = (inside, outside)
                && inside.as_str() != Some(outside)
            {
                return Err(RequestObjectFault::Differs { name });
            }
        }
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for (name, value) in &self.0 {
            if !JWT_CLAIMS.contains(&name.as_str()) {
                let values = values(name, value, repeatable)?;
                pairs.extend(values.into_iter().map(|value| (name.as_str(), value)));
            }
        }
        let from_outside = outside.iter().filter(|(name, _)| {
            let is_the_object_itself = matches!(*name, "request" | "request_uri");
            let counts = !alone || *name == "client_id";
            counts && !is_the_object_itself && !self.0.contains_key(*name)
        });
        pairs.extend(from_outside.map(|(name, value)| (name, value.to_owned())));
        Parameters::from_pairs(pairs, limits, repeatable).map_err(RequestObjectFault::Parameter)
    }
}

/// Claims of a JWT (RFC 7519, section 4.1), which are not parameters of a request.
const JWT_CLAIMS: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// The values of one member: a string, number or boolean as in a query; `claims` as JSON (OpenID
/// Connect Core, section 6.1); an array for a parameter that may repeat.
fn values(
    name: &str,
    value: &Value,
    repeatable: &[&str],
) -> Result<Vec<String>, RequestObjectFault> {
    let one = match value {
        Value::Null => return Ok(Vec::new()),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(texts) if repeatable.contains(&name) => {
            let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
            return texts
                .collect::<Option<Vec<String>>>()
                .ok_or(RequestObjectFault::NoValue);
        }
        Value::Object(_) if name == "claims" => value.to_string(),
        // Unknown members are ignored, whatever their form (RFC 6749, section 3.1).
        Value::Array(_) | Value::Object(_) if !KNOWN.contains(&name) => return Ok(Vec::new()),
        Value::Array(_) | Value::Object(_) => return Err(RequestObjectFault::NoValue),
    };
    Ok(vec![one])
}

/// The parameters whose form is known.
const KNOWN: [&str; 20] = [
    "acr_values",
    "claims",
    "claims_locales",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

/// Why a request object was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestObjectFault {
    #[error(transparent)]
    Jws(#[from] JwsError),
    #[error("its typ is that of another kind of token")]
    OtherTyp,
    #[error(transparent)]
    Signature(#[from] ClientSignatureFault),
    #[error(transparent)]
    Jwt(#[from] JwtError),
    #[error("its iss is not the client")]
    OtherIssuer,
    #[error("its aud does not contain this issuer")]
    OtherAudience,
    #[error("its sub is the client, as that of a client assertion")]
    ClientAssertion,
    #[error("it contains request or request_uri")]
    Nested,
    #[error("{name} is not the same inside and outside")]
    Differs { name: &'static str },
    #[error("a member is not of the form of its parameter")]
    NoValue,
    #[error(transparent)]
    Parameter(ParameterFault),
}

impl RequestObjectFault {
    /// Whether a newer set of the client's keys may contain the one that was meant.
    #[must_use]
    pub fn keys_may_be_stale(&self) -> bool {
        matches!(self, Self::Signature(fault) if fault.keys_may_be_stale())
    }
}
