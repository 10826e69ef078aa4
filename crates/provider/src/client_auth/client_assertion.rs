//! `private_key_jwt` and `client_secret_jwt`: an assertion that the client signed (RFC 7523,
//! section 2.2, OpenID Connect Core, section 9).

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jws::JwsError;
use countersign_jose::jwt::JwtError;
use countersign_oauth::client_assertion::{
    ClientAssertion, ClientAssertionExpectation, ClientAssertionFault as AssertionFault,
    VerifiedClientAssertion,
};
use countersign_oauth::client_auth_method::ClientAuthMethod;
use countersign_oauth::client_signature::ClientSignatureFault as SignatureFault;
use countersign_oauth::parameters::Parameters;
use countersign_store::replay::{Use, UseKey};

use super::fault::ClientAuthFault;
use super::{Credential, Presented};
use crate::Provider;
use crate::client_signature::{self, NotVerified};
use crate::clients::Client;
use crate::error::Failure;
use crate::exchange::Exchange;
use crate::offered::CLIENT_SIGNATURE_ALGORITHMS;

/// Reads the parameters of RFC 7521, section 4.2.
pub(super) fn read(form: &Parameters) -> Result<Presented<'_>, Failure> {
    let assertion = ClientAssertion::read(
        form.get("client_assertion_type"),
        form.get("client_assertion"),
        form.get("client_id"),
    )
    .map_err(|fault| refused(&fault))?;
    Ok(Presented {
        client_id: assertion.client_id().to_owned(),
        credential: Credential::Assertion(assertion),
    })
}

/// The method that it is one of: a MAC shows the secret, a signature the key.
pub(super) fn method(assertion: &ClientAssertion<'_>) -> ClientAuthMethod {
    match assertion.alg().is_symmetric() {
        true => ClientAuthMethod::ClientSecretJwt,
        false => ClientAuthMethod::PrivateKeyJwt,
    }
}

/// Proves an assertion of `client`, whose registered method it is, and uses it up.
pub(super) async fn prove(
    provider: &Provider,
    exchange: &Exchange,
    client: &Client,
    assertion: &ClientAssertion<'_>,
) -> Result<(), Failure> {
    let audiences = audiences(provider, exchange, client);
    let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
    let algorithms = algorithms(client);
    let expectation = ClientAssertionExpectation {
        audiences: &audiences,
        single_audience: client.metadata.is_strict_about_assertion_audience(),
        algorithms: &algorithms,
    };
    let verified = client_signature::verify(
        provider,
        client,
        assertion.alg(),
        AssertionFault::keys_may_be_stale,
        |keys| assertion.verify(keys, &expectation, provider.now()),
    )
    .await
    .map_err(|why| match why {
        NotVerified::Fault(fault) => refused(&fault),
        NotVerified::Failed(failure) => failure,
        NotVerified::KeysUnavailable(reason) => {
            let client_id = &client.client_id;
            Failure::from(ClientAuthFault::KeysUnavailable)
                .detail(format!("an assertion of client {client_id}: {reason}"))
        }
    })?;
    use_once(provider, &verified).await
}

/// The names of this server that the client may use (RFC 7523, section 3, point 3; RFC 9126,
/// section 2; FAPI 2.0 Security Profile, section 5.3.2.1, point 6).
fn audiences(provider: &Provider, exchange: &Exchange, client: &Client) -> Vec<String> {
    let issuer = &provider.issuer;
    let mut audiences = vec![issuer.as_str().to_owned()];
    if !client.metadata.is_strict_about_assertion_audience() {
        audiences.push(issuer.endpoint("/token"));
        if exchange.path != "/token" {
            audiences.push(issuer.endpoint(&exchange.path));
        }
    }
    audiences
}

/// The one that the client registered, if it registered one.
fn algorithms(client: &Client) -> Vec<SignatureAlgorithm> {
    let offered = CLIENT_SIGNATURE_ALGORITHMS.into_iter();
    match &client.metadata.token_endpoint_auth_signing_alg {
        Some(registered) => offered
            .filter(|algorithm| algorithm.as_str() == registered)
            .collect(),
        None => offered.collect(),
    }
}

/// Its `jti` is the client's own, so one client uses up no other's (RFC 7523, section 3, point 7).
async fn use_once(provider: &Provider, verified: &VerifiedClientAssertion) -> Result<(), Failure> {
    let key = UseKey::new("client_assertion", verified.client_id(), verified.jti());
    let until = verified.acceptable_until();
    match provider.store.use_once(&key, until, provider.now()).await? {
        Use::First => Ok(()),
        Use::Repeated => Err(
            Failure::from(ClientAuthFault::AssertionReplayed).detail(format!(
                "an assertion of client {} that was used before",
                verified.client_id()
            )),
        ),
    }
}

fn refused(fault: &AssertionFault) -> Failure {
    Failure::from(cause(fault)).detail(fault.to_string())
}

fn cause(fault: &AssertionFault) -> ClientAuthFault {
    match fault {
        AssertionFault::TypeMissing | AssertionFault::Missing => {
            ClientAuthFault::AssertionIncomplete
        }
        AssertionFault::TypeUnknown => ClientAuthFault::AssertionTypeUnknown,
        AssertionFault::SubjectNotTheIssuer | AssertionFault::ClientIdDiffers => {
            ClientAuthFault::AssertionNamesAnotherClient
        }
        AssertionFault::Jws(JwsError::BadSignature)
        | AssertionFault::Signature(SignatureFault::SignatureBad { .. }) => {
            ClientAuthFault::AssertionSignatureWrong
        }
        AssertionFault::Jws(_) | AssertionFault::OtherTyp | AssertionFault::ClaimsMalformed(_) => {
            ClientAuthFault::AssertionMalformed
        }
        AssertionFault::Signature(SignatureFault::AlgorithmNotExpected { .. }) => {
            ClientAuthFault::AssertionAlgorithm
        }
        AssertionFault::Signature(SignatureFault::Key(_) | SignatureFault::NoUsableSecret) => {
            ClientAuthFault::AssertionKeyUnknown
        }
        AssertionFault::JtiEmpty => ClientAuthFault::AssertionClaims,
        AssertionFault::Jwt(fault) => claims_cause(fault),
    }
}

fn claims_cause(fault: &JwtError) -> ClientAuthFault {
    match fault {
        JwtError::WrongAudience { .. }
        | JwtError::FurtherAudiences { .. }
        | JwtError::AudienceIsArray
        | JwtError::MissingClaim("aud") => ClientAuthFault::AssertionAudience,
        JwtError::Expired { .. }
        | JwtError::NotYetValid { .. }
        | JwtError::IssuedInTheFuture { .. }
        | JwtError::TooOld { .. }
        | JwtError::LivesTooLong { .. } => ClientAuthFault::AssertionTimes,
        _ => ClientAuthFault::AssertionClaims,
    }
}
