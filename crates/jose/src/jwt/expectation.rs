//! What is expected of a token's type and registered claims. What is not named is not checked,
//! except times, which are checked whenever they are present.

use super::error::{excerpt, excerpts};
use super::{JwtError, RegisteredClaims};
use crate::jws::Header;

/// Expectations of one kind of token. Made once, used for many.
#[derive(Debug, Clone)]
pub struct Expectation {
    typ: Typ,
    issuer: Option<String>,
    subject: Option<String>,
    audiences: Vec<String>,
    audience_form: AudienceForm,
    leeway_seconds: i64,
    required: Vec<&'static str>,
    max_age_seconds: Option<i64>,
    max_lifetime_seconds: Option<i64>,
}

#[derive(Debug, Clone)]
enum Typ {
    Exactly(String),
    AbsentOr(String),
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AudienceForm {
    Contains,
    Alone,
    SingleString,
}

impl Expectation {
    /// Tokens whose `typ` is this one, in any case, with or without `application/` (RFC 8725,
    /// section 3.11).
    #[must_use]
    pub fn typed(typ: impl Into<String>) -> Self {
        Self::new(Typ::Exactly(typ.into()))
    }

    /// Tokens whose `typ` is absent or this one: ID tokens, whose standard names none, have none or
    /// `JWT`.
    #[must_use]
    pub fn typ_absent_or(typ: impl Into<String>) -> Self {
        Self::new(Typ::AbsentOr(typ.into()))
    }

    /// Tokens of any type. Then something else must tell this kind of token from every other kind
    /// that the same key signs (RFC 8725, section 3.12).
    #[must_use]
    pub fn any_typ() -> Self {
        Self::new(Typ::Any)
    }

    fn new(typ: Typ) -> Self {
        Self {
            typ,
            issuer: None,
            subject: None,
            audiences: Vec::new(),
            audience_form: AudienceForm::Contains,
            leeway_seconds: 0,
            required: Vec::new(),
            max_age_seconds: None,
            max_lifetime_seconds: None,
        }
    }

    /// `iss` must be there and equal this, byte for byte.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// `sub` must be there and equal this.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// `aud` must contain this, or another one that was named by a further call.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// `aud` may contain nothing that was not named; an array of one is fine.
    #[must_use]
    pub fn only_audience(mut self) -> Self {
        self.audience_form = AudienceForm::Alone;
        self
    }

    /// `aud` must be one string and no array (FAPI 2.0 for client assertions).
    #[must_use]
    pub fn audience_as_single_string(mut self) -> Self {
        self.audience_form = AudienceForm::SingleString;
        self
    }

    /// How far the clocks may differ, in seconds; zero if not said.
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: i64) -> Self {
        self.leeway_seconds = seconds.max(0);
        self
    }

    /// These registered claims must be there: any of `iss`, `sub`, `aud`, `exp`, `nbf`, `iat`,
    /// `jti`. Another name is never there.
    #[must_use]
    pub fn require(mut self, claims: &[&'static str]) -> Self {
        self.required.extend_from_slice(claims);
        self
    }

    /// `iat` must be there and at most this long ago.
    #[must_use]
    pub fn max_age_seconds(mut self, seconds: i64) -> Self {
        self.max_age_seconds = Some(seconds);
        self
    }

    /// `exp` must be there and at most this far ahead.
    #[must_use]
    pub fn max_lifetime_seconds(mut self, seconds: i64) -> Self {
        self.max_lifetime_seconds = Some(seconds);
        self
    }

    pub(super) fn check_typ(&self, header: &Header) -> Result<(), JwtError> {
        let (expected, fits) = match &self.typ {
            Typ::Any => return Ok(()),
            Typ::Exactly(typ) => (typ, header.has_typ(typ)),
            Typ::AbsentOr(typ) => (typ, header.typ().is_none() || header.has_typ(typ)),
        };
        if fits {
            Ok(())
        } else {
            Err(JwtError::WrongType {
                received: header.typ().map(excerpt),
                expected: expected.clone(),
            })
        }
    }

    pub(super) fn check(&self, claims: &RegisteredClaims, now: i64) -> Result<(), JwtError> {
        self.check_presence(claims)?;
        self.check_parties(claims)?;
        self.check_times(claims, now)
    }

    fn check_presence(&self, claims: &RegisteredClaims) -> Result<(), JwtError> {
        let present = |name: &str| match name {
            "iss" => claims.iss.is_some(),
            "sub" => claims.sub.is_some(),
            "aud" => !claims.aud.is_empty(),
            "exp" => claims.exp.is_some(),
            "nbf" => claims.nbf.is_some(),
            "iat" => claims.iat.is_some(),
            "jti" => claims.jti.is_some(),
            _ => false,
        };
        match self.required.iter().find(|name| !present(name)) {
            Some(name) => Err(JwtError::MissingClaim(name)),
            None => Ok(()),
        }
    }

    /// RFC 7519, sections 4.1.1 to 4.1.3.
    fn check_parties(&self, claims: &RegisteredClaims) -> Result<(), JwtError> {
        if let Some(expected) = &self.issuer {
            let received = claims.iss.as_ref().ok_or(JwtError::MissingClaim("iss"))?;
            if received != expected {
                return Err(JwtError::WrongIssuer {
                    received: excerpt(received),
                    expected: expected.clone(),
                });
            }
        }
        if !self.audiences.is_empty() {
            self.check_audience(claims)?;
        }
        match (&self.subject, &claims.sub) {
            (Some(_), None) => Err(JwtError::MissingClaim("sub")),
            (Some(expected), Some(received)) if expected != received => Err(JwtError::WrongSubject),
            _ => Ok(()),
        }
    }

    fn check_audience(&self, claims: &RegisteredClaims) -> Result<(), JwtError> {
        if claims.aud.is_empty() {
            return Err(JwtError::MissingClaim("aud"));
        }
        if self.audience_form == AudienceForm::SingleString && claims.aud_is_array {
            return Err(JwtError::AudienceIsArray);
        }
        let is_expected = |audience: &String| self.audiences.contains(audience);
        if !claims.aud.iter().any(is_expected) {
            return Err(JwtError::WrongAudience {
                received: excerpts(&claims.aud),
                expected: self.audiences.clone(),
            });
        }
        if self.audience_form != AudienceForm::Contains && !claims.aud.iter().all(is_expected) {
            return Err(JwtError::FurtherAudiences {
                received: excerpts(&claims.aud),
            });
        }
        Ok(())
    }

    /// RFC 7519, sections 4.1.4 to 4.1.6. Sums saturate: a time at the end of the numbers is still
    /// a time.
    fn check_times(&self, claims: &RegisteredClaims, now: i64) -> Result<(), JwtError> {
        let leeway = self.leeway_seconds;
        if let Some(exp) = claims.exp
            && now >= exp.saturating_add(leeway)
        {
            return Err(JwtError::Expired { exp, now });
        }
        if let Some(nbf) = claims.nbf
            && now.saturating_add(leeway) < nbf
        {
            return Err(JwtError::NotYetValid { nbf, now });
        }
        if let Some(iat) = claims.iat
            && now.saturating_add(leeway) < iat
        {
            return Err(JwtError::IssuedInTheFuture { iat, now });
        }
        if let Some(max_age_seconds) = self.max_age_seconds {
            let iat = claims.iat.ok_or(JwtError::MissingClaim("iat"))?;
            if now.saturating_sub(iat) > max_age_seconds.saturating_add(leeway) {
                return Err(JwtError::TooOld {
                    iat,
                    now,
                    max_age_seconds,
                });
            }
        }
        if let Some(max_lifetime_seconds) = self.max_lifetime_seconds {
            let exp = claims.exp.ok_or(JwtError::MissingClaim("exp"))?;
            if exp.saturating_sub(now) > max_lifetime_seconds.saturating_add(leeway) {
                return Err(JwtError::LivesTooLong {
                    exp,
                    now,
                    max_lifetime_seconds,
                });
            }
        }
        Ok(())
    }
}
