//! The requirements of a request on the sign-in (OpenID Connect Core, sections 3.1.2.1 and 5.5.1).

use countersign_oauth::acr::RequestedAcr;
use countersign_oauth::claims::ClaimsParameter;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::prompt::Prompt;

use super::fault::AuthorizeFault;
use super::requested_claims::malformed;
use crate::Provider;
use crate::clients::Client;
use crate::demand::Demand;
use crate::error::Failure;
use crate::id_token_hint;
use crate::subjects::NamedSubject;

/// Parses the parameters that concern the sign-in. `claims` too may ask for a user, and for
/// authentication classes.
pub(super) async fn demand(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
    claims: &ClaimsParameter,
) -> Result<Demand, Failure> {
    let prompt = Prompt::parse(parameters.get("prompt"))
        .map_err(|fault| Failure::from(AuthorizeFault::PromptInvalid).detail(fault.to_string()))?;
    Ok(Demand {
        prompt,
        max_age: max_age(client, parameters)?,
        login_hint: parameters.get("login_hint").map(str::to_owned),
        hinted_sub: subject(provider, client, parameters, claims).await?,
        acr: acr(client, parameters, claims)?,
        ui_locales: parameters.get("ui_locales").map(str::to_owned),
    })
}

fn max_age(client: &Client, parameters: &Parameters) -> Result<Option<i64>, Failure> {
    match parameters.get("max_age") {
        None => Ok(client
            .metadata
            .default_max_age
            .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))),
        // A number without an upper limit (section 3.1.2.1). A number that is too long to parse is
        // longer than the age of any session.
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(text.parse().unwrap_or(i64::MAX)))
        }
        Some(_) => Err(AuthorizeFault::MaxAgeInvalid.into()),
    }
}

/// The user whom the request is about: from `id_token_hint`, or from a value of the claim `sub`.
/// What matters is whose ID token it is, not which client it was issued to.
async fn subject(
    provider: &Provider,
    client: &Client,
    parameters: &Parameters,
    claims: &ClaimsParameter,
) -> Result<Option<NamedSubject>, Failure> {
    let hinted = match id_token_hint::read(provider, parameters).await? {
        None => None,
        Some(Ok(hint)) => Some(id_token_hint::subject(provider, &hint).await?),
        Some(Err(fault)) => {
            let cause = Failure::from(AuthorizeFault::IdTokenHintInvalid);
            return Err(cause.detail(fault.to_string()));
        }
    };
    let named = claims.subject().map_err(malformed)?;
    let named = named.map(|sub| NamedSubject::told_to(Some(client), sub));
    match (hinted, named) {
        (Some(hinted), Some(named)) if hinted != named => {
            Err(AuthorizeFault::SubjectsDiffer.into())
        }
        (hinted, named) => Ok(hinted.or(named)),
    }
}

/// The requested authentication classes: from the claim `acr`, which alone can be essential; else
/// from `acr_values`; else from the client's registration.
fn acr(
    client: &Client,
    parameters: &Parameters,
    claims: &ClaimsParameter,
) -> Result<Option<RequestedAcr>, Failure> {
    if let Some(by_claim) = claims.acr().map_err(malformed)? {
        return Ok(Some(by_claim));
    }
    let by_parameter = parameters.get("acr_values").map(|values| values.split(' '));
    if let Some(voluntary) = by_parameter.and_then(RequestedAcr::voluntary) {
        return Ok(Some(voluntary));
    }
    let registered = client.metadata.default_acr_values.iter();
    Ok(RequestedAcr::voluntary(registered.map(String::as_str)))
}
