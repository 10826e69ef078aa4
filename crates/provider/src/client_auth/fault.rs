//! Causes of client authentication.

use crate::error::causes;

causes! {
    /// Why a client was not authenticated.
    pub enum ClientAuthFault {
        MethodsCombined = "client_auth_methods_combined" InvalidRequest Shape {
            rule: "A client must not use more than one authentication method in a request (RFC 6749, section 2.3).",
            received: "An Authorization header together with client_secret or client_assertion in the body, a secret together with an assertion, or two Authorization headers.",
            expected: "One method. The same client_id beside HTTP Basic is fine.",
            fix: "Remove the credentials from either the header or the body. Some libraries add the header on their own.",
        }
        ClientIdsDiffer = "client_ids_differ" InvalidRequest Shape {
            rule: "client_id in the body and in the Authorization header must name the same client (RFC 6749, sections 2.3.1 and 3.2.1).",
            received: "Two different client_ids in one request.",
            expected: "The same client_id, or only the one in the header.",
            fix: "Remove client_id from the body.",
        }
        HeaderMalformed = "client_auth_header_malformed" InvalidClient Shape {
            rule: "HTTP Basic is the base64 encoding of the form-encoded client_id, a colon, and the form-encoded secret (RFC 6749, section 2.3.1).",
            received: "An Authorization header that is not Basic, or whose credentials cannot be decoded.",
            expected: "Authorization: Basic with base64(client_id:client_secret).",
            fix: "Form-encode client_id and secret, join them with a colon, then encode the result as base64 with padding.",
        }
        Missing = "client_auth_missing" InvalidClient Shape {
            rule: "Every request to the token endpoint names its client (RFC 6749, section 3.2.1).",
            received: "Neither an Authorization header nor client_id.",
            expected: "HTTP Basic, client_id and client_secret, or client_id alone for public clients.",
            fix: "Send client_id with the request. A public client with PKCE needs it too.",
        }
        AssertionIncomplete = "client_assertion_incomplete" InvalidRequest Shape {
            rule: "A client that authenticates with an assertion sends client_assertion and client_assertion_type (RFC 7523, section 2.2).",
            received: "Only one of the two parameters.",
            expected: "Both, with client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer.",
            fix: "Send the missing parameter.",
        }
        AssertionTypeUnknown = "client_assertion_type_unknown" InvalidClient Shape {
            rule: "The client_assertion_type of a JWT is urn:ietf:params:oauth:client-assertion-type:jwt-bearer (RFC 7523, section 2.2).",
            received: "Another client_assertion_type, such as that of SAML.",
            expected: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            fix: "Use a method of token_endpoint_auth_methods_supported, and the parameter's exact value.",
        }
        AssertionMalformed = "client_assertion_malformed" InvalidClient Shape {
            rule: "client_assertion is one signed JWT (RFC 7523, section 3) whose typ, if it has one, is JWT or client-authentication+jwt (RFC 8725, section 3.11).",
            received: "A client_assertion that is not a signed JWT, or is a token of another kind, such as a request object.",
            expected: "header.payload.signature with an alg other than none, no crit, and claims in a JSON object.",
            fix: "Make a JWT for the purpose. A request object, an ID token or an access token is no client assertion.",
        }
        AssertionNamesAnotherClient = "client_assertion_names_another_client" InvalidClient Shape {
            rule: "iss and sub of a client assertion are the client_id, and so is the parameter client_id if it is sent (OpenID Connect Core, section 9; RFC 7521, section 4.2).",
            received: "An iss, a sub or a client_id that differs from the others, or is missing.",
            expected: "The same client_id in iss, in sub and, if it is sent, in the parameter client_id.",
            fix: "Set both claims to the client_id, and leave the parameter out.",
        }
        ClientUnknown = "client_unknown" InvalidClient Hidden {
            rule: "The client must be registered and active (RFC 6749, section 5.2).",
            received: "A client_id that belongs to no client or to a disabled one.",
            expected: "The client_id from registration.",
            fix: "`countersign client list` shows the clients of this server. Check that the request goes to the right server. `countersign client enable` enables a disabled client again.",
        }
        MethodNotRegistered = "client_auth_method_not_registered" InvalidClient Hidden {
            rule: "A client uses the method that it is registered with (OpenID Connect Registration, section 2).",
            received: "Credentials sent by a method other than token_endpoint_auth_method.",
            expected: "The registered method, or client_secret_basic if none was named.",
            fix: "Change the setting in the client's library, or the client's token_endpoint_auth_method.",
        }
        SecretWrong = "client_secret_wrong" InvalidClient Hidden {
            rule: "The secret must be the client's own (RFC 6749, section 2.3.1).",
            received: "A wrong secret.",
            expected: "The secret shown when the client was created or its secret was last rotated.",
            fix: "Look for a stray line break or an old value. `countersign client rotate-secret` creates a new one.",
        }
        AssertionAlgorithm = "client_assertion_alg_not_agreed" InvalidClient Hidden {
            rule: "A client assertion is signed by token_endpoint_auth_signing_alg if the client registered it, else by one of token_endpoint_auth_signing_alg_values_supported (OpenID Connect Registration, section 2).",
            received: "An assertion with another alg.",
            expected: "The registered algorithm, or one that the server lists and that suits the client's method.",
            fix: "Sign with the registered algorithm, or change the client's token_endpoint_auth_signing_alg.",
        }
        KeysUnavailable = "client_keys_unavailable" InvalidClient Hidden {
            rule: "The keys that verify a client's assertions are in its jwks or at its jwks_uri (RFC 7591, section 2).",
            received: "An assertion of a client whose keys can't be fetched, or that registered none.",
            expected: "A jwks_uri that returns a JSON Web Key Set over https with the status 200.",
            fix: "Open the address from the server's machine. `outbound.allow` names hosts of your own network that may be reached, `outbound.extra_ca_path` further certificate authorities.",
        }
        AssertionKeyUnknown = "client_assertion_key_unknown" InvalidClient Hidden {
            rule: "The kid of a client assertion names one of the client's own keys, for its alg; without a kid, only one key may suit (OpenID Connect Core, section 10.1).",
            received: "An assertion for which the client has no key, or several that nothing tells apart.",
            expected: "A kid of the client's registered keys, with a kty, use and alg that suit.",
            fix: "Publish the key at jwks_uri before it signs, or register the new jwks. Keys at jwks_uri are fetched again at most every 15 seconds.",
        }
        AssertionSignatureWrong = "client_assertion_signature_wrong" InvalidClient Hidden {
            rule: "A client assertion is signed with the client's own key, or has a MAC of its own secret (RFC 7523, section 3).",
            received: "An assertion whose signature does not verify.",
            expected: "A signature of the client's registered key, or a MAC under its client_secret.",
            fix: "Check that the client signs with the key whose public half is registered, or with its current secret.",
        }
        AssertionAudience = "client_assertion_audience_wrong" InvalidClient Hidden {
            rule: "aud of a client assertion is this server: its issuer, its token endpoint or the endpoint that is called, and nothing else (RFC 7523, section 3; RFC 9126, section 2).",
            received: "Another aud, none, or one more; or an array or an endpoint from a client with strict_client_assertion_audience.",
            expected: "The issuer as one text, which every server accepts.",
            fix: "Set aud to the issuer, exactly as the metadata spells it.",
        }
        AssertionTimes = "client_assertion_times_wrong" InvalidClient Hidden {
            rule: "A client assertion has an exp, is used before it and after nbf and iat, and is valid for an hour at most (RFC 7523, section 3).",
            received: "An assertion that has expired, is not valid yet, or is valid for too long.",
            expected: "An exp within the next hour; iat and nbf not in the future by more than 30 seconds.",
            fix: "Make a new assertion for each request, with an exp a minute away, and keep the client's clock right.",
        }
        AssertionClaims = "client_assertion_claims_wrong" InvalidClient Hidden {
            rule: "A client assertion has iss, sub, aud, exp and jti (OpenID Connect Core, section 9).",
            received: "An assertion without one of these claims, or with one of the wrong type.",
            expected: "Texts, and numbers of seconds for exp, nbf and iat; a jti that is not empty.",
            fix: "Add the claim. A random jti is easiest.",
        }
        AssertionReplayed = "client_assertion_replayed" InvalidClient Hidden alarming true {
            rule: "A client assertion is used once (RFC 7523, section 3; OpenID Connect Core, section 9).",
            received: "An assertion with a jti that this client has used before.",
            expected: "A new assertion with a jti of its own for each request, repeated requests too.",
            fix: "Don't keep assertions in a cache. If the client made no second request, someone else has read its assertion.",
        }
        CertificateMissing = "client_certificate_missing" InvalidClient Hidden {
            rule: "A client with tls_client_auth or self_signed_tls_client_auth uses its certificate in the TLS handshake (RFC 8705, section 2).",
            received: "A request whose connection had no certificate, or of which the server knows none.",
            expected: "A certificate in the connection to `client_certificates.listen`, or in the header `client_certificates.header` from a proxy in `http.trusted_proxies`.",
            fix: "Check that the client sends its certificate, and that it calls the endpoint in `mtls_endpoint_aliases` if the metadata has one. Behind a proxy, check that the proxy asks for a certificate and passes it on as docs/reverse-proxy.md shows.",
        }
        CertificateNotVerified = "client_certificate_not_verified" InvalidClient Hidden {
            rule: "The certificate of a client with tls_client_auth is issued by an authority that the server trusts (RFC 8705, section 2.1).",
            received: "A certificate whose chain was not verified.",
            expected: "A chain that leads to `client_certificates.authorities_file`, or `SUCCESS` in the header `client_certificates.verified_header`.",
            fix: "Put the authority's certificate into `client_certificates.authorities_file`, and check that the client's certificate is valid now and is sent with its intermediate certificates. A proxy needs the authority's certificate (nginx: ssl_client_certificate) and has to pass on the result ($ssl_client_verify).",
        }
        CertificateWrong = "client_certificate_wrong" InvalidClient Hidden {
            rule: "The certificate has the name that the client registered, or is one of those that it registered (RFC 8705, sections 2.1.2 and 2.2.2).",
            received: "A certificate that is not the client's.",
            expected: "The registered subject or alternative name; for self_signed_tls_client_auth, the certificate in x5c of the client's keys, byte by byte.",
            fix: "Compare `countersign client show` with the certificate: `openssl x509 -noout -subject -nameopt RFC2253 -ext subjectAltName`.",
        }
    }
}
