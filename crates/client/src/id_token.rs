//! ID tokens, verified: [OpenID Connect Core, section 3.1.3.7], and after a refresh [12.2].
//!
//! The rules themselves are `countersign_oauth::id_token`'s; here the request that was made meets
//! them, and the keys are fetched.
//!
//! [OpenID Connect Core, section 3.1.3.7]: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
//! [12.2]: https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse

use std::fmt;
use std::sync::Arc;

use countersign_jose::jwk::JwkSet;
use countersign_jose::jws::CompactJws;
use countersign_oauth::id_token::{
    IdTokenClaims, IdTokenExpectation, IdTokenFault, NonceRule, VerifiedIdToken, verify_id_token,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::client::Client;
use crate::keys::KeysError;
use crate::registration::ClientAuthentication;
use crate::secret::AccessToken;

/// An ID token that passed every check. `Debug` shows the subject and no other claim.
#[derive(Clone)]
pub struct IdToken {
    text: Zeroizing<String>,
    verified: VerifiedIdToken,
}

impl IdToken {
    /// `sub`: who it is, at this provider. The key under which to keep a user, together with `iss`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.verified.subject()
    }

    #[must_use]
    pub fn claims(&self) -> &IdTokenClaims {
        self.verified.claims()
    }

    /// The token's text: the `id_token_hint` of a sign-out. It is not a credential for an API.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What a refresh compares the next ID token with; small, and made to be kept.
    #[must_use]
    pub fn signed_in_user(&self) -> SignedInUser {
        let claims = self.claims();
        SignedInUser {
            issuer: claims.iss.clone(),
            subject: claims.sub.clone(),
            audiences: claims.aud.iter().map(str::to_owned).collect(),
            authorized_party: claims.azp.clone(),
            auth_time: claims.auth_time,
            nonce: claims.nonce.clone(),
            issued_at: claims.iat,
        }
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IdToken")
            .field("sub", &self.subject())
            .finish_non_exhaustive()
    }
}

/// Whom an ID token was about, and what of it stays the same over all refreshes (OpenID Connect
/// Core, section 12.2). Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInUser {
    issuer: String,
    subject: String,
    audiences: Vec<String>,
    authorized_party: Option<String>,
    auth_time: Option<i64>,
    nonce: Option<String>,
    issued_at: i64,
}

impl SignedInUser {
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// The request that led to an ID token.
pub(crate) enum Occasion<'a> {
    SignIn {
        nonce: &'a str,
        max_age_seconds: Option<u64>,
    },
    Refresh(&'a SignedInUser),
}

impl Client {
    pub(crate) async fn verify(
        &self,
        text: &str,
        access_token: &AccessToken,
        occasion: Occasion<'_>,
    ) -> Result<IdToken, IdTokenError> {
        let registration = &*self.registration;
        let trusted: Vec<&str> = registration
            .trusted_audiences
            .iter()
            .map(String::as_str)
            .collect();
        let algorithms = [registration.id_token_signed_response_alg];
        let mut expectation = IdTokenExpectation::new(self.issuer(), self.client_id());
        expectation.trusted_audiences = &trusted;
        expectation.algorithms = &algorithms;
        expectation.client_secret = match &registration.authentication {
            ClientAuthentication::None => None,
            ClientAuthentication::SecretBasic(secret)
            | ClientAuthentication::SecretPost(secret) => Some(secret.reveal().as_bytes()),
        };
        expectation.access_token = Some(access_token.reveal());
        expectation.leeway_seconds = registration.clock_leeway_seconds;
        match occasion {
            Occasion::SignIn {
                nonce,
                max_age_seconds,
            } => {
                expectation.nonce = NonceRule::Sent(nonce);
                expectation.max_age_seconds =
                    max_age_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
            }
            Occasion::Refresh(user) => {
                expectation.nonce = NonceRule::AfterRefresh(user.nonce.as_deref());
                expectation.subject = Some(&user.subject);
            }
        }
        let keys = self.keys_for(text).await?;
        let verified = verify_id_token(text, &*keys, &expectation, self.now())?;
        if let Occasion::Refresh(user) = occasion {
            check_continuity(user, verified.claims(), registration.clock_leeway_seconds)?;
        }
        Ok(IdToken {
            text: Zeroizing::new(text.to_owned()),
            verified,
        })
    }

    /// The provider's keys, if this token is of a kind that needs them: a stranger's `alg` fetches
    /// nothing.
    async fn keys_for(&self, text: &str) -> Result<Arc<JwkSet>, IdTokenError> {
        let jws = CompactJws::decode(text).map_err(IdTokenFault::from)?;
        let (kid, alg) = (jws.header().kid(), jws.header().alg());
        if alg != self.registration.id_token_signed_response_alg || alg.is_symmetric() {
            return Ok(Arc::default());
        }
        Ok(self.keys.for_token(&self.fetcher, kid, alg).await?)
    }
}

/// OpenID Connect Core, section 12.2, as far as the general rules don't say it already.
fn check_continuity(
    before: &SignedInUser,
    claims: &IdTokenClaims,
    leeway_seconds: i64,
) -> Result<(), IdTokenError> {
    let changed = |claim| Err(IdTokenError::ChangedByRefresh { claim });
    let mut audiences_before: Vec<&str> = before.audiences.iter().map(String::as_str).collect();
    let mut audiences: Vec<&str> = claims.aud.iter().collect();
    audiences_before.sort_unstable();
    audiences.sort_unstable();
    if before.issuer != claims.iss {
        return changed("iss");
    }
    if audiences_before != audiences {
        return changed("aud");
    }
    if before.authorized_party != claims.azp {
        return changed("azp");
    }
    if claims.auth_time.is_some() && claims.auth_time != before.auth_time {
        return changed("auth_time");
    }
    // `iat` is the time of the new token, so it is not before that of the old one.
    if claims.iat.saturating_add(leeway_seconds) < before.issued_at {
        return changed("iat");
    }
    Ok(())
}

/// Why an ID token was not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Fault(#[from] IdTokenFault),
    /// OpenID Connect Core, section 12.2.
    #[error("{claim} of the ID token is not what it was before the refresh")]
    ChangedByRefresh { claim: &'static str },
}

impl IdTokenError {
    /// The stable name of the cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Keys(error) => error.code(),
            Self::Fault(fault) => fault.code(),
            Self::ChangedByRefresh { .. } => "id_token_changed_by_refresh",
        }
    }
}
