//! Why an ID token was not believed.

use countersign_jose::alg::SignatureAlgorithm;
use countersign_jose::jwk::NoSuitableKey;
use countersign_jose::jws::JwsError;
use countersign_jose::jwt::JwtError;

/// The numbers are those of OpenID Connect Core, section 3.1.3.7.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// 1, 6: form and signature.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// 2, 9, 10: type, issuer, times, missing claims.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// 6: perhaps the keys are stale; a refetch may help.
    #[error("no key verifies the ID token: {0}")]
    Key(NoSuitableKey),
    /// 7.
    #[error("the ID token is signed with {received}, which was not agreed on")]
    AlgorithmNotExpected { received: SignatureAlgorithm },
    /// 8.
    #[error("the ID token has a MAC, but there is no client secret to verify it with")]
    NoClientSecret,
    #[error("the token's typ is not that of an ID token")]
    OtherTyp,
    #[error("the token is from another issuer")]
    OtherIssuer,
    #[error("the claims of the ID token are malformed")]
    ClaimsMalformed,
    #[error("the token has events: it is a logout or event token")]
    EventToken,
    #[error("sub is empty, longer than 255 characters or not ASCII")]
    SubjectMalformed,
    #[error("the ID token is about a different subject than before")]
    OtherSubject,
    /// 3.
    #[error("aud does not contain the client")]
    AudienceWithoutClient,
    /// 3.
    #[error("aud contains an audience that the client does not trust")]
    AudienceNotTrusted,
    /// 4.
    #[error("aud contains several audiences and azp is missing")]
    AuthorizedPartyMissing,
    /// 5.
    #[error("azp names another client")]
    AuthorizedPartyMismatch,
    /// 11.
    #[error("nonce was sent but is missing from the ID token")]
    NonceMissing,
    /// 11.
    #[error("nonce is not the one that was sent")]
    NonceMismatch,
    #[error("the ID token has a nonce, but none was sent")]
    NonceUnexpected,
    /// 12.
    #[error("acr is none of the requested values")]
    AcrNotSatisfied,
    /// 13.
    #[error("auth_time was requested but is missing")]
    AuthTimeMissing,
    #[error("auth_time is in the future")]
    AuthTimeInTheFuture,
    /// 13.
    #[error("the authentication is older than max_age")]
    AuthTimeTooOld,
    /// 3.2.2.10.
    #[error("at_hash is missing")]
    AccessTokenHashMissing,
    /// 3.1.3.8.
    #[error("at_hash does not match the access token")]
    AccessTokenHashMismatch,
    /// 3.3.2.11.
    #[error("c_hash is missing")]
    CodeHashMissing,
    /// 3.3.2.11.
    #[error("c_hash does not match the code")]
    CodeHashMismatch,
}

impl IdTokenFault {
    /// Whether no key of the set was meant: the issuer may have rotated its keys, and fetching them
    /// again may help.
    pub fn keys_may_be_stale(&self) -> bool {
        matches!(self, Self::Key(NoSuitableKey::None))
    }

    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jws(error) => error.name(),
            Self::Jwt(error) => error.name(),
            Self::Key(NoSuitableKey::None) => "id_token_key_unknown",
            Self::Key(NoSuitableKey::Ambiguous) => "id_token_key_ambiguous",
            Self::AlgorithmNotExpected { .. } => "id_token_alg_not_expected",
            Self::NoClientSecret => "id_token_no_client_secret",
            Self::OtherTyp => "id_token_typ_wrong",
            Self::OtherIssuer => "id_token_iss_wrong",
            Self::ClaimsMalformed => "id_token_claims_malformed",
            Self::EventToken => "id_token_is_event_token",
            Self::SubjectMalformed => "id_token_sub_malformed",
            Self::OtherSubject => "id_token_sub_changed",
            Self::AudienceWithoutClient => "id_token_aud_without_client",
            Self::AudienceNotTrusted => "id_token_aud_not_trusted",
            Self::AuthorizedPartyMissing => "id_token_azp_missing",
            Self::AuthorizedPartyMismatch => "id_token_azp_mismatch",
            Self::NonceMissing => "id_token_nonce_missing",
            Self::NonceMismatch => "id_token_nonce_mismatch",
            Self::NonceUnexpected => "id_token_nonce_unexpected",
            Self::AcrNotSatisfied => "id_token_acr_not_satisfied",
            Self::AuthTimeMissing => "id_token_auth_time_missing",
            Self::AuthTimeInTheFuture => "id_token_auth_time_in_the_future",
            Self::AuthTimeTooOld => "id_token_auth_time_too_old",
            Self::AccessTokenHashMissing => "id_token_at_hash_missing",
            Self::AccessTokenHashMismatch => "id_token_at_hash_mismatch",
            Self::CodeHashMissing => "id_token_c_hash_missing",
            Self::CodeHashMismatch => "id_token_c_hash_mismatch",
        }
    }
}
