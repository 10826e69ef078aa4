//! Resources: what access tokens are for (RFC 8707), as an operator declared them in the
//! configuration or in the store.
//!
//! Every access token is for named resources: those that were asked for, else the client's default
//! resources, else the issuer itself. The empty list means the issuer. Each scope belongs to the
//! resources that list it. A scope that no resource lists belongs to the issuer, and so do the
//! standard scopes.

mod registry;

use std::collections::BTreeMap;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_management::resources::{OperatorResource, ResourceRules};
use countersign_oauth::client_metadata::{AccessTokenFormat, ClientMetadata};
use countersign_oauth::issuer::Issuer;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::resource::is_same_resource;
use countersign_oauth::scope::{self, Scope};

use crate::settings::{KeyPublication, Settings};

pub use registry::ResourceRegistry;

/// The declared resources at one moment.
#[derive(Debug)]
pub struct DeclaredResources {
    issuer: Issuer,
    resources: BTreeMap<String, OperatorResource>,
}

/// A requested resource that is not declared here (RFC 8707, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownResource;

/// Resources of one token that demand different signature algorithms. A separate token for each is
/// possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConflictingResources;

/// How an access token for certain resources is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub format: AccessTokenFormat,
    pub algorithm: SignatureAlgorithm,
    pub lifetime_seconds: i64,
}

/// The rules for a resource in the store, which are those for a resource in the configuration.
#[must_use]
pub fn rules(settings: &Settings, issuer: &Issuer) -> ResourceRules {
    let published_seconds = settings.key_publication.retired_key_published_seconds;
    ResourceRules {
        issuer: Some(issuer.as_str().to_owned()),
        algorithms: settings.keys.algorithms.clone(),
        max_lifetime_seconds: Some(KeyPublication::max_lifetime_seconds(published_seconds)),
    }
}

impl DeclaredResources {
    fn new(issuer: Issuer, resources: BTreeMap<String, OperatorResource>) -> DeclaredResources {
        DeclaredResources { issuer, resources }
    }

    /// Whether there is no resource except the issuer.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Their identifiers, without the issuer's.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.resources.keys().map(String::as_str)
    }

    /// Every scope that a resource lists.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let resources = self.resources.values();
        resources.flat_map(|resource| resource.scopes.iter().map(String::as_str))
    }

    /// The algorithms that resources demand for their access tokens.
    pub fn algorithms(&self) -> impl Iterator<Item = SignatureAlgorithm> {
        let resources = self.resources.values();
        resources.filter_map(|resource| resource.access_token_algorithm.map(Into::into))
    }

    /// The resources of the `resource` parameters, in their declared form and without duplicates.
    /// `None` if there is no such parameter. The issuer is a resource too.
    ///
    /// # Errors
    /// Returns [`UnknownResource`].
    pub fn requested(
        &self,
        parameters: &Parameters,
    ) -> Result<Option<Vec<String>>, UnknownResource> {
        let mut found: Vec<String> = Vec::new();
        for asked in parameters.all("resource") {
            let declared = self.declared(asked).ok_or(UnknownResource)?;
            if !found.iter().any(|known| known == declared) {
                found.push(declared.to_owned());
            }
        }
        Ok((!found.is_empty()).then(|| self.without_issuer_alone(found)))
    }

    /// The resources of a request that names none: the client's default resources that are still
    /// declared.
    pub fn default_of(&self, client: &ClientMetadata) -> Vec<String> {
        let defaults = client.default_resources.iter();
        let declared = defaults.filter_map(|resource| self.declared(resource));
        self.without_issuer_alone(declared.map(str::to_owned).collect())
    }

    /// The resources of a grant that are still declared. A token is never for more than those, and
    /// never for the issuer in their place.
    ///
    /// # Errors
    /// Returns [`UnknownResource`] if nothing is.
    pub fn still_declared(&self, granted: &[String]) -> Result<Vec<String>, UnknownResource> {
        let still = granted.iter().filter(|name| self.is_declared(name));
        let still: Vec<String> = still.cloned().collect();
        match still.is_empty() && !granted.is_empty() {
            true => Err(UnknownResource),
            false => Ok(self.without_issuer_alone(still)),
        }
    }

    /// Whether any of these resources is declared.
    pub fn any_is_declared(&self, resources: &[String]) -> bool {
        resources.is_empty() || resources.iter().any(|name| self.is_declared(name))
    }

    /// Whether it is a declared resource.
    pub fn is_declared(&self, resource: &str) -> bool {
        self.declared(resource).is_some()
    }

    /// The part of `requested` that a client may have: scopes that the server knows (unknown scopes
    /// are ignored, OpenID Connect Core, section 3.1.2.1), and that the client is `allowed`. `None`
    /// allows everything.
    pub fn grantable(
        &self,
        allowed: Option<&Scope>,
        requested: &Scope,
        settings: &Settings,
    ) -> Scope {
        let mut granted = Scope::default();
        for name in requested.iter() {
            let known = scope::STANDARD.contains(&name)
                || settings.operator.scopes.contains_key(name)
                || self.scopes().any(|known| known == name);
            if known && allowed.is_none_or(|allowed| allowed.contains(name)) {
                let _ = granted.insert(name);
            }
        }
        granted
    }

    /// The part of a scope that a token for these resources may carry.
    pub fn scope_within(&self, scope: &Scope, resources: &[String]) -> Scope {
        let for_issuer = include_issuer(resources, &self.issuer);
        let mut within = Scope::default();
        for name in scope.iter() {
            let belongs_to =
                |resource: &OperatorResource| resource.scopes.iter().any(|own| own == name);
            let listed = self.of(resources).any(belongs_to);
            let is_issuers = || !self.resources.values().any(belongs_to);
            // A standard scope is about what the issuer may tell the client, in the ID token too.
            // It has no meaning for other resources.
            if scope::STANDARD.contains(&name) || listed || for_issuer && is_issuers() {
                let _ = within.insert(name);
            }
        }
        within
    }

    /// How an access token for these resources is made. Uses `format` if they don't set one.
    ///
    /// # Errors
    /// Returns [`ConflictingResources`] if two of them demand different algorithms.
    pub fn terms(
        &self,
        settings: &Settings,
        format: AccessTokenFormat,
        resources: &[String],
    ) -> Result<Terms, ConflictingResources> {
        let declared = || self.of(resources);
        let mut algorithms = declared().filter_map(|resource| resource.access_token_algorithm);
        let algorithm = algorithms.next();
        if algorithms.any(|other| Some(other) != algorithm) {
            return Err(ConflictingResources);
        }
        let formats = || declared().filter_map(|resource| resource.access_token_format);
        // A resource that uses introspection accepts only opaque tokens. One that verifies
        // signatures can use introspection as well.
        let format = match formats().any(|format| format == AccessTokenFormat::Opaque) {
            true => AccessTokenFormat::Opaque,
            false => formats().next().unwrap_or(format),
        };
        let lifetimes = declared().filter_map(|resource| resource.access_token_lifetime_seconds);
        Ok(Terms {
            format,
            algorithm: algorithm
                .unwrap_or(settings.keys.access_token_algorithm)
                .into(),
            lifetime_seconds: lifetimes
                .min()
                .unwrap_or(settings.tokens.access_token_lifetime_seconds),
        })
    }

    /// Whether a token for these resources opens userinfo: it is for the issuer, or for a resource
    /// that is declared with `userinfo = true`. This is set per resource, because those who run it
    /// can then read the user's claims.
    pub fn open_userinfo(&self, resources: &[String]) -> bool {
        let is_open = |resource: &OperatorResource| resource.userinfo;
        include_issuer(resources, &self.issuer) || self.of(resources).any(is_open)
    }

    /// Whether the operator allows a client to introspect tokens for one of these resources (RFC
    /// 7662, section 2.1).
    pub fn may_introspect(&self, resources: &[String], client_id: &str) -> bool {
        let is_named = |resource: &OperatorResource| {
            let mut named = resource.introspecting_clients.iter();
            named.any(|named| named == client_id)
        };
        self.of(resources).any(is_named)
    }

    /// The declared ones among `resources`, without the issuer.
    fn of<'a>(&'a self, resources: &'a [String]) -> impl Iterator<Item = &'a OperatorResource> {
        resources.iter().filter_map(|name| self.resources.get(name))
    }

    /// The declared form of an identifier.
    fn declared(&self, asked: &str) -> Option<&str> {
        if is_same_resource(asked, self.issuer.as_str()) {
            return Some(self.issuer.as_str());
        }
        match self.resources.get_key_value(asked) {
            Some((exact, _)) => Some(exact),
            None => self
                .identifiers()
                .find(|declared| is_same_resource(asked, declared)),
        }
    }

    /// One resource, in its declared form.
    ///
    /// # Errors
    /// Returns [`UnknownResource`].
    pub fn named(&self, asked: &str) -> Result<Vec<String>, UnknownResource> {
        let declared = self.declared(asked).ok_or(UnknownResource)?.to_owned();
        Ok(self.without_issuer_alone(vec![declared]))
    }

    /// All scopes of these resources, up to the maximum size of a scope.
    pub fn scope_of(&self, resources: &[String]) -> Scope {
        let mut all = Scope::default();
        for name in self.of(resources).flat_map(|resource| &resource.scopes) {
            let _ = all.insert(name);
        }
        all
    }

    /// Every resource that one of the scopes belongs to, and the issuer if a scope belongs to it.
    /// Empty means the issuer alone.
    pub fn of_scope(&self, scope: &Scope) -> Vec<String> {
        let has = |resource: &OperatorResource, name: &str| {
            let mut scopes = resource.scopes.iter();
            scopes.any(|own| own == name)
        };
        let of_a_resource =
            |name: &str| self.resources.values().any(|resource| has(resource, name));
        let wanted = |resource: &OperatorResource| scope.iter().any(|name| has(resource, name));
        let mut found: Vec<String> = Vec::new();
        if scope.iter().any(|name| !of_a_resource(name)) {
            found.push(self.issuer.as_str().to_owned());
        }
        let resources = self
            .resources
            .iter()
            .filter(|(_, resource)| wanted(resource));
        found.extend(resources.map(|(identifier, _)| identifier.clone()));
        self.without_issuer_alone(found)
    }

    /// The issuer alone is written as the empty list, so that there is only one form.
    fn without_issuer_alone(&self, resources: Vec<String>) -> Vec<String> {
        match resources.as_slice() {
            [only] if only == self.issuer.as_str() => Vec::new(),
            _ => resources,
        }
    }
}

/// Whether every one of `narrower` is among `resources`.
pub fn are_within(narrower: &[String], resources: &[String], issuer: &Issuer) -> bool {
    let issuer = issuer.as_str();
    let holds = |resources: &[String], name: &str| {
        resources.iter().any(|held| held == name) || resources.is_empty() && name == issuer
    };
    match narrower.is_empty() {
        true => holds(resources, issuer),
        false => narrower.iter().all(|name| holds(resources, name)),
    }
}

/// The `aud` claim of a token for these resources.
pub fn audience(resources: &[String], issuer: &Issuer) -> Vec<String> {
    match resources.is_empty() {
        true => vec![issuer.as_str().to_owned()],
        false => resources.to_vec(),
    }
}

/// Whether the issuer is among the resources.
pub fn include_issuer(resources: &[String], issuer: &Issuer) -> bool {
    resources.is_empty() || resources.iter().any(|name| name == issuer.as_str())
}
