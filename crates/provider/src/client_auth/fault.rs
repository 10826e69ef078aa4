//! Causes of client authentication.

use crate::error::causes;

causes! {
    /// Why a client was not authenticated.
    pub enum ClientAuthFault {
        MethodsCombined = "client_auth_methods_combined" InvalidRequest Shape {
            rule: "A client must not use more than one authentication method in a request (RFC 6749, section 2.3).",
            received: "An Authorization header together with client_secret or client_assertion in the body, a secret together with an assertion, or two Authorization headers.",
            expected: "One method. An equal client_id beside HTTP Basic is fine.",
            fix: "Remove the credentials from either the header or the body. Some libraries add the header on their own.",
        }
        ClientIdsDiffer = "client_ids_differ" InvalidRequest Shape {
            rule: "client_id in the body and in the Authorization header name the same client (RFC 6749, sections 2.3.1 and 3.2.1).",
            received: "Two different client_ids in one request.",
            expected: "The same client_id, or only the one in the header.",
            fix: "Remove client_id from the body.",
        }
        HeaderMalformed = "client_auth_header_malformed" InvalidClient Shape {
            rule: "HTTP Basic is base64 of form-encoded client_id, a colon, form-encoded secret (RFC 6749, section 2.3.1).",
            received: "An Authorization header that cannot be read so, or of another scheme.",
            expected: "Authorization: Basic with base64(client_id:client_secret).",
            fix: "Encode client_id and secret, join them with a colon, then encode in base64 with padding.",
        }
        Missing = "client_auth_missing" InvalidClient Shape {
            rule: "Every request to the token endpoint names its client (RFC 6749, section 3.2.1).",
            received: "Neither an Authorization header nor client_id.",
            expected: "HTTP Basic, client_id and client_secret, or for public clients client_id alone.",
            fix: "Send client_id with the request. A public client with PKCE needs it too.",
        }
        AssertionNotSupported = "client_assertion_not_supported" InvalidClient Shape {
            rule: "The methods are listed as token_endpoint_auth_methods_supported (RFC 8414, section 2).",
            received: "client_assertion.",
            expected: "client_secret_basic, client_secret_post, or none.",
            fix: "Use a method from the list.",
        }
        ClientUnknown = "client_unknown" InvalidClient Hidden {
            rule: "The client must be registered and active (RFC 6749, section 5.2).",
            received: "A client_id that no client has, or a disabled one.",
            expected: "The client_id from registration.",
            fix: "`countersign client list` shows the clients of this server; check that the request goes to the right one. `countersign client enable` lets a disabled one in again.",
        }
        MethodNotRegistered = "client_auth_method_not_registered" InvalidClient Hidden {
            rule: "A client uses the method that it is registered with (OpenID Connect Registration, section 2).",
            received: "Credentials sent by another method than token_endpoint_auth_method.",
            expected: "The registered method; client_secret_basic where none was named.",
            fix: "Change the client's library setting, or its token_endpoint_auth_method.",
        }
        SecretWrong = "client_secret_wrong" InvalidClient Hidden {
            rule: "The secret must be the client's (RFC 6749, section 2.3.1).",
            received: "Another secret.",
            expected: "The secret shown when the client was made or its secret was last rotated.",
            fix: "Look for a stray line end or an old value. `countersign client rotate-secret` makes a new one.",
        }
    }
}
