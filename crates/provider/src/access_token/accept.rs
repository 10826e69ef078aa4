//! Whether an access token is accepted: signature and times are checked here, everything that may
//! have ended in the store.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwt::JwtError;
use countersign_oauth::access_token::{
    AccessTokenClaims, AccessTokenExpectation, AccessTokenFault as JwtFault,
    verify_jwt_access_token,
};
use countersign_oauth::audience::Audience;
use countersign_oauth::scope::Scope;
use countersign_store::access_tokens::CheckAccessToken;
use countersign_store::grants::{Holder, Origin, TokenState};
use countersign_store::{Epoch, GrantId, SecretHash, StoreError, Token, TokenKind};
use serde_json::Value;

use super::fault::AccessTokenFault;
use crate::Provider;
use crate::clients::Client;
use crate::error::{Failure, ServerFault};

/// How far in the future a token of ours may have been issued: by another replica, or before the
/// clock was set back. A leeway as in RFC 7519, section 4.1.4.
const CLOCKS_APART_SECONDS: i64 = 30;

/// An access token that is accepted now. Only [`accept`] makes one.
pub struct AcceptedAccessToken {
    holder: Holder,
    scope: Scope,
    resources: Vec<String>,
    expires_at: i64,
    /// What a JWT says of itself; `None` for an opaque token.
    claims: Option<AccessTokenClaims>,
    named_by: SecretHash,
}

impl AcceptedAccessToken {
    /// To whom it was issued.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What it is for; empty means the issuer.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Unix seconds; never later than the end of its grant.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// The client that it was issued to.
    pub fn client_id(&self) -> &str {
        match &self.holder {
            Holder::Grant(grant) => &grant.client_id,
            Holder::Client { client_id } => client_id,
        }
    }

    /// What a JWT says of itself; `None` for an opaque token.
    pub fn claims(&self) -> Option<&AccessTokenClaims> {
        self.claims.as_ref()
    }

    /// The hash of its secret, or of its `jti`: what a denial names
    /// ([`deny_access_token`](countersign_store::grants::Grants::deny_access_token)).
    pub fn named_by(&self) -> &SecretHash {
        &self.named_by
    }

    /// Until when a denial has to be remembered, in Unix seconds: as long as a replica whose clock
    /// is behind may take the token.
    pub fn deniable_until(&self) -> i64 {
        self.expires_at.saturating_add(CLOCKS_APART_SECONDS)
    }
}

/// Why [`accept`] returned no token.
pub enum NotAccepted {
    /// The token is not valid, and nothing else is at fault.
    Refused {
        fault: AccessTokenFault,
        /// The details, for the log.
        detail: Option<String>,
    },
    /// It could not be found out.
    Failed(Failure),
}

/// Whether a token is accepted at `now`, in Unix seconds.
///
/// # Errors
/// Returns a [`NotAccepted`] that says what is wrong with the token, or why it could not be
/// checked.
pub async fn accept(
    provider: &Provider,
    token: &str,
    now: i64,
) -> Result<AcceptedAccessToken, NotAccepted> {
    let accepted = of_grant_or_client(provider, token, now).await?;
    let declared = provider.declared_resources().await?;
    // What no resource here is named by is for no one.
    match declared.any_is_declared(accepted.resources()) {
        true => Ok(accepted),
        false => Err(AccessTokenFault::NotOurs.with("none of its resources is declared")),
    }
}

async fn of_grant_or_client(
    provider: &Provider,
    token: &str,
    now: i64,
) -> Result<AcceptedAccessToken, NotAccepted> {
    let of_grant = [TokenKind::AccessToken, TokenKind::PersonalToken];
    let opaque = of_grant.iter().find_map(|kind| Token::parse(*kind, token));
    if let Some(opaque) = opaque {
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
    let (claims, signed_with) = verified(provider, token, now).await?;
    let check = check_of(provider, &claims, signed_with).await?;
    state(provider, &check, Some(claims), now).await
}

async fn verified(
    provider: &Provider,
    token: &str,
    now: i64,
) -> Result<(AccessTokenClaims, SignatureAlgorithm), NotAccepted> {
    let ring = provider.keys.ring().await?;
    let declared = provider.declared_resources().await?;
    let algorithms = provider.settings.keys.signing_algorithms();
    let mut audiences = vec![provider.issuer.as_str()];
    audiences.extend(declared.identifiers());
    let expectation = AccessTokenExpectation {
        issuer: provider.issuer.as_str(),
        audiences: &audiences,
        algorithms: &algorithms,
        leeway_seconds: CLOCKS_APART_SECONDS,
    };
    match verify_jwt_access_token(token, &*ring, &expectation, now) {
        // The leeway is for when a token was issued, and lengthens no life.
        Ok(verified) if now >= verified.claims().exp => Err(AccessTokenFault::Expired.into()),
        Ok(verified) => {
            let signed_with = verified.alg();
            Ok((verified.into_claims(), signed_with))
        }
        Err(JwtFault::Jwt(JwtError::Expired { .. })) => Err(AccessTokenFault::Expired.into()),
        Err(fault) => Err(AccessTokenFault::NotOurs.with(fault.to_string())),
    }
}

/// Whether a token is signed with an algorithm of access tokens: that of the deployment or of a
/// resource; or, where it is its client's ID token too, with that of the client's ID tokens.
async fn is_signed_as_one(
    provider: &Provider,
    client: Option<&Client>,
    claims: &AccessTokenClaims,
    algorithm: SignatureAlgorithm,
) -> Result<bool, Failure> {
    let azp = claims.other.get("azp").and_then(Value::as_str);
    let is_id_token_too = |client: &Client| {
        client.metadata.id_token_is_access_token()
            && client.id_token_alg == algorithm
            && azp == Some(&client.client_id)
            && claims.aud.contains(&client.client_id)
    };
    let declared = provider.declared_resources().await?;
    Ok(
        algorithm == provider.settings.keys.access_token_algorithm.into()
            || declared.algorithms().any(|declared| declared == algorithm)
            || client.is_some_and(is_id_token_too),
    )
}

fn resources_of(provider: &Provider, audience: &Audience) -> Vec<String> {
    let audience: Vec<_> = audience.iter().collect();
    match audience.as_slice() {
        [only] if *only == provider.issuer.as_str() => Vec::new(),
        many => many.iter().map(|one| (*one).to_owned()).collect(),
    }
}

/// The grant or the client that a verified JWT belongs to.
async fn check_of(
    provider: &Provider,
    claims: &AccessTokenClaims,
    signed_with: SignatureAlgorithm,
) -> Result<CheckAccessToken, NotAccepted> {
    let jti = SecretHash::of(claims.jti.as_bytes());
    let client = provider
        .clients
        .find(&*provider.store, &claims.client_id)
        .await?;
    if !is_signed_as_one(provider, client.as_ref(), claims, signed_with).await? {
        return Err(AccessTokenFault::NotOurs.with("its algorithm is not that of access tokens"));
    }
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
    Err(AccessTokenFault::NotOurs.with("it names neither a grant nor an epoch"))
}

async fn state(
    provider: &Provider,
    check: &CheckAccessToken,
    claims: Option<AccessTokenClaims>,
    now: i64,
) -> Result<AcceptedAccessToken, NotAccepted> {
    match provider.store.check_access_token(check, now).await? {
        TokenState::Active(active) if is_switched_off(provider, &active.holder) => {
            Err(AccessTokenFault::Unknown.with("personal tokens are switched off"))
        }
        TokenState::Active(active) => {
            let corrupt = |why: String| Failure::from(ServerFault::RecordCorrupt).detail(why);
            let (scope, resources, expires_at) = match (&active.row, &claims) {
                (Some(row), _) => {
                    let scope = Scope::parse(&row.scope);
                    let scope = scope
                        .map_err(|fault| corrupt(format!("scope of an access token: {fault}")))?;
                    (scope, row.audience.clone(), row.expires_at)
                }
                (None, Some(jwt)) => {
                    let scope = jwt.scope.clone().unwrap_or_default();
                    (scope, resources_of(provider, &jwt.aud), jwt.exp)
                }
                (None, None) => {
                    return Err(corrupt("an opaque token without a row".to_owned()).into());
                }
            };
            let grants_end = match &active.holder {
                Holder::Grant(grant) => grant.expires_at,
                Holder::Client { .. } => i64::MAX,
            };
            Ok(AcceptedAccessToken {
                holder: active.holder,
                scope,
                resources,
                expires_at: expires_at.min(grants_end),
                claims,
                named_by: *check.named_by(),
            })
        }
        TokenState::Unknown => Err(AccessTokenFault::Unknown.into()),
        TokenState::Expired { expired_at } => {
            Err(AccessTokenFault::Expired.with(format!("at {expired_at}")))
        }
        TokenState::Denied => Err(AccessTokenFault::Revoked.into()),
        TokenState::Ended(ended) => Err(AccessTokenFault::Ended.with(ended.to_string())),
    }
}

/// Whether it is a personal token, or was issued under one, and the operator allows none.
fn is_switched_off(provider: &Provider, holder: &Holder) -> bool {
    !provider.settings.personal_tokens.enabled
        && matches!(holder, Holder::Grant(grant) if matches!(grant.origin, Origin::Personal(_)))
}

impl AccessTokenFault {
    fn with(self, detail: impl Into<String>) -> NotAccepted {
        NotAccepted::Refused {
            fault: self,
            detail: Some(detail.into()),
        }
    }
}

impl From<AccessTokenFault> for NotAccepted {
    fn from(fault: AccessTokenFault) -> NotAccepted {
        NotAccepted::Refused {
            fault,
            detail: None,
        }
    }
}

impl From<Failure> for NotAccepted {
    fn from(failure: Failure) -> NotAccepted {
        NotAccepted::Failed(failure)
    }
}

impl From<StoreError> for NotAccepted {
    fn from(error: StoreError) -> NotAccepted {
        NotAccepted::Failed(error.into())
    }
}

/// For an endpoint that the token should open: a Bearer challenge with `invalid_token` (RFC 6750,
/// section 3.1).
impl From<NotAccepted> for Failure {
    fn from(not_accepted: NotAccepted) -> Failure {
        match not_accepted {
            NotAccepted::Refused { fault, detail } => Failure {
                detail,
                ..Failure::from(fault)
            },
            NotAccepted::Failed(failure) => failure,
        }
    }
}
