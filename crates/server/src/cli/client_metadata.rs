//! Client metadata (RFC 7591, section 2) from a file, and from flags for the common members.
//!
//! The file may be what `client show --json` printed, here or elsewhere. What is not metadata in it
//! is taken out: the members that the server issues, and what is printed beside the metadata.

use std::path::PathBuf;

use clap::Args;
use countersign_oauth::client_metadata::{ClientMetadata, ISSUED_MEMBERS};
use countersign_oauth::flow_name::{FlowName, apply_flows};
use serde_json::{Map, Value};

use super::console::Console;
use super::failure::Failure;

/// Where a client's metadata comes from. A flag replaces the file's member.
#[derive(Debug, Default, Args)]
pub struct MetadataFlags {
    /// A JSON object with the client metadata of RFC 7591, such as `client show --json` prints;
    /// `-` is standard input.
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// `client_name`: the name that people see.
    #[arg(long)]
    name: Option<String>,
    /// `redirect_uris`; may be repeated. For an application on people's own machines, use
    /// http://127.0.0.1, whose port may vary. http://localhost works too, but that name can resolve
    /// to something other than the machine itself (RFC 8252, section 8.3).
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// `post_logout_redirect_uris`; may be repeated.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// `grant_types`, such as authorization_code, refresh_token, client_credentials; may be
    /// repeated.
    #[arg(long = "grant-type", value_name = "TYPE")]
    grant_types: Vec<String>,
    /// The name of a flow, in place of grant and response types: all, authorizationCode,
    /// authorizationCodeWithPKCE, clientCredentials, device_code, oidcAuthorizationCode, password,
    /// passwordMfa or refresh_token; may be repeated.
    #[arg(long = "flow", value_name = "NAME", conflicts_with_all = ["grant_types", "response_types"])]
    flows: Vec<String>,
    /// `response_types`; may be repeated.
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Vec<String>,
    /// `scope`: the scopes that the client may request, separated by spaces.
    #[arg(long)]
    scope: Option<String>,
    /// A public client, which has no secret, such as an app or a page: `token_endpoint_auth_method`
    /// none.
    #[arg(long, conflicts_with = "token_endpoint_auth_method")]
    public: bool,
    /// `token_endpoint_auth_method`: client_secret_basic, client_secret_post, client_secret_jwt,
    /// private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none.
    #[arg(long, visible_alias = "auth-method", value_name = "METHOD")]
    token_endpoint_auth_method: Option<String>,
    /// `token_endpoint_auth_signing_alg`: the only algorithm that the client's assertions may have,
    /// such as ES256.
    #[arg(long = "auth-signing-alg", value_name = "ALG")]
    token_endpoint_auth_signing_alg: Option<String>,
    /// `jwks`: a file with the client's public keys, a JSON Web Key Set; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// `jwks_uri`: where the client publishes its public keys.
    #[arg(long, value_name = "URI")]
    jwks_uri: Option<String>,
    /// `tls_client_auth_subject_dn`: the subject of the client's certificate, as in
    /// CN=client,O=Example (RFC 4514).
    #[arg(long = "tls-subject-dn", value_name = "DN")]
    tls_client_auth_subject_dn: Option<String>,
    /// `tls_client_auth_san_dns`: a DNS name in the client's certificate.
    #[arg(long = "tls-san-dns", value_name = "NAME")]
    tls_client_auth_san_dns: Option<String>,
    /// `tls_client_auth_san_uri`: a URI in the client's certificate.
    #[arg(long = "tls-san-uri", value_name = "URI")]
    tls_client_auth_san_uri: Option<String>,
    /// `tls_client_auth_san_ip`: an IP address in the client's certificate.
    #[arg(long = "tls-san-ip", value_name = "ADDRESS")]
    tls_client_auth_san_ip: Option<String>,
    /// `tls_client_auth_san_email`: an email address in the client's certificate.
    #[arg(long = "tls-san-email", value_name = "EMAIL")]
    tls_client_auth_san_email: Option<String>,
    /// `application_type`: web or native.
    #[arg(long, value_name = "TYPE")]
    application_type: Option<String>,
    /// `id_token_signed_response_alg`: RS256, PS256, ES256 or EdDSA.
    #[arg(long = "id-token-alg", value_name = "ALG")]
    id_token_signed_response_alg: Option<String>,
    /// `userinfo_signed_response_alg`: return userinfo as a JWT signed with RS256, PS256, ES256 or
    /// EdDSA, instead of JSON.
    #[arg(long = "userinfo-alg", value_name = "ALG")]
    userinfo_signed_response_alg: Option<String>,
    /// `subject_type`: public or pairwise. With pairwise, the client gets a `sub` for each user
    /// that no client of another sector gets.
    #[arg(long, value_name = "TYPE")]
    subject_type: Option<String>,
    /// `sector_identifier_uri`: an https address with a JSON array of all redirect URIs of the
    /// sector. It is fetched now.
    #[arg(long, value_name = "URI")]
    sector_identifier_uri: Option<String>,
    /// `access_token_format`: jwt or opaque.
    #[arg(long, value_name = "FORMAT")]
    access_token_format: Option<String>,
    /// `require_pkce`: refuse authorization requests without a code_challenge. This always applies
    /// to public clients.
    #[arg(long)]
    require_pkce: bool,
    /// `persist_access_tokens`: store a hash of the jti of each JWT access token, and refuse tokens
    /// whose jti is not stored.
    #[arg(long)]
    persist_access_tokens: bool,
    /// `may_introspect`: an API, which may ask about the access tokens that it is sent.
    #[arg(long)]
    may_introspect: bool,
    /// `client_uri`: the home page of the client.
    #[arg(long, value_name = "URI")]
    client_uri: Option<String>,
    /// `backchannel_logout_uri`: where the server tells the application that a user's session has
    /// ended (OpenID Connect Back-Channel Logout).
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// `backchannel_logout_session_required`: the application needs the `sid` in logout tokens.
    /// They always have it.
    #[arg(long)]
    backchannel_logout_session_required: bool,
    /// `frontchannel_logout_uri`: what the browser loads in a frame after a sign-out (OpenID
    /// Connect Front-Channel Logout). Its origin is that of a redirect URI.
    #[arg(long, value_name = "URI")]
    frontchannel_logout_uri: Option<String>,
    /// `frontchannel_logout_session_required`: add `iss` and `sid` to that address.
    #[arg(long)]
    frontchannel_logout_session_required: bool,
}

/// What the file and the flags say.
#[derive(Debug)]
pub struct GivenMetadata {
    /// The members of the metadata.
    pub members: Map<String, Value>,
    /// The `client_id` in the file.
    pub client_id: Option<String>,
    /// Whether the file describes a client that was registered, which has the `client_id`: then it
    /// also says when that was issued (RFC 7591, section 3.2.1).
    pub is_registered: bool,
}

impl MetadataFlags {
    /// The members that the file and the flags name.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the file cannot be read or is not a JSON object, or if the flags or
    /// a flow name in the file are not valid.
    pub fn read(&self, console: &mut Console<'_>) -> Result<GivenMetadata, Failure> {
        let mut members = match &self.metadata {
            None => Map::new(),
            Some(path) => {
                countersign_jose::json::parse_object(&console.file(path)?).map_err(|error| {
                    Failure::refused(format!("the client metadata is refused: {error}."))
                })?
            }
        };
        let client_id = take_text(&mut members, "client_id")?;
        if take_text(&mut members, "client_secret")?.is_some() {
            return Err(Failure::refused(CLIENT_SECRET_GIVEN));
        }
        let is_registered = members.contains_key("client_id_issued_at");
        members.retain(|member, _| {
            !ISSUED_MEMBERS.contains(&member.as_str()) && !PRINTED_BESIDE.contains(&member.as_str())
        });
        let method = if self.public {
            Some("none".to_owned())
        } else {
            self.token_endpoint_auth_method.clone()
        };
        let texts = [
            ("client_name", &self.name),
            ("scope", &self.scope),
            ("token_endpoint_auth_method", &method),
            (
                "token_endpoint_auth_signing_alg",
                &self.token_endpoint_auth_signing_alg,
            ),
            ("jwks_uri", &self.jwks_uri),
            (
                "tls_client_auth_subject_dn",
                &self.tls_client_auth_subject_dn,
            ),
            ("tls_client_auth_san_dns", &self.tls_client_auth_san_dns),
            ("tls_client_auth_san_uri", &self.tls_client_auth_san_uri),
            ("tls_client_auth_san_ip", &self.tls_client_auth_san_ip),
            ("tls_client_auth_san_email", &self.tls_client_auth_san_email),
            ("application_type", &self.application_type),
            (
                "id_token_signed_response_alg",
                &self.id_token_signed_response_alg,
            ),
            (
                "userinfo_signed_response_alg",
                &self.userinfo_signed_response_alg,
            ),
            ("subject_type", &self.subject_type),
            ("sector_identifier_uri", &self.sector_identifier_uri),
            ("access_token_format", &self.access_token_format),
            ("client_uri", &self.client_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
        ];
        let lists = [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
            ("grant_types", &self.grant_types),
            ("response_types", &self.response_types),
        ];
        for (member, text) in texts {
            members.extend(
                text.clone()
                    .map(|text| (member.to_owned(), Value::from(text))),
            );
        }
        for (member, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            members.insert(member.to_owned(), Value::from(list.clone()));
        }
        if let Some(path) = &self.jwks {
            let jwks = countersign_jose::json::parse_object(&console.file(path)?)
                .map_err(|error| Failure::refused(format!("the key set is refused: {error}.")))?;
            members.insert("jwks".to_owned(), Value::Object(jwks));
        }
        let flows = match members.remove(VALID_FLOW) {
            Some(flows) if self.flows.is_empty() => flow_list(&flows)?,
            _ => self.flows.clone(),
        };
        write_flows(&flows, &mut members)?;
        let switches = [
            ("require_pkce", self.require_pkce),
            ("persist_access_tokens", self.persist_access_tokens),
            (
                "backchannel_logout_session_required",
                self.backchannel_logout_session_required,
            ),
            (
                "frontchannel_logout_session_required",
                self.frontchannel_logout_session_required,
            ),
        ];
        for (member, _) in switches.into_iter().filter(|(_, on)| *on) {
            members.insert(member.to_owned(), Value::Bool(true));
        }
        if self.may_introspect {
            members.insert("may_introspect".to_owned(), Value::Bool(true));
        }
        Ok(GivenMetadata {
            members,
            client_id,
            is_registered,
        })
    }
}

impl GivenMetadata {
    /// The id of a new client. The file of a registered client may serve to make another one like
    /// it; otherwise two ids that differ are a mistake.
    pub fn new_client_id(&self, flag: Option<&str>) -> Result<Option<String>, Failure> {
        let file = self.client_id.as_deref();
        match (flag, file) {
            (Some(flag), Some(file)) if flag != file && !self.is_registered => {
                Err(Failure::refused(format!(
                    "--client-id is {flag:?}, and the file's client_id is {file:?}. Leave one of them out."
                )))
            }
            _ => Ok(flag.or(file).map(str::to_owned)),
        }
    }

    /// A client keeps its id, so that of the file must be it (RFC 7592, section 2.2).
    pub fn refuse_another_client_id(&self, client_id: &str) -> Result<(), Failure> {
        match &self.client_id {
            Some(file) if file != client_id => Err(Failure::refused(format!(
                "the file's client_id is {file:?}, and the client's is {client_id:?}, which can't be changed. Update the client that the file is about, or leave client_id out."
            ))),
            _ => Ok(()),
        }
    }
}

const CLIENT_SECRET_GIVEN: &str = "client_secret can't be given: secrets are generated. Leave it out; `countersign client create` shows the new client's, and `countersign client rotate-secret CLIENT_ID` makes another one.";

/// What is printed with a client's metadata, but is not part of it. `enable` and `disable` change
/// the status, `--owner` the owner, `vouch` the voucher.
const PRINTED_BESIDE: [&str; 3] = ["status", "owner", "vouched"];

/// Takes a text out. `null` and an empty text count as absent, as in metadata.
fn take_text(members: &mut Map<String, Value>, member: &str) -> Result<Option<String>, Failure> {
    match members.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(_) => Err(Failure::refused(format!(
            "the client metadata is refused: {member} is not a text."
        ))),
    }
}

/// The member in which older tools list a client's flows. It is a view and never stored.
const VALID_FLOW: &str = "valid_flow";

/// Turns flow names into the three members that they mean.
fn write_flows(names: &[String], members: &mut Map<String, Value>) -> Result<(), Failure> {
    if names.is_empty() {
        return Ok(());
    }
    let flows = names
        .iter()
        .map(|name| FlowName::parse(name).ok_or_else(|| unknown_flow(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut metadata = ClientMetadata::default();
    apply_flows(&mut metadata, &flows);
    members.insert(
        "grant_types".to_owned(),
        Value::from(metadata.grant_types.unwrap_or_default()),
    );
    members.insert(
        "response_types".to_owned(),
        Value::from(metadata.response_types.unwrap_or_default()),
    );
    if let Some(require_pkce) = metadata.require_pkce {
        members.insert("require_pkce".to_owned(), Value::Bool(require_pkce));
    }
    Ok(())
}

fn flow_list(value: &Value) -> Result<Vec<String>, Failure> {
    let names = value
        .as_array()
        .map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)));
    names
        .and_then(Iterator::collect)
        .ok_or_else(|| Failure::refused(format!("{VALID_FLOW} is not a list of flow names.")))
}

fn unknown_flow(name: &str) -> Failure {
    let known: Vec<&str> = FlowName::ALL.iter().map(|flow| flow.as_str()).collect();
    Failure::refused(format!(
        "there is no flow {name:?}. The flows are {}.",
        known.join(", ")
    ))
}
