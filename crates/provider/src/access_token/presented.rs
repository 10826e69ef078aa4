//! The access token that a request presents (RFC 6750, section 2).

use countersign_oauth::bearer::{BearerFault as GrammarFault, BearerToken};
use http::{Method, header};

use super::fault::BearerFault;
use crate::Provider;
use crate::error::{Challenge, Failure};
use crate::exchange::Incoming;

/// The token of a request: in the header, or in a form (RFC 6750, sections 2.1 and 2.2).
///
/// # Errors
/// Returns a [`BearerFault`] if there is no token, more than one, or none that can be read.
pub fn presented(provider: &Provider, incoming: &Incoming) -> Result<BearerToken, Failure> {
    let query = incoming.exchange.query.as_deref().unwrap_or("");
    if query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("access_token"))
    {
        return Err(BearerFault::InQuery.into());
    }
    let is_form = incoming.exchange.method == Method::POST
        && incoming.has_content_type("application/x-www-form-urlencoded");
    let form = match is_form {
        // RFC 6750, section 3.1: whatever is wrong with the request is told in the challenge as
        // well.
        true => Some(
            incoming
                .form(provider, &[])
                .map_err(|failure| failure.challenge(Challenge::Bearer))?,
        ),
        false => None,
    };
    let in_body = form.as_ref().and_then(|form| form.get("access_token"));
    let malformed = |fault: GrammarFault| match fault {
        GrammarFault::OtherScheme => BearerFault::OtherScheme.into(),
        fault => Failure::from(BearerFault::Malformed).detail(fault.to_string()),
    };
    if incoming.exchange.is_repeated(&header::AUTHORIZATION) {
        return Err(BearerFault::SentTwice.into());
    }
    match (incoming.exchange.header(header::AUTHORIZATION), in_body) {
        (Some(_), Some(_)) => Err(BearerFault::SentTwice.into()),
        (Some(authorization), None) => BearerToken::parse(authorization).map_err(malformed),
        (None, Some(token)) => BearerToken::from_token(token).map_err(malformed),
        (None, None)
            if incoming
                .exchange
                .headers
                .contains_key(header::AUTHORIZATION) =>
        {
            Err(BearerFault::Malformed.into())
        }
        (None, None) => Err(BearerFault::Missing.into()),
    }
}
