//! The `claims` parameter, which asks for individual claims ([OpenID Connect Core, section 5.5]).
//!
//! [OpenID Connect Core, section 5.5]: https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter

use std::collections::BTreeMap;

use countersign_jose::json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::acr::RequestedAcr;

/// The maximum number of claims in one place.
const MAX_CLAIMS: usize = 100;

/// The parsed parameter. Members other than `userinfo` and `id_token` are ignored (section 5.5).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimsParameter {
    userinfo: BTreeMap<String, ClaimRequest>,
    id_token: BTreeMap<String, ClaimRequest>,
}

/// How one claim is asked for (section 5.5.1).
#[derive(Clone, Debug, Default, PartialEq)]
struct ClaimRequest {
    essential: bool,
    values: Vec<Value>,
}

impl ClaimsParameter {
    /// Parses the parameter: a JSON object of bounded depth, without duplicate members.
    ///
    /// # Errors
    /// Returns a [`ClaimsParameterFault`].
    pub fn parse(text: &str) -> Result<Self, ClaimsParameterFault> {
        let object = json::parse_object(text.as_bytes())
            .map_err(|_| ClaimsParameterFault::NotAnObject { member: "claims" })?;
        Ok(Self {
            userinfo: requests(&object, "userinfo")?,
            id_token: requests(&object, "id_token")?,
        })
    }

    /// The names of the claims that userinfo and the ID token are to release.
    #[must_use]
    pub fn names(&self) -> RequestedClaims {
        let names = |claims: &BTreeMap<String, ClaimRequest>| claims.keys().cloned().collect();
        RequestedClaims {
            userinfo: names(&self.userinfo),
            id_token: names(&self.id_token),
            locales: Vec::new(),
        }
    }

    /// The user whom the request is about, from a value of `sub` (section 5.5.1).
    ///
    /// # Errors
    /// Returns [`ClaimsParameterFault::Subject`] for a value that no `sub` can have, or for more
    /// than one.
    pub fn subject(&self) -> Result<Option<&str>, ClaimsParameterFault> {
        let requests = [self.userinfo.get("sub"), self.id_token.get("sub")];
        let values = requests.into_iter().flatten().flat_map(|sub| &sub.values);
        let mut subject = None;
        for value in values {
            let value = value.as_str().ok_or(ClaimsParameterFault::Subject)?;
            if subject.is_some_and(|known| known != value) {
                return Err(ClaimsParameterFault::Subject);
            }
            subject = Some(value);
        }
        Ok(subject)
    }

    /// The requested values of `acr` (section 5.5.1.1); `None` if there are none. The claim is in
    /// the ID token.
    ///
    /// # Errors
    /// Returns [`ClaimsParameterFault::Acr`] for a value that is no text.
    pub fn acr(&self) -> Result<Option<RequestedAcr>, ClaimsParameterFault> {
        let Some(acr) = self.id_token.get("acr") else {
            return Ok(None);
        };
        let values = acr.values.iter().map(|value| value.as_str());
        let values: Option<Vec<&str>> = values.collect();
        let values = values.ok_or(ClaimsParameterFault::Acr)?;
        Ok(
            RequestedAcr::voluntary(values).map(|requested| RequestedAcr {
                essential: acr.essential,
                ..requested
            }),
        )
    }
}

fn requests(
    object: &Map<String, Value>,
    member: &'static str,
) -> Result<BTreeMap<String, ClaimRequest>, ClaimsParameterFault> {
    let claims = match object.get(member) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(claims)) => claims,
        Some(_) => return Err(ClaimsParameterFault::NotAnObject { member }),
    };
    if claims.len() > MAX_CLAIMS {
        return Err(ClaimsParameterFault::TooMany { limit: MAX_CLAIMS });
    }
    let read = |(name, value): (&String, &Value)| Ok((name.clone(), request(value)?));
    claims.iter().map(read).collect()
}

fn request(value: &Value) -> Result<ClaimRequest, ClaimsParameterFault> {
    let object = match value {
        Value::Null => return Ok(ClaimRequest::default()),
        Value::Object(object) => object,
        _ => return Err(ClaimsParameterFault::Request),
    };
    let essential = match object.get("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return Err(ClaimsParameterFault::Request),
    };
    let mut values: Vec<Value> = object.get("value").cloned().into_iter().collect();
    match object.get("values") {
        None => {}
        Some(Value::Array(more)) => values.extend(more.iter().cloned()),
        Some(_) => return Err(ClaimsParameterFault::Request),
    }
    Ok(ClaimRequest { essential, values })
}

/// Claims that were asked for by name, and their preferred languages. A grant stores them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaims {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// `claims_locales`, in order of preference (section 5.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
}

impl RequestedClaims {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Removes the claims that may not be released.
    #[must_use]
    pub fn only(mut self, may_be_released: impl Fn(&str) -> bool) -> Self {
        for names in [&mut self.userinfo, &mut self.id_token] {
            names.retain(|name| may_be_released(name));
        }
        self
    }

    /// All names, from both places. Some may occur twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.userinfo.iter().chain(&self.id_token);
        names.map(String::as_str)
    }
}

/// Why a `claims` parameter was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsParameterFault {
    #[error("{member} is not a JSON object, or a member is in it twice")]
    NotAnObject { member: &'static str },
    #[error("more than {limit} claims were requested")]
    TooMany { limit: usize },
    #[error("a claim is requested by what is neither null nor an object of the specified members")]
    Request,
    #[error("sub is requested with more than one value, or with one that is not a string")]
    Subject,
    #[error("acr is requested with a value that is not a string")]
    Acr,
}
