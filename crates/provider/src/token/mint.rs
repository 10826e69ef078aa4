//! Making tokens. They are planned before the act and made after it: the act may write the access
//! token's row, and a refused request should not cost a signature. Whatever can fail is checked
//! while planning, above all the signing keys: if minting failed after the code was redeemed, the
//! client could not redeem it again (RFC 6749, section 4.1.2).

use std::sync::Arc;

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::base64url;
use countersign_jose::key::SigningKey;
use countersign_oauth::access_token::ACCESS_TOKEN_TYP;
use countersign_oauth::client_metadata::AccessTokenFormat;
use countersign_oauth::grant_type::GrantType;
use countersign_oauth::id_token::{ID_TOKEN_TYP, left_half_hash};
use countersign_oauth::scope::{OPENID, Scope};
use countersign_store::access_tokens::{NewAccessToken, NewHolder};
use countersign_store::grants::{Grant, Origin};
use countersign_store::{GrantId, SecretHash, Token, TokenKind};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fault::TokenFault;
use super::one_token;
use super::response::TokenResponse;
use crate::Provider;
use crate::clients::Client;
use crate::error::{Failure, ServerFault};
use crate::keys::Ring;
use crate::released_claims;
use crate::resources::{ConflictingResources, audience};

/// The tokens that will be made if the act succeeds.
pub(crate) struct PlannedTokens {
    form: Form,
    /// What the act writes; `None` for a JWT that needs no row.
    pub row: Option<NewAccessToken>,
    /// The keys that are to sign; they have been checked to exist.
    ring: Arc<Ring>,
    issued_at: i64,
    expires_at: i64,
    /// More claims, of the host's.
    claims: Map<String, Value>,
}

impl PlannedTokens {
    /// With more claims in each token that is a JWT.
    pub fn with_claims(self, claims: Map<String, Value>) -> Self {
        Self { claims, ..self }
    }

    /// When the access token ends at the latest, in Unix seconds.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

enum Form {
    Opaque(Token),
    Jwt {
        jti: String,
        audience: Vec<String>,
        algorithm: SignatureAlgorithm,
        /// It may be the ID token too.
        both: bool,
    },
}

/// To whom a planned token belongs.
pub(crate) enum For<'a> {
    /// A grant; `scope` only if it is narrower than the grant's, `id_token` if there may be one.
    Grant {
        id: GrantId,
        scope: Option<&'a str>,
        resources: &'a [String],
        id_token: bool,
    },
    /// The client itself.
    Client {
        scope: &'a str,
        resources: &'a [String],
    },
}

/// Plans the tokens, and checks that the keys that are to sign them exist.
///
/// # Errors
/// Returns a server fault if the keys cannot be read, or if one of them is missing.
pub(crate) async fn plan(
    provider: &Provider,
    client: &Client,
    whose: &For<'_>,
    now: i64,
) -> Result<PlannedTokens, Failure> {
    let (For::Grant { resources, .. } | For::Client { resources, .. }) = *whose;
    let declared = provider.declared_resources().await?;
    let terms = declared
        .terms(&provider.settings, client.access_token_format, resources)
        .map_err(|ConflictingResources| TokenFault::ResourcesConflict)?;
    let ring = provider.keys.ring().await?;
    if terms.format == AccessTokenFormat::Jwt {
        ring.signing(terms.algorithm)?;
    }
    if let For::Grant { id_token: true, .. } = whose {
        ring.signing(client.id_token_alg)?;
    }
    let (id, kind, holder, scope) = match whose {
        For::Grant { id, scope, .. } => (
            *id,
            TokenKind::AccessToken,
            NewHolder::Grant,
            scope.map(str::to_owned),
        ),
        For::Client { scope, .. } => (
            GrantId::generate(&*provider.random),
            TokenKind::ClientAccessToken,
            NewHolder::Client {
                client_id: client.client_id.clone(),
                epoch: client.epoch,
            },
            Some((*scope).to_owned()),
        ),
    };
    let expires_at = now + terms.lifetime_seconds;
    let row = |hash| NewAccessToken {
        hash,
        id,
        holder,
        scope,
        audience: resources.to_vec(),
        expires_at,
    };
    let (form, row) = match terms.format {
        AccessTokenFormat::Opaque => {
            let token = Token::generate(kind, *id.as_bytes(), &*provider.random);
            let row = row(token.hash());
            (Form::Opaque(token), Some(row))
        }
        AccessTokenFormat::Jwt => {
            let mut bytes = [0; 16];
            provider.random.fill(&mut bytes);
            let jti = base64url::encode(bytes);
            let kept = client.metadata.persists_access_tokens();
            let row = kept.then(|| row(SecretHash::of(jti.as_bytes())));
            let (audience, algorithm) = (audience(resources, &provider.issuer), terms.algorithm);
            let both = client.metadata.id_token_is_access_token() && resources.is_empty();
            (
                Form::Jwt {
                    jti,
                    audience,
                    algorithm,
                    both,
                },
                row,
            )
        }
    };
    Ok(PlannedTokens {
        form,
        row,
        ring,
        issued_at: now,
        expires_at,
        claims: Map::new(),
    })
}

impl PlannedTokens {
    /// The same, but for no longer than until `at`, in Unix seconds.
    pub fn until(mut self, at: i64) -> PlannedTokens {
        self.expires_at = self.expires_at.min(at);
        if let Some(row) = &mut self.row {
            row.expires_at = self.expires_at;
        }
        self
    }
}

/// An access token, ready to be sent.
pub(crate) struct AccessToken {
    pub value: String,
    /// Seconds.
    pub expires_in: i64,
}

/// Who holds a token, known after the act.
#[derive(Clone, Copy)]
pub(crate) enum Holder<'a> {
    /// `sub` is the user's, as the client knows it.
    Grant {
        grant: &'a Grant,
        sub: &'a str,
    },
    Client(&'a Client),
}

/// A planned access token, after the act that wrote its row if it has one.
pub(crate) fn access_token(
    provider: &Provider,
    planned: &PlannedTokens,
    holder: Holder<'_>,
    scope: &str,
) -> Result<AccessToken, Failure> {
    let expires_at = match holder {
        Holder::Grant { grant, .. } => planned.expires_at.min(grant.expires_at),
        Holder::Client(_) => planned.expires_at,
    };
    let value = match &planned.form {
        Form::Opaque(token) => token.expose(),
        Form::Jwt {
            jti,
            audience,
            algorithm,
            ..
        } => {
            let claims = AccessTokenClaims {
                iss: provider.issuer.as_str(),
                aud: one_or_many(audience),
                exp: expires_at,
                iat: planned.issued_at,
                jti,
                scope,
                whose: Whose::of(holder),
                claims: &planned.claims,
            };
            let key = planned.ring.signing(*algorithm)?;
            sign(key, ACCESS_TOKEN_TYP, &claims)?
        }
    };
    Ok(AccessToken {
        value,
        expires_in: expires_at - planned.issued_at,
    })
}

/// The response for a grant, after the act: an access token of `scope`, an ID token where that has
/// openid (OpenID Connect Core, sections 3.1.3.3 and 12.2), and the refresh token that the act
/// started or left.
pub(super) async fn tokens_of_grant(
    provider: &Provider,
    client: &Client,
    planned: &PlannedTokens,
    after: Granted<'_>,
) -> Result<TokenResponse, Failure> {
    let Granted {
        grant_type,
        grant,
        scope,
        nonce,
        ..
    } = &after;
    let openid = scope.split(' ').any(|word| word == OPENID);
    let (access_token, id_token) = match &planned.form {
        Form::Jwt {
            jti, both: true, ..
        } if openid => {
            let both = both(provider, client, planned, &after, jti)?;
            let id_token = both.value.clone();
            (both, Some(id_token))
        }
        _ => {
            let sub = &*provider.subjects.at(client, &grant.sub);
            let holder = Holder::Grant { grant, sub };
            let access_token = access_token(provider, planned, holder, scope)?;
            let id_token = match openid {
                true => {
                    let contents = IdTokenContents {
                        nonce: *nonce,
                        access_token: Some(&access_token.value),
                        code: None,
                        claims: claims_by_name(provider, grant, &planned.claims).await,
                    };
                    Some(id_token(provider, client, planned, grant, &contents)?)
                }
                false => None,
            };
            (access_token, id_token)
        }
    };
    let (sub, id) = (&grant.sub, grant.id);
    let grant_type = grant_type.as_str();
    tracing::info!(act = "token", grant_type, sub, grant = %id, scope, "tokens were issued");
    Ok(TokenResponse {
        access_token: access_token.value,
        token_type: "Bearer",
        expires_in: access_token.expires_in,
        refresh_token: after.refresh_token.map(|token| token.expose()),
        id_token,
        scope: Some(after.scope),
    })
}

/// The one token of a client that is switched to it ([`one_token`]).
fn both(
    provider: &Provider,
    client: &Client,
    planned: &PlannedTokens,
    after: &Granted<'_>,
    jti: &str,
) -> Result<AccessToken, Failure> {
    let (grant, issued_at) = (after.grant, planned.issued_at);
    let expires_at = planned.expires_at.min(grant.expires_at);
    let subject = one_token::Subject {
        grant,
        sub: &provider.subjects.at(client, &grant.sub),
        scope: &after.scope,
        nonce: after.nonce,
        claims: &planned.claims,
    };
    let times = (issued_at, expires_at);
    let claims = one_token::claims(provider.issuer.as_str(), jti, times, &subject);
    let key = planned.ring.signing(client.id_token_alg)?;
    Ok(AccessToken {
        value: sign(key, ACCESS_TOKEN_TYP, &claims)?,
        expires_in: expires_at - issued_at,
    })
}

/// Claims that were asked for by name, and `more`. If the first can't be read they are left out: the
/// code is used up by now, and a client gets on better without a claim than without tokens.
async fn claims_by_name(
    provider: &Provider,
    grant: &Grant,
    more: &Map<String, Value>,
) -> Map<String, Value> {
    let claims = released_claims::in_id_token(provider, grant, &Scope::default()).await;
    let mut claims = claims.unwrap_or_else(|failure| {
        tracing::warn!(act = "token", %failure, "an ID token lacks claims that were asked for");
        Map::new()
    });
    claims.extend(more.clone());
    claims
}

/// What an act on a grant came to.
pub(super) struct Granted<'a> {
    pub grant_type: GrantType,
    pub grant: &'a Grant,
    pub scope: String,
    pub refresh_token: Option<Token>,
    /// For the ID token of the first response only: one from a refresh should not have it (OpenID
    /// Connect Core, section 12.2).
    pub nonce: Option<&'a str>,
}

/// What an ID token says beside what its grant does.
pub(crate) struct IdTokenContents<'a> {
    pub nonce: Option<&'a str>,
    /// The access token that is issued with it.
    pub access_token: Option<&'a str>,
    /// The code that is issued with it.
    pub code: Option<&'a str>,
    /// The user's.
    pub claims: Map<String, Value>,
}

/// The ID token of a grant (OpenID Connect Core, section 2; `at_hash` and `c_hash` of sections
/// 3.1.3.6, 3.2.2.10 and 3.3.2.11).
///
/// # Errors
/// Returns a server fault if it can't be signed.
pub(crate) fn id_token(
    provider: &Provider,
    client: &Client,
    planned: &PlannedTokens,
    grant: &Grant,
    contents: &IdTokenContents<'_>,
) -> Result<String, Failure> {
    let now = planned.issued_at;
    let key = planned.ring.signing(client.id_token_alg)?;
    let sid = grant.authorization.sid.map(|sid| sid.to_string());
    let hash = |value: &str| left_half_hash(client.id_token_alg, value);
    let claims = IdTokenClaims {
        iss: provider.issuer.as_str(),
        sub: &provider.subjects.at(client, &grant.sub),
        aud: &grant.client_id,
        exp: now + provider.settings.tokens.id_token_lifetime_seconds,
        iat: now,
        auth_time: grant.authorization.auth_time,
        nonce: contents.nonce,
        acr: grant.authorization.acr.as_deref(),
        amr: &grant.authorization.amr,
        at_hash: contents.access_token.map(hash),
        c_hash: contents.code.map(hash),
        sid: sid.as_deref(),
        claims: &contents.claims,
    };
    sign(key, ID_TOKEN_TYP, &claims)
}

fn sign(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, Failure> {
    let failed = |why: String| Failure::from(ServerFault::SigningFailed).detail(why);
    let json = serde_json::to_vec(claims).map_err(|error| failed(error.to_string()))?;
    key.sign_jwt(typ, &json)
        .map_err(|error| failed(error.to_string()))
}

/// RFC 9068, section 2.2.
#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    aud: OneOrMany<'a>,
    exp: i64,
    iat: i64,
    jti: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(flatten)]
    whose: Whose<'a>,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}

/// RFC 7519, section 4.1.3: a single audience may be a string, and most verifiers expect that.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(&'a str),
    Many(&'a [String]),
}

fn one_or_many(audience: &[String]) -> OneOrMany<'_> {
    match audience {
        [one] => OneOrMany::One(one),
        many => OneOrMany::Many(many),
    }
}

/// The claims that depend on the holder; `grant_id` and `client_epoch` let our own endpoints find
/// what the token belongs to.
#[derive(Serialize)]
struct Whose<'a> {
    sub: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_epoch: Option<String>,
}

impl<'a> Whose<'a> {
    fn of(holder: Holder<'a>) -> Whose<'a> {
        match holder {
            Holder::Grant { grant, sub } => Whose {
                sub,
                client_id: &grant.client_id,
                // No one signed in for a token that a user made.
                auth_time: (!matches!(grant.origin, Origin::Personal(_)))
                    .then_some(grant.authorization.auth_time),
                acr: grant.authorization.acr.as_deref(),
                amr: &grant.authorization.amr,
                grant_id: Some(grant.id.to_string()),
                client_epoch: None,
            },
            Holder::Client(client) => Whose {
                // RFC 9068, section 2.2: without a resource owner, sub identifies the client.
                sub: &client.client_id,
                client_id: &client.client_id,
                auth_time: None,
                acr: None,
                amr: &[],
                grant_id: None,
                client_epoch: Some(client.epoch.to_string()),
            },
        }
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}
