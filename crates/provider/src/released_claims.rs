//! The claims of a user that a grant releases: those of its scope, and those that were asked for by
//! name (OpenID Connect Core, sections 5.4 and 5.5).

use countersign_oauth::claims::{Wanted, release};
use countersign_oauth::scope::Scope;
use countersign_store::grants::{Grant, GrantedClaims};
use serde_json::{Map, Value};

use crate::Provider;
use crate::accounts::Account;
use crate::error::{Failure, ServerFault};
use crate::scopes;

/// The claims that userinfo releases to a token with this scope.
///
/// # Errors
/// Returns a [`Failure`] if the account can't be read.
pub async fn in_userinfo(
    provider: &Provider,
    grant: &Grant,
    scope: &Scope,
) -> Result<Map<String, Value>, Failure> {
    let account = account(provider, grant).await?;
    let claims = grant.authorization.claims.as_deref();
    // A token of a narrower scope than its grant's releases no more than that says.
    let is_whole = Scope::parse(&grant.scope).is_ok_and(|granted| granted == *scope);
    let asked_for = claims.filter(|_| is_whole);
    let names = asked_for.map_or(&[][..], |claims| &claims.userinfo);
    Ok(released(provider, claims, &account, scope, names))
}

/// The user's claims for an ID token, besides `sub`: those that were asked for by name, and those
/// of `scope`. If there are none, nothing is read.
///
/// # Errors
/// Returns a [`Failure`] if the account can't be read.
pub async fn in_id_token(
    provider: &Provider,
    grant: &Grant,
    scope: &Scope,
) -> Result<Map<String, Value>, Failure> {
    let claims = grant.authorization.claims.as_deref();
    let names = claims.map_or(&[][..], |claims| &claims.id_token);
    if names.is_empty() && scope.is_empty() {
        return Ok(Map::new());
    }
    let account = account(provider, grant).await?;
    Ok(released(provider, claims, &account, scope, names))
}

async fn account(provider: &Provider, grant: &Grant) -> Result<Account, Failure> {
    let account = provider.accounts.account(&grant.sub).await?;
    account
        .ok_or_else(|| Failure::from(ServerFault::RecordMissing).detail("account of a valid grant"))
}

fn released(
    provider: &Provider,
    claims: Option<&GrantedClaims>,
    account: &Account,
    scope: &Scope,
    names: &[String],
) -> Map<String, Value> {
    let wanted = Wanted {
        scope,
        names,
        locales: claims.map_or(&[], |claims| &claims.locales),
    };
    let by_scope = scopes::claims_by_scope(&provider.settings);
    release(&account.claims, wanted, &by_scope)
}
