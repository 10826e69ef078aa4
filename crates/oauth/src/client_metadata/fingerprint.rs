//! What a person's consent depends on: who the client says it is, and where it has people
//! sent.

use countersign_jose::base64url;
use countersign_jose::digest;
use serde_json::{Value, json};

use super::ClientMetadata;
use super::defaults::HUMAN_READABLE;

impl ClientMetadata {
    /// A digest of the client's names, logo, home page, redirect URIs, keys and the address at which
    /// a sign-in to it starts: if it changes, the client is no longer what people consented to
    /// (Client ID Metadata Documents, section 8.4).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut redirect_uris: Vec<&str> = self.redirect_uris.iter().map(String::as_str).collect();
        redirect_uris.sort_unstable();
        redirect_uris.dedup();
        let shown: Vec<(&String, &Value)> = self
            .other
            .iter()
            .filter(|(name, _)| {
                let tagged = name.split_once('#');
                tagged.is_some_and(|(base, _)| HUMAN_READABLE.contains(&base))
            })
            .collect();
        let members = json!([
            "1",
            self.client_name,
            self.client_uri,
            self.logo_uri,
            shown,
            redirect_uris,
            self.application_type().as_str(),
            self.token_endpoint_auth_method,
            self.jwks,
            self.jwks_uri,
            self.initiate_login_uri,
        ]);
        base64url::encode(digest::sha256(members.to_string().as_bytes()))
    }
}
