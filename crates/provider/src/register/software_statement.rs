//! The software statement of a registration (RFC 7591, sections 2.3 and 3.1.1): signed by an issuer
//! whom the operator trusts, it takes precedence over what the client says itself.

use std::sync::Arc;

use countersign_oauth::software_statement::{SoftwareStatement, SoftwareStatementFault};
use serde_json::{Map, Value};

use super::fault::RegisterFault;
use crate::Provider;
use crate::client_keys::ClientKeys;
use crate::error::Failure;
use crate::settings::SoftwareStatementIssuer;

const MEMBER: &str = "software_statement";

/// Replaces what the client says with what the statement says. `registered` is the statement that
/// was verified for this client before.
///
/// # Errors
/// Returns [`RegisterFault::StatementUnapproved`] for a statement of an issuer that is not trusted,
/// [`RegisterFault::StatementInvalid`] for one that is not valid, or
/// [`RegisterFault::StatementKeysUnavailable`].
pub(super) async fn apply(
    provider: &Provider,
    members: &mut Map<String, Value>,
    registered: Option<&str>,
) -> Result<(), Failure> {
    let text = match members.get(MEMBER) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(text)) if text.is_empty() => return Ok(()),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(RegisterFault::StatementInvalid.into()),
    };
    let statement = SoftwareStatement::read(&text).map_err(|fault| invalid(&fault))?;
    let said = match registered == Some(text.as_str()) {
        true => statement.unverified_members(),
        false => verified(provider, &statement).await?,
    };
    members.extend(said);
    Ok(())
}

async fn verified(
    provider: &Provider,
    statement: &SoftwareStatement<'_>,
) -> Result<Map<String, Value>, Failure> {
    let issuers = &provider.settings.registration.software_statement_issuers;
    let Some(issuer) = issuers.get(statement.issuer()) else {
        return Err(RegisterFault::StatementUnapproved.into());
    };
    let server = provider.issuer.as_str();
    let verify = |keys: &Arc<ClientKeys>| statement.verify(&**keys, server, provider.now());
    let keys = keys_of(provider, statement.issuer(), issuer, None).await?;
    let fault = match verify(&keys) {
        Ok(said) => return Ok(said),
        Err(fault) => fault,
    };
    // The issuer may have a new key since.
    let is_of_keys = matches!(
        fault,
        SoftwareStatementFault::Key(_) | SoftwareStatementFault::Jws(_)
    );
    if issuer.jwks_uri.is_some()
        && is_of_keys
        && let Ok(newer) = keys_of(provider, statement.issuer(), issuer, Some(&keys)).await
    {
        return verify(&newer).map_err(|fault| invalid(&fault));
    }
    Err(invalid(&fault))
}

/// The issuer's keys; newer ones than `outdated`, if that is given.
async fn keys_of(
    provider: &Provider,
    name: &str,
    issuer: &SoftwareStatementIssuer,
    outdated: Option<&Arc<ClientKeys>>,
) -> Result<Arc<ClientKeys>, Failure> {
    let unavailable = |reason: String| {
        Failure::from(RegisterFault::StatementKeysUnavailable)
            .detail(format!("the keys of the issuer {name}: {reason}"))
    };
    if let Some(jwks) = &issuer.jwks {
        let keys = ClientKeys::from_json(jwks.as_bytes());
        return keys
            .map(Arc::new)
            .map_err(|error| unavailable(error.to_string()));
    }
    let Some(jwks_uri) = &issuer.jwks_uri else {
        return Err(unavailable("it has neither jwks nor jwks_uri".to_owned()));
    };
    let now_ms = provider.clock.monotonic_milliseconds();
    let keys = provider
        .client_keys
        .at(name, jwks_uri, outdated, now_ms)
        .await;
    keys.map_err(|reason| unavailable(reason.to_string()))
}

fn invalid(fault: &SoftwareStatementFault) -> Failure {
    Failure::from(RegisterFault::StatementInvalid).detail(fault.to_string())
}
