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
        AssertionNotSupported = "client_assertion_not_supported" InvalidClient Shape {
            rule: "The methods are listed as token_endpoint_auth_methods_supported (RFC 8414, section 2).",
            received: "The parameter `client_assertion`.",
            expected: "client_secret_basic, client_secret_post, or none.",
            fix: "Use a method from the list.",
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
    }
}
