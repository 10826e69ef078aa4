//! The rules for a resource, wherever it is declared (RFC 8707, section 2).

use std::fmt;

use countersign_oauth::resource::{
    ResourceFault as IdentifierFault, check_resource, is_same_resource,
};
use countersign_oauth::scope::{self, MAX_TOKEN_BYTES, Scope, ScopeFault};

use super::OperatorResource;
use crate::keys::SigningAlgorithm;

/// The longest lifetime of a resource's access tokens, in seconds.
const MAX_LIFETIME_SECONDS: i64 = 31_536_000;

/// The parts of the configuration that a resource must agree with.
#[derive(Debug, Clone)]
pub struct ResourceRules {
    /// `None` if it is not known yet.
    pub issuer: Option<String>,
    /// `keys.algorithms`.
    pub algorithms: Vec<SigningAlgorithm>,
    /// The longest lifetime of a token whose key is still published when it expires. `None` if
    /// something else checks that.
    pub max_lifetime_seconds: Option<i64>,
}

/// What is wrong with a resource, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceFault {
    Identifier(IdentifierFault),
    IsIssuer,
    ScopeOfIssuer(String),
    Scope(String, ScopeFault),
    Algorithm(SigningAlgorithm),
    Lifetime,
    /// A token would outlive the publication of the key that signed it.
    LifetimeBeyondKey {
        max_seconds: i64,
    },
}

impl ResourceRules {
    /// All faults of a resource.
    #[must_use]
    pub fn faults(&self, identifier: &str, resource: &OperatorResource) -> Vec<ResourceFault> {
        let mut faults = Vec::new();
        faults.extend(
            check_resource(identifier)
                .err()
                .map(ResourceFault::Identifier),
        );
        let issuer = self.issuer.as_deref();
        if issuer.is_some_and(|issuer| is_same_resource(identifier, issuer)) {
            faults.push(ResourceFault::IsIssuer);
        }
        faults.extend(
            resource
                .scopes
                .iter()
                .filter_map(|name| fault_of_scope(name)),
        );
        let algorithm = resource.access_token_algorithm;
        let unknown = algorithm.filter(|algorithm| !self.algorithms.contains(algorithm));
        faults.extend(unknown.map(ResourceFault::Algorithm));
        let lifetime = resource.access_token_lifetime_seconds;
        faults.extend(lifetime.and_then(|seconds| self.fault_of_lifetime(seconds)));
        faults
    }

    fn fault_of_lifetime(&self, seconds: i64) -> Option<ResourceFault> {
        if !(1..=MAX_LIFETIME_SECONDS).contains(&seconds) {
            return Some(ResourceFault::Lifetime);
        }
        let max_seconds = self.max_lifetime_seconds?;
        (seconds > max_seconds).then_some(ResourceFault::LifetimeBeyondKey { max_seconds })
    }
}

fn fault_of_scope(name: &str) -> Option<ResourceFault> {
    if scope::STANDARD.contains(&name) {
        return Some(ResourceFault::ScopeOfIssuer(name.to_owned()));
    }
    let fault = Scope::default().insert(name).err()?;
    Some(ResourceFault::Scope(name.to_owned(), fault))
}

/// Why a name can't be a scope, as a sentence.
#[must_use]
pub fn why_no_scope(name: &str, fault: &ScopeFault) -> String {
    match fault {
        ScopeFault::TokenTooLong => {
            format!("{name:?} can't be a scope: it is longer than {MAX_TOKEN_BYTES} bytes.")
        }
        _ => format!(
            "{name:?} can't be a scope: RFC 6749, section 3.3, allows printable ASCII without space, \" and \\."
        ),
    }
}

impl fmt::Display for ResourceFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(fault) => write!(
                formatter,
                "{fault}. A resource is named by an absolute URI, such as https://api.example.com."
            ),
            Self::IsIssuer => {
                formatter.write_str("this is the issuer, which is a resource already. Remove it.")
            }
            Self::ScopeOfIssuer(name) => {
                write!(
                    formatter,
                    "the scope {name} is the issuer's own. Remove it."
                )
            }
            Self::Scope(name, fault) => formatter.write_str(&why_no_scope(name, fault)),
            Self::Algorithm(algorithm) => write!(
                formatter,
                "access_token_algorithm = \"{algorithm}\" is not one of keys.algorithms. Add it there, or choose one of those."
            ),
            Self::Lifetime => write!(
                formatter,
                "access_token_lifetime_seconds must be from 1 to {MAX_LIFETIME_SECONDS}."
            ),
            Self::LifetimeBeyondKey { max_seconds } => write!(
                formatter,
                "access_token_lifetime_seconds must be at most {max_seconds}: the key that signs a token is published for keys.retired_key_published_seconds after it stops signing."
            ),
        }
    }
}
