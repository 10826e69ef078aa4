//! What the rest of a program may ask of its provider without HTTP.
//!
//! A host that embeds the provider has its own users and sessions; these calls take its word for
//! who signed in, and go through the same steps as the endpoints. What one of them issues, the
//! endpoints take, and the other way round.

use std::fmt;

use countersign_jose::base64url;
use countersign_oauth::claims::is_reserved;
use countersign_oauth::parameters::Parameters;
use countersign_oauth::pkce::CodeVerifier;
use countersign_oauth::scope::Scope;
use countersign_oauth::server_metadata::ServerMetadata;
use countersign_store::GrantId;
use countersign_store::grants::Holder;
use countersign_store::sessions::BrowserSession;
use countersign_store::subjects::Status;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::Provider;
use crate::access_token;
use crate::authorization_request::fault::AuthorizeFault;
use crate::authorization_request::{request, response, target};
use crate::browser_secret::BrowserSecret;
use crate::client_auth::{AuthenticatedClient, authenticate_by_secret, vouched_for};
use crate::clients::Client;
use crate::error::Failure;
use crate::journey::destination::Destination;
use crate::journey::fault::JourneyFault;
use crate::journey::finish;
use crate::journey::interaction::Interaction;
use crate::journey::next::{Decision, Next, State, what_next};
use crate::login::fault::LoginFault;
use crate::server_metadata::metadata;
pub use crate::session::HostSession;
use crate::session::{SignIn, host_session_id};
use crate::token::{self, TokenRequest, TokenResponse};

/// A user who signed in at the host.
#[derive(Debug, Clone, Copy)]
pub struct SignedInUser<'a> {
    /// A subject of the store, active.
    pub sub: &'a str,
    /// How they proved it (RFC 8176, section 2), such as `pwd`.
    pub amr: &'a [&'a str],
    /// The host's session that they are signed in to. What is issued ends with it, except offline
    /// access. Without one, it belongs to a session of its own.
    pub session: Option<HostSession<'a>>,
}

/// Claims that a host adds to the tokens of one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostClaims(Map<String, Value>);

impl HostClaims {
    /// # Errors
    /// Returns a [`ReservedClaim`] for a name that belongs to the protocol.
    pub fn new(claims: Map<String, Value>) -> Result<HostClaims, ReservedClaim> {
        match claims.keys().find(|name| is_reserved(name)) {
            Some(name) => Err(ReservedClaim(name.clone())),
            None => Ok(HostClaims(claims)),
        }
    }
}

/// A claim that only the provider sets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the claim {0} belongs to the protocol; the provider sets it")]
pub struct ReservedClaim(String);

/// An authorization that the host's user has allowed.
#[derive(Debug, Clone, Copy)]
pub struct CodeRequest<'a> {
    pub client_id: &'a str,
    /// One of the client's own.
    pub redirect_uri: &'a str,
    /// Scopes, separated by spaces (RFC 6749, section 3.3).
    pub scope: &'a str,
    /// For the ID token (OpenID Connect Core, section 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// S256 of the client's verifier (RFC 7636, section 4.2); public clients must have one.
    pub code_challenge: Option<&'a str>,
}

/// A code that a client brings.
#[derive(Clone, Copy)]
pub struct CodeRedemption<'a> {
    pub client_id: &'a str,
    /// `None` for a public client.
    pub client_secret: Option<&'a str>,
    /// As at the authorization (RFC 6749, section 4.1.3).
    pub redirect_uri: &'a str,
    pub code: &'a str,
    pub code_verifier: Option<&'a str>,
}

/// What a client is given (RFC 6749, section 5.1, OpenID Connect Core, section 3.1.3.3). Prints
/// redacted.
pub struct IssuedTokens {
    pub access_token: Zeroizing<String>,
    /// From now.
    pub expires_in_seconds: i64,
    pub refresh_token: Option<Zeroizing<String>>,
    /// Where the scope has `openid`.
    pub id_token: Option<String>,
    /// What was granted, separated by spaces.
    pub scope: String,
}

/// An access token that is accepted now.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedToken {
    /// The user's `sub` in the store, also where the client knows another one (OpenID Connect Core,
    /// section 8); `None` for the token of a client itself (RFC 6749, section 4.4).
    pub sub: Option<String>,
    pub client_id: String,
    pub scope: Scope,
    /// Unix seconds.
    pub expires_at: i64,
}

/// A token that a service is given in place of the user's own.
#[derive(Debug, Clone, Copy)]
pub struct Delegation<'a> {
    /// One of the resources that the user's token is for (RFC 8707).
    pub resource: &'a str,
    /// Scopes of the user's token, separated by spaces; `None` is all that belong to the resource.
    pub scope: Option<&'a str>,
    /// From now. It ends no later than the user's token.
    pub lifetime_seconds: i64,
}

impl Provider {
    /// Issues a token for one service under a user's access token: a personal one, or one of an
    /// application in a session. It never has more scope, another audience or a longer life, and
    /// ends with the same grant.
    ///
    /// # Errors
    /// The causes of [`AccessTokenFault`](crate::access_token::AccessTokenFault) for the user's
    /// token, and of [`TokenFault`](crate::token::fault::TokenFault) for what is asked; the
    /// store's.
    pub async fn delegate(
        &self,
        access_token: &str,
        to: &Delegation<'_>,
    ) -> Result<IssuedTokens, Failure> {
        let to = token::delegation::Delegation {
            resource: to.resource,
            scope: to.scope,
            lifetime_seconds: to.lifetime_seconds,
        };
        let delegated = token::delegation::delegate(self, access_token, &to).await?;
        Ok(IssuedTokens {
            access_token: Zeroizing::new(delegated.access_token),
            expires_in_seconds: delegated.expires_in,
            refresh_token: None,
            id_token: None,
            scope: delegated.scope,
        })
    }

    /// Whether a `client_id` is a registered, active client (RFC 6749, section 2.2).
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn is_valid_client(&self, client_id: &str) -> Result<bool, Failure> {
        Ok(self.clients.find(&*self.store, client_id).await?.is_some())
    }

    /// Issues an authorization code (RFC 6749, section 4.1.2), as `/authorize` does after the user
    /// pressed Allow: the request is checked, the consent recorded, and the grant belongs to the
    /// host's session, or to one of its own. The code is valid for
    /// `authorization_code_lifetime_seconds`.
    ///
    /// # Errors
    /// The causes of [`AuthorizeFault`] for the request; [`LoginFault::NameUnknown`] and
    /// [`LoginFault::AccountDisabled`] for the user; [`JourneyFault::LoginRequired`] if the host's
    /// session has ended or is another user's; the store's.
    pub async fn issue_code(
        &self,
        request: &CodeRequest<'_>,
        user: &SignedInUser<'_>,
    ) -> Result<String, Failure> {
        let (_, code) = self.code(request, user).await?;
        Ok(code)
    }

    /// Redeems a code once (RFC 6749, section 4.1.3), as `/token` does: a second time ends the
    /// grant.
    ///
    /// # Errors
    /// The causes of [`ClientAuthFault`](crate::client_auth::fault::ClientAuthFault) and of
    /// [`TokenFault`](crate::token::fault::TokenFault); the store's.
    pub async fn redeem_code(
        &self,
        redemption: &CodeRedemption<'_>,
    ) -> Result<IssuedTokens, Failure> {
        let CodeRedemption {
            client_id,
            client_secret,
            redirect_uri,
            code,
            code_verifier,
        } = *redemption;
        let client = authenticate_by_secret(self, client_id, client_secret).await?;
        self.redeem(&client, redirect_uri, code, code_verifier, Map::new())
            .await
    }

    /// Issues tokens for a user and a client at once: a code, redeemed on the client's behalf. The
    /// request's own `code_challenge` is not used. `claims` are added to the ID token, and to the
    /// access token if that is a JWT; a refresh does not repeat them.
    ///
    /// # Errors
    /// Those of [`Provider::issue_code`] and [`Provider::redeem_code`].
    pub async fn issue_token(
        &self,
        request: &CodeRequest<'_>,
        user: &SignedInUser<'_>,
        claims: &HostClaims,
    ) -> Result<IssuedTokens, Failure> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.random.fill(&mut *bytes);
        let verifier = Zeroizing::new(base64url::encode(*bytes));
        let challenge = CodeVerifier::parse(&verifier)
            .map_err(|fault| {
                Failure::from(AuthorizeFault::PkceMalformed).detail(fault.to_string())
            })?
            .challenge_s256();
        let request = CodeRequest {
            code_challenge: Some(&challenge),
            ..*request
        };
        let (client, code) = self.code(&request, user).await?;
        let client = vouched_for(client);
        let redirect_uri = request.redirect_uri;
        self.redeem(
            &client,
            redirect_uri,
            &code,
            Some(&verifier),
            claims.0.clone(),
        )
        .await
    }

    /// Ends a session of the host, and with it everything that was issued under it; applications
    /// are told as at a sign-out. Returns whether there was one that had not ended.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn end_host_session(&self, session: &str) -> Result<bool, Failure> {
        let id = host_session_id(session);
        let before = self.store.session(&id).await?;
        self.store.end_session(&id, self.now()).await?;
        Ok(before.is_some_and(|view| view.session.ended.is_none()))
    }

    /// Whether one of our access tokens is accepted now, opaque or JWT (RFC 9068, section 4): its
    /// signature and times, its grant, and everything above that.
    ///
    /// # Errors
    /// The causes of [`AccessTokenFault`](crate::access_token::AccessTokenFault); the store's.
    pub async fn verify_token(&self, access_token: &str) -> Result<VerifiedToken, Failure> {
        let accepted = access_token::accept(self, access_token, self.now()).await?;
        let (sub, client_id) = match accepted.holder() {
            Holder::Grant(grant) => (Some(grant.sub.clone()), grant.client_id.clone()),
            Holder::Client { client_id } => (None, client_id.clone()),
        };
        Ok(VerifiedToken {
            sub,
            client_id,
            scope: accepted.scope().clone(),
            expires_at: accepted.expires_at(),
        })
    }

    /// The JWK set (RFC 7517, section 5) as JSON.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn jwks(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.keys.ring().await?.document.json().to_vec())
    }

    /// The provider's metadata (OpenID Connect Discovery, section 3).
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn configuration(&self) -> Result<ServerMetadata, Failure> {
        let declared = self.declared_resources().await?;
        Ok(metadata(&self.issuer, &self.settings, &declared))
    }

    /// Deletes every code that was issued and not used yet, and returns how many there were.
    ///
    /// # Errors
    /// Returns the store's error if the store fails.
    pub async fn delete_all_codes(&self) -> Result<u64, Failure> {
        Ok(self.store.delete_all_codes(self.now()).await?)
    }

    /// The steps of `/authorize`, for a user who is there and has allowed it.
    async fn code(
        &self,
        request: &CodeRequest<'_>,
        user: &SignedInUser<'_>,
    ) -> Result<(Client, String), Failure> {
        let parameters = self.parameters(&[
            ("response_type", Some("code")),
            ("client_id", Some(request.client_id)),
            ("redirect_uri", Some(request.redirect_uri)),
            ("scope", Some(request.scope)),
            ("nonce", request.nonce),
            ("code_challenge", request.code_challenge),
            (
                "code_challenge_method",
                request.code_challenge.map(|_| "S256"),
            ),
        ])?;
        let target = target::prove(self, &parameters).await?;
        let client = target.client().clone();
        let response_mode = response::response_mode(self, &client, &parameters)?;
        let target = target.with_response_mode(response_mode);
        let request = request::check(self, &client, &parameters).await?;
        let nobodys = BrowserSecret::generate(self);
        let destination = Destination::client(target, request);
        let interaction = Interaction::begin(self, destination, &nobodys);
        let session = self.session_of(user, interaction.id).await?;
        let state = State {
            interaction: &interaction,
            session: Some(&session),
            consent: None,
            decision: Decision::Allowed,
            subjects: &self.subjects,
            now: self.now(),
        };
        match what_next(&state) {
            Next::Finish(permitted) => {
                let issued = finish::issue(self, interaction.id, &permitted).await?;
                let code = issued.code.ok_or(AuthorizeFault::ResponseTypeUnsupported)?;
                Ok((client, code.expose()))
            }
            Next::Refuse(fault) => Err(fault.into()),
            Next::SignIn
            | Next::SelectAccount(_)
            | Next::Consent(..)
            | Next::Open(_)
            | Next::AskAboutDevice(..)
            | Next::ApproveDevice(..) => Err(JourneyFault::LoginRequired.into()),
        }
    }

    async fn session_of(
        &self,
        user: &SignedInUser<'_>,
        proved_in: GrantId,
    ) -> Result<BrowserSession, Failure> {
        let subject = self.store.subject(user.sub).await?;
        let subject = subject.ok_or(LoginFault::NameUnknown)?;
        if subject.status != Status::Active {
            return Err(LoginFault::AccountDisabled.into());
        }
        let proof = SignIn {
            sub: subject.sub,
            user_epoch: subject.epoch,
            amr: user.amr.iter().map(|method| (*method).to_owned()).collect(),
            proved_in: Some(proved_in),
        };
        match &user.session {
            None => Ok(self.sign_in(None, proof).await?.0),
            Some(host) => {
                let session = self.host_session(host, &proof).await?;
                Ok(session.ok_or(JourneyFault::LoginRequired)?)
            }
        }
    }

    async fn redeem(
        &self,
        client: &AuthenticatedClient,
        redirect_uri: &str,
        code: &str,
        code_verifier: Option<&str>,
        claims: Map<String, Value>,
    ) -> Result<IssuedTokens, Failure> {
        let parameters = self.parameters(&[
            ("grant_type", Some("authorization_code")),
            ("redirect_uri", Some(redirect_uri)),
            ("code", Some(code)),
            ("code_verifier", code_verifier),
        ])?;
        let request = TokenRequest {
            parameters,
            in_query: None,
            claims,
        };
        Ok(token::granted(self, client, &request).await?.into())
    }

    /// Parameters as a request would carry them, held to the same limits.
    fn parameters(&self, pairs: &[(&str, Option<&str>)]) -> Result<Parameters, Failure> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            form.extend_pairs(value.map(|value| (name, value)));
        }
        let form = Zeroizing::new(form.finish());
        let limits = self.site.settings.parameters();
        Ok(Parameters::parse_form(form.as_bytes(), limits, &[])?)
    }
}

impl From<TokenResponse> for IssuedTokens {
    fn from(response: TokenResponse) -> IssuedTokens {
        IssuedTokens {
            access_token: Zeroizing::new(response.access_token),
            expires_in_seconds: response.expires_in,
            refresh_token: response.refresh_token.map(Zeroizing::new),
            id_token: response.id_token,
            scope: response.scope.unwrap_or_default(),
        }
    }
}

impl fmt::Debug for IssuedTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IssuedTokens")
            .field("expires_in_seconds", &self.expires_in_seconds)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
