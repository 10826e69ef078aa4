//! Making tokens. An access token is planned before the act, since the act may write its row, and
//! made after it, since a refused request should not cost a signature.

use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::access_token::ACCESS_TOKEN_TYP;
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_oauth::id_token::{ID_TOKEN_TYP, left_half_hash};
use countersign_store::access_tokens::{NewAccessToken, NewHolder};
use countersign_store::grants::Grant;
use countersign_store::{GrantId, SecretHash, Token, TokenKind};
use serde::Serialize;

use crate::Provider;
use crate::client_auth::AuthenticatedClient;
use crate::error::{Failure, ServerFault};

/// An access token that will be made if the act succeeds.
pub(super) struct PlannedAccessToken {
    form: Form,
    /// What the act writes; `None` for a JWT that needs no row.
    pub row: Option<NewAccessToken>,
    issued_at: i64,
    expires_at: i64,
}

enum Form {
    Opaque(Token),
    Jwt { jti: String },
}

/// To whom a planned token belongs.
pub(super) enum For<'a> {
    /// A grant; `scope` only where it is narrower than the grant's.
    Grant { id: GrantId, scope: Option<&'a str> },
    /// The client itself.
    Client { scope: &'a str },
}

pub(super) fn plan(
    provider: &Provider,
    client: &AuthenticatedClient,
    whose: &For<'_>,
    now: i64,
) -> PlannedAccessToken {
    let (id, kind, holder, scope) = match whose {
        For::Grant { id, scope } => (
            *id,
            TokenKind::AccessToken,
            NewHolder::Grant,
            scope.map(str::to_owned),
        ),
        For::Client { scope } => (
            GrantId::generate(&*provider.random),
            TokenKind::ClientAccessToken,
            NewHolder::Client {
                client_id: client.client_id.clone(),
                epoch: client.epoch,
            },
            Some((*scope).to_owned()),
        ),
    };
    let expires_at = now + provider.settings.access_token_lifetime_seconds;
    let row = |hash| NewAccessToken {
        hash,
        id,
        holder,
        scope,
        expires_at,
    };
    match client.access_token_format {
        AccessTokenFormat::Opaque => {
            let token = Token::generate(kind, *id.as_bytes(), &*provider.random);
            let row = Some(row(token.hash()));
            PlannedAccessToken {
                form: Form::Opaque(token),
                row,
                issued_at: now,
                expires_at,
            }
        }
        AccessTokenFormat::Jwt => {
            let mut bytes = [0; 16];
            provider.random.fill(&mut bytes);
            let jti = base64url::encode(bytes);
            let kept = client.metadata.persists_access_tokens();
            let row = kept.then(|| row(SecretHash::of(jti.as_bytes())));
            PlannedAccessToken {
                form: Form::Jwt { jti },
                row,
                issued_at: now,
                expires_at,
            }
        }
    }
}

/// An access token, ready to be sent.
pub(super) struct AccessToken {
    pub value: String,
    /// Seconds.
    pub expires_in: i64,
}

/// The token of a grant, after the act.
pub(super) async fn for_grant(
    provider: &Provider,
    planned: PlannedAccessToken,
    grant: &Grant,
    scope: &str,
) -> Result<AccessToken, Failure> {
    let expires_at = planned.expires_at.min(grant.expires_at);
    let expires_in = expires_at - planned.issued_at;
    let value = match planned.form {
        Form::Opaque(token) => token.expose(),
        Form::Jwt { jti } => {
            let id = grant.id.to_string();
            let claims = AccessTokenClaims {
                iss: provider.issuer.as_str(),
                sub: &grant.sub,
                aud: provider.issuer.as_str(),
                exp: expires_at,
                iat: planned.issued_at,
                jti: &jti,
                client_id: &grant.client_id,
                scope,
                auth_time: Some(grant.authorization.auth_time),
                acr: grant.authorization.acr.as_deref(),
                amr: &grant.authorization.amr,
                grant_id: Some(&id),
                client_epoch: None,
            };
            let ring = provider.keys.ring().await?;
            let key = ring.signing(provider.settings.access_token_algorithm)?;
            sign(key, ACCESS_TOKEN_TYP, &claims)?
        }
    };
    Ok(AccessToken { value, expires_in })
}

/// The token of a client itself, after its row was written if it has one.
pub(super) async fn for_client(
    provider: &Provider,
    planned: PlannedAccessToken,
    client: &AuthenticatedClient,
    scope: &str,
) -> Result<AccessToken, Failure> {
    let expires_in = planned.expires_at - planned.issued_at;
    let value = match planned.form {
        Form::Opaque(token) => token.expose(),
        Form::Jwt { jti } => {
            let epoch = client.epoch.to_string();
            let claims = AccessTokenClaims {
                iss: provider.issuer.as_str(),
                // RFC 9068 2.2: without a resource owner, sub identifies the client.
                sub: &client.client_id,
                aud: provider.issuer.as_str(),
                exp: planned.expires_at,
                iat: planned.issued_at,
                jti: &jti,
                client_id: &client.client_id,
                scope,
                auth_time: None,
                acr: None,
                amr: &[],
                grant_id: None,
                client_epoch: Some(&epoch),
            };
            let ring = provider.keys.ring().await?;
            let key = ring.signing(provider.settings.access_token_algorithm)?;
            sign(key, ACCESS_TOKEN_TYP, &claims)?
        }
    };
    Ok(AccessToken { value, expires_in })
}

/// The ID token of a grant (OIDC Core 2). With `nonce` at the first answer only: one from a refresh
/// should not have it (OIDC Core 12.2).
pub(super) async fn id_token(
    provider: &Provider,
    client: &AuthenticatedClient,
    grant: &Grant,
    access_token: &str,
    first: bool,
    now: i64,
) -> Result<String, Failure> {
    let ring = provider.keys.ring().await?;
    let key = ring.signing(client.id_token_alg)?;
    let sid = grant.authorization.sid.map(|sid| sid.to_string());
    let at_hash = left_half_hash(client.id_token_alg, access_token);
    let claims = IdTokenClaims {
        iss: provider.issuer.as_str(),
        sub: &grant.sub,
        aud: &grant.client_id,
        exp: now + provider.settings.id_token_lifetime_seconds,
        iat: now,
        auth_time: grant.authorization.auth_time,
        nonce: grant.authorization.nonce.as_deref().filter(|_| first),
        acr: grant.authorization.acr.as_deref(),
        amr: &grant.authorization.amr,
        at_hash: &at_hash,
        sid: sid.as_deref(),
    };
    sign(key, ID_TOKEN_TYP, &claims)
}

fn sign(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, Failure> {
    let failed = |why: String| Failure::from(ServerFault::SigningFailed).detail(why);
    let json = serde_json::to_vec(claims).map_err(|error| failed(error.to_string()))?;
    key.sign_jwt(typ, &json)
        .map_err(|error| failed(error.to_string()))
}

/// RFC 9068 2.2, and the two claims by which our own endpoints find what the token hangs under.
#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_epoch: Option<&'a str>,
}

#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}
