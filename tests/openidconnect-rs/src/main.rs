//! An application with the crate openidconnect. It signs a person in, signs in as a device, or
//! registers itself first. It prints lines of JSON, and reads the address at which the person came
//! back from its standard input.

use std::env;
use std::error::Error;
use std::io::{self, BufRead};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreClientRegistrationRequest, CoreDeviceAuthorizationResponse,
    CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    CoreUserInfoClaims,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthenticationFlow,
    AuthorizationCode, ClientId, ClientName, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    ProviderMetadata, RedirectUrl, Scope, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Deserialize, Serialize)]
struct DeviceEndpoint {
    device_authorization_endpoint: DeviceAuthorizationUrl,
}

impl AdditionalProviderMetadata for DeviceEndpoint {}

type Metadata = ProviderMetadata<
    DeviceEndpoint,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Who the application is.
struct Registered {
    id: ClientId,
    secret: Option<ClientSecret>,
}

fn main() -> Outcome<()> {
    let issuer = IssuerUrl::new(env::var("ISSUER")?)?;
    let metadata = Metadata::discover(&issuer, &http)?;
    let registered = || Registered {
        id: ClientId::new(env::var("CLIENT_ID").unwrap_or_default()),
        secret: env::var("CLIENT_SECRET").ok().map(ClientSecret::new),
    };
    let outcome = match env::args().nth(1).as_deref() {
        Some("sign-in") => sign_in(metadata, registered()),
        Some("device") => device(metadata, registered()),
        Some("register") => {
            register(&metadata).and_then(|registered| sign_in(metadata, registered))
        }
        _ => Err("sign-in, device, or register".into()),
    };
    say(&outcome.unwrap_or_else(|error| json!({ "error": causes(&*error) })));
    Ok(())
}

/// The authorization code flow with PKCE, a nonce and a state; then userinfo and a refresh.
fn sign_in(metadata: Metadata, registered: Registered) -> Outcome<Value> {
    let redirect = RedirectUrl::new(env::var("CALLBACK")?)?;
    let client = CoreClient::from_provider_metadata(metadata, registered.id, registered.secret)
        .set_redirect_uri(redirect);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let (address, state, nonce) = client
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes())
        // OpenID Connect Core, section 11: offline_access comes with prompt=consent.
        .add_prompt(CoreAuthPrompt::Consent)
        .set_pkce_challenge(challenge)
        .url();
    say(&json!({ "open": address }));

    let came_back = Url::parse(&line()?)?;
    let parameter = |wanted: &str| {
        let mut pairs = came_back.query_pairs();
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    if let Some(error) = parameter("error") {
        return Err(error.into());
    }
    if parameter("state").as_ref() != Some(state.secret()) {
        return Err("another state".into());
    }
    let code = AuthorizationCode::new(parameter("code").ok_or("no code")?);
    let tokens = client
        .exchange_code(code)?
        .set_pkce_verifier(verifier)
        .request(&http)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let checks = client.id_token_verifier();
    let claims = id_token.claims(&checks, &nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let (algorithm, key) = (id_token.signing_alg()?, id_token.signing_key(&checks)?);
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)?;
        if actual != *expected {
            return Err("another access token".into());
        }
    }
    let subject = claims.subject().clone();
    let userinfo: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(subject))?
        .request(&http)?;
    let refresh_token = tokens.refresh_token().ok_or("no refresh token")?;
    let refreshed = client
        .exchange_refresh_token(refresh_token)?
        .request(&http)?;
    let any_nonce = |_: Option<&Nonce>| Ok(());
    let renewed = refreshed
        .id_token()
        .ok_or("no ID token at the refresh")?
        .claims(&checks, any_nonce)?;
    Ok(json!({
        "sub": claims.subject(),
        "sub_at_refresh": renewed.subject(),
        "email": userinfo.email(),
        "algorithm": format!("{:?}", id_token.signing_alg()?),
        "access_token_changed": refreshed.access_token().secret() != tokens.access_token().secret(),
    }))
}

/// The device flow (RFC 8628).
fn device(metadata: Metadata, registered: Registered) -> Outcome<Value> {
    let address = metadata
        .additional_metadata()
        .device_authorization_endpoint
        .clone();
    let client = CoreClient::from_provider_metadata(metadata, registered.id, registered.secret)
        .set_device_authorization_url(address)
        .set_auth_type(AuthType::RequestBody);
    let shown: CoreDeviceAuthorizationResponse = client
        .exchange_device_code()
        .add_scopes(scopes())
        .request(&http)?;
    say(&json!({ "open": shown.verification_uri(), "user_code": shown.user_code().secret() }));
    let tokens =
        client
            .exchange_device_access_token(&shown)?
            .request(&http, std::thread::sleep, None)?;
    let claims = tokens
        .id_token()
        .ok_or("no ID token")?
        .claims(&client.id_token_verifier(), |_: Option<&Nonce>| Ok(()))?;
    let userinfo: CoreUserInfoClaims = client
        .user_info(
            tokens.access_token().clone(),
            Some(claims.subject().clone()),
        )?
        .request(&http)?;
    Ok(json!({ "sub": claims.subject(), "email": userinfo.email() }))
}

/// Dynamic registration with an initial access token (RFC 7591).
fn register(metadata: &Metadata) -> Outcome<Registered> {
    let redirect = RedirectUrl::new(env::var("CALLBACK")?)?;
    let token = AccessToken::new(env::var("INITIAL_ACCESS_TOKEN")?);
    let name = ClientName::new("openidconnect-rs".to_owned());
    let grants = vec![
        CoreGrantType::AuthorizationCode,
        CoreGrantType::RefreshToken,
    ];
    let response =
        CoreClientRegistrationRequest::new(vec![redirect], EmptyAdditionalClientMetadata {})
            .set_initial_access_token(Some(token))
            .set_client_name(Some([(None, name)].into_iter().collect()))
            .set_grant_types(Some(grants))
            .register(
                metadata.registration_endpoint().ok_or("no registration")?,
                &http,
            )?;
    say(&json!({ "registered": response.client_id() }));
    Ok(Registered {
        id: response.client_id().clone(),
        secret: response.client_secret().cloned(),
    })
}

fn scopes() -> Vec<Scope> {
    let names = ["profile", "email", "offline_access"];
    names.map(|name| Scope::new(name.to_owned())).into()
}

/// Follows no redirect, as openidconnect asks of its HTTP clients.
fn http(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0);
    let agent = ureq::Agent::new_with_config(config.build());
    let (head, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn say(what: &Value) {
    println!("{what}");
}

fn causes(error: &dyn Error) -> Vec<String> {
    let mut all = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        all.push(error.to_string());
        cause = error.source();
    }
    all
}
