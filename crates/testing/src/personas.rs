//! Who appears in tests.

/// A person with an account.
pub struct Person {
    pub sub: &'static str,
    pub username: &'static str,
    pub email: &'static str,
    pub name: &'static str,
    pub password: &'static str,
}

pub const ALICE: Person = Person {
    sub: "alices-subject-identifier",
    username: "alice",
    email: "alice@example.org",
    name: "Alice Example",
    password: "correct horse battery staple",
};

pub const BOB: Person = Person {
    sub: "bobs-subject-identifier",
    username: "bob",
    email: "bob@example.org",
    name: "Bob Example",
    password: "a different long password",
};

/// A registered client.
pub struct ClientPersona {
    pub client_id: &'static str,
    /// Registered as its SHA-256.
    pub secret: Option<&'static str>,
    /// RFC 7591 metadata.
    pub metadata: &'static str,
}

pub const CLIENTS: &[ClientPersona] = &[
    ClientPersona {
        client_id: "confidential",
        secret: Some("confidential-secret-of-many-characters-01234"),
        metadata: r#"{
            "client_name": "Confidential App",
            "redirect_uris": ["https://confidential.example/callback"],
            "post_logout_redirect_uris": ["https://confidential.example/bye"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "rotate_refresh_tokens": true
        }"#,
    },
    ClientPersona {
        client_id: "posting",
        secret: Some("posting-secret-of-many-characters-0123456789"),
        metadata: r#"{
            "client_name": "Posting App",
            "redirect_uris": ["https://posting.example/callback?tenant=1"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": "client_secret_post",
            "access_token_format": "opaque",
            "id_token_signed_response_alg": "ES256"
        }"#,
    },
    ClientPersona {
        client_id: "public",
        secret: None,
        metadata: r#"{
            "client_name": "Public App",
            "redirect_uris": ["https://public.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
            "id_token_signed_response_alg": "EdDSA"
        }"#,
    },
    ClientPersona {
        client_id: "native",
        secret: None,
        metadata: r#"{
            "client_name": "Native App",
            "application_type": "native",
            "redirect_uris": ["http://127.0.0.1/callback", "com.example.app:/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    },
    ClientPersona {
        client_id: "first-party",
        secret: Some("first-party-secret-of-many-characters-012345"),
        metadata: r#"{
            "client_name": "First Party",
            "redirect_uris": ["https://first-party.example/callback"],
            "insecure_skip_consent": true,
            "scope": "openid profile email reports",
            "default_scope": "openid profile",
            "grant_types": ["authorization_code", "client_credentials"],
            "persist_access_tokens": true
        }"#,
    },
];

/// Where the personas among the clients are sent back to.
pub mod callback {
    pub const CONFIDENTIAL: &str = "https://confidential.example/callback";
    /// Registered with a query of its own.
    pub const POSTING: &str = "https://posting.example/callback?tenant=1";
    pub const PUBLIC: &str = "https://public.example/callback";
    /// Any port will do (RFC 8252, section 7.3).
    pub const NATIVE: &str = "http://127.0.0.1/callback";
    pub const FIRST_PARTY: &str = "https://first-party.example/callback";
}

impl ClientPersona {
    pub fn named(client_id: &str) -> &'static ClientPersona {
        let persona = CLIENTS.iter().find(|client| client.client_id == client_id);
        persona.expect("a persona")
    }

    /// Its secret; panics for a public client.
    pub fn secret_of(client_id: &str) -> &'static str {
        ClientPersona::named(client_id)
            .secret
            .expect("a confidential client")
    }
}
