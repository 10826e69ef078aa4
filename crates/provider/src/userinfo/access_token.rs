//! Reads an access token from a request and decides whether it is accepted: signature and times
//! here, everything that may have ended in the store.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwt::JwtError;
use countersign_oauth::access_token::{
    AccessTokenClaims, AccessTokenExpectation, AccessTokenFault, verify_jwt_access_token,
};
use countersign_oauth::bearer::{BearerFault as GrammarFault, BearerToken};
use countersign_oauth::scope::Scope;
use countersign_store::access_tokens::{CheckAccessToken, Holder, TokenState};
use countersign_store::{Epoch, GrantId, SecretHash, Token, TokenKind};
use http::{Method, header};
use serde_json::Value;

use super::fault::BearerFault;
use crate::Provider;
use crate::error::{Challenge, Failure, ServerFault};
use crate::exchange::Incoming;

/// Ready replicas are at most a second off the store's clock, so two of them at most this far apart.
const REPLICAS_APART_SECONDS: i64 = 2;

/// An access token that is good now.
pub struct Accepted {
    pub holder: Holder,
    pub scope: Scope,
    /// Unix seconds.
    pub expires_at: i64,
}

/// What a verified JWT says of itself.
struct OfJwt {
    scope: Scope,
    expires_at: i64,
}

/// The token of a request: in the header, or in a form (RFC 6750 2.1, 2.2).
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
        // RFC 6750 3.1: whatever is wrong with the request is told in the challenge as well.
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

/// Whether a token is accepted at `now`.
pub async fn accept(provider: &Provider, token: &str, now: i64) -> Result<Accepted, Failure> {
    if let Some(opaque) = Token::parse(TokenKind::AccessToken, token) {
        let grant = GrantId::from_bytes(opaque.id);
        let check = CheckAccessToken::Opaque {
            grant,
            hash: opaque.hash(),
        };
        return state(provider, &check, None, now).await;
    }
    if let Some(opaque) = Token::parse(TokenKind::ClientAccessToken, token) {
        let id = GrantId::from_bytes(opaque.id);
        let check = CheckAccessToken::OpaqueOfClient {
            id,
            hash: opaque.hash(),
        };
        return state(provider, &check, None, now).await;
    }
    let claims = verified(provider, token, now).await?;
    let check = check_of(provider, &claims).await?;
    let of_jwt = OfJwt {
        scope: claims.scope.unwrap_or_default(),
        expires_at: claims.exp,
    };
    state(provider, &check, Some(of_jwt), now).await
}

async fn verified(
    provider: &Provider,
    token: &str,
    now: i64,
) -> Result<AccessTokenClaims, Failure> {
    let ring = provider.keys.ring().await?;
    let algorithms: &[SignatureAlgorithm] = &[provider.settings.access_token_algorithm];
    let expectation = AccessTokenExpectation {
        issuer: provider.issuer.as_str(),
        audiences: &[provider.issuer.as_str()],
        algorithms,
        leeway_seconds: REPLICAS_APART_SECONDS,
    };
    match verify_jwt_access_token(token, &*ring, &expectation, now) {
        // The leeway is for a token that another replica made just now, and lengthens no life.
        Ok(verified) if now >= verified.claims().exp => Err(BearerFault::Expired.into()),
        Ok(verified) => Ok(verified.into_claims()),
        Err(AccessTokenFault::Jwt(JwtError::Expired { .. })) => Err(BearerFault::Expired.into()),
        Err(fault) => Err(Failure::from(BearerFault::NotOurs).detail(fault.to_string())),
    }
}

/// What a verified JWT of ours hangs under.
async fn check_of(
    provider: &Provider,
    claims: &AccessTokenClaims,
) -> Result<CheckAccessToken, Failure> {
    let jti = SecretHash::of(claims.jti.as_bytes());
    let client = provider
        .clients
        .find(&*provider.store, &claims.client_id)
        .await?;
    let must_be_kept = client.is_some_and(|client| client.metadata.persists_access_tokens());
    let text = |name| claims.other.get(name).and_then(Value::as_str);
    if let Some(grant) = text("grant_id").and_then(|id| id.parse::<GrantId>().ok()) {
        return Ok(CheckAccessToken::Jwt {
            grant,
            jti,
            must_be_kept,
        });
    }
    if let Some(epoch) = text("client_epoch").and_then(|epoch| epoch.parse::<Epoch>().ok()) {
        let client_id = claims.client_id.clone();
        return Ok(CheckAccessToken::JwtOfClient {
            client_id,
            epoch,
            jti,
            must_be_kept,
        });
    }
    Err(Failure::from(BearerFault::NotOurs).detail("it names neither a grant nor an epoch"))
}

async fn state(
    provider: &Provider,
    check: &CheckAccessToken,
    of_jwt: Option<OfJwt>,
    now: i64,
) -> Result<Accepted, Failure> {
    match provider.store.check_access_token(check, now).await? {
        TokenState::Active(active) => {
            let corrupt = |why: String| Failure::from(ServerFault::RecordCorrupt).detail(why);
            let (scope, expires_at) = match (&active.row, of_jwt) {
                (Some(row), _) => {
                    let scope = Scope::parse(&row.scope);
                    let scope = scope
                        .map_err(|fault| corrupt(format!("scope of an access token: {fault}")))?;
                    (scope, row.expires_at)
                }
                (None, Some(jwt)) => (jwt.scope, jwt.expires_at),
                (None, None) => return Err(corrupt("an opaque token without a row".to_owned())),
            };
            Ok(Accepted {
                holder: active.holder,
                scope,
                expires_at,
            })
        }
        TokenState::Unknown => Err(BearerFault::Unknown.into()),
        TokenState::Expired { expired_at } => {
            Err(Failure::from(BearerFault::Expired).detail(format!("at {expired_at}")))
        }
        TokenState::Denied => Err(BearerFault::Revoked.into()),
        TokenState::Ended(dead) => Err(Failure::from(BearerFault::Ended).detail(dead.to_string())),
    }
}
