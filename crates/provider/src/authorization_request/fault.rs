//! Causes of the authorization endpoint.

use crate::error::causes;
use crate::pages::error_kind::{REDIRECT_URI_MISSING, REDIRECT_URI_NOT_REGISTERED, UNKNOWN_CLIENT};

causes! {
    /// Why an authorization request was refused.
    pub enum AuthorizeFault {
        ClientMissing = "authorize_client_id_missing" InvalidRequest Shape page UNKNOWN_CLIENT {
            rule: "client_id is required (RFC 6749, section 4.1.1).",
            received: "No client_id.",
            expected: "The client_id from registration.",
            fix: "Check the client's configuration; an empty value counts as omitted.",
        }
        ClientUnknown = "authorize_client_unknown" InvalidRequest Hidden page UNKNOWN_CLIENT {
            rule: "Without a known client there is no trusted address to send an error to (RFC 6749, section 4.1.2.1).",
            received: "A client_id that belongs to no active client.",
            expected: "The client_id from registration.",
            fix: "`countersign client list` shows the clients. Check that the request goes to the right server.",
        }
        RedirectUriMissing = "authorize_redirect_uri_missing" InvalidRequest Shape page REDIRECT_URI_MISSING {
            rule: "redirect_uri is required (OpenID Connect Core, section 3.1.2.1).",
            received: "No redirect_uri.",
            expected: "One of the client's redirect_uris.",
            fix: "Send it. No default is assumed, even if only one is registered.",
        }
        RedirectUriNotRegistered = "authorize_redirect_uri_not_registered" InvalidRequest Hidden page REDIRECT_URI_NOT_REGISTERED {
            rule: "redirect_uri is compared character by character (RFC 9700, section 4.1.3; OpenID Connect Core, section 3.1.2.1).",
            received: "A redirect_uri that the client did not register.",
            expected: "Exactly a registered one, including scheme, host, port, path, trailing slash and query. Only the port of a native client's loopback address may differ.",
            fix: "`countersign client show CLIENT_ID` lists them; `countersign client update CLIENT_ID --add-redirect-uri URI` registers another.",
        }
        ResponseTypeMissing = "response_type_missing" InvalidRequest Shape {
            rule: "response_type is required (RFC 6749, section 3.1.1).",
            received: "No response_type.",
            expected: "response_type=code",
            fix: "Send it.",
        }
        ResponseTypeUnsupported = "response_type_unsupported" UnsupportedResponseType Shape {
            rule: "The response types are listed as response_types_supported (RFC 6749, section 3.1.1).",
            received: "A response_type that this server does not support.",
            expected: "response_type=code",
            fix: "Use the authorization code flow with PKCE (RFC 9700, section 2.1.2). `authorization.insecure_implicit_and_hybrid` enables the other flows.",
        }
        ResponseTypeNotRegistered = "response_type_not_registered" UnauthorizedClient Shape {
            rule: "A client uses the response types that it is registered for (RFC 6749, section 4.1.2.1).",
            received: "A response_type that is not among the client's.",
            expected: "One of the client's response_types.",
            fix: "Register the client with the response type and its grant types: authorization_code for `code`, implicit for a token.",
        }
        ResponseModeUnsupported = "response_mode_unsupported" InvalidRequest Shape {
            rule: "The response modes are listed as response_modes_supported (OAuth 2.0 Multiple Response Types 2.1).",
            received: "A response_mode that this server does not know, or `query` for a response with a token.",
            expected: "query for a code alone; fragment or form_post.",
            fix: "Leave response_mode out, or use form_post.",
        }
        RequestAndRequestUri = "request_and_request_uri" InvalidRequest Shape {
            rule: "request and request_uri must not be used together (OpenID Connect Core, sections 6.1 and 6.2; RFC 9101, section 5).",
            received: "The parameters `request` and `request_uri` together.",
            expected: "At most one.",
            fix: "Remove one of them.",
        }
        RequestObjectInvalid = "request_object_invalid" InvalidRequestObject Shape {
            rule: "A request object is a JWT that the client made for this issuer. It is valid now, and its members are parameters of an authorization request (OpenID Connect Core, section 6.1; RFC 9101, section 4).",
            received: "A request object that is not a JWT of the right type, is unsigned or expired, is meant for another issuer, or has a member of the wrong type.",
            expected: "iss = the client_id, aud = the issuer, an exp in the near future, and parameters as strings or numbers.",
            fix: "Compare the object's header and claims with the metadata: `request_object_signing_alg_values_supported` has no `none`, and the issuer is compared character by character.",
        }
        RequestObjectSignature = "request_object_signature_wrong" InvalidRequestObject Shape {
            rule: "A request object is signed with the client's key, or has a MAC under its secret, with the algorithm that the client registered (OpenID Connect Core, section 6.1; RFC 9101, section 6.2).",
            received: "An object that no key of the client verifies.",
            expected: "A kid of the client's jwks or jwks_uri, and request_object_signing_alg if the client registered one.",
            fix: "Publish the key before it signs, and check the algorithm. For a MAC, the client must be registered with that algorithm, so that its secret is kept.",
        }
        RequestObjectKeysUnavailable = "request_object_keys_unavailable" InvalidRequestObject Shape {
            rule: "The keys that verify a request object are in the client's jwks or at its jwks_uri (OIDC Registration, section 2).",
            received: "An object of a client that registered no keys, or whose jwks_uri could not be fetched.",
            expected: "Registered public keys.",
            fix: "Register `jwks` or a `jwks_uri` that this server can reach.",
        }
        RequestObjectDiffers = "request_object_differs" InvalidRequestObject Shape {
            rule: "client_id and response_type are the same inside a request object and beside it (OpenID Connect Core, section 6.1).",
            received: "A request object with another client_id or response_type than the request's.",
            expected: "The same values, or response_type only inside the object.",
            fix: "Set both from the same configuration.",
        }
        RequestObjectRequired = "request_object_required" InvalidRequest Shape {
            rule: "A client with require_signed_request_object sends a signed request object with every request (RFC 9101, section 10.5).",
            received: "A request without `request` and without `request_uri`.",
            expected: "The parameters in a signed object.",
            fix: "Sign the request, or remove require_signed_request_object from the client.",
        }
        RequestUriNotRegistered = "request_uri_not_registered" InvalidRequestUri Shape {
            rule: "Only a registered request_uri is fetched: require_request_uri_registration is true (OIDC Discovery, section 3).",
            received: "A request_uri that is not one of the client's request_uris.",
            expected: "A registered address, identical up to the fragment.",
            fix: "`countersign client show CLIENT_ID` lists them. Register the address, or send the object by value.",
        }
        RequestUriNotFetched = "request_uri_not_fetched" InvalidRequestUri Shape {
            rule: "request_uri refers to a request object that this server can fetch (OpenID Connect Core, section 6.2).",
            received: "An address that could not be fetched within the limits of `outbound`, or that did not return a JWT with the hash in the fragment.",
            expected: "https, the status 200 without a redirect, and the JWT as the whole body.",
            fix: "Open the address from the server's machine. `outbound.allow` names hosts of your own network that may be reached.",
        }
        NonceMissing = "nonce_missing" InvalidRequest Shape {
            rule: "A request for an ID token in the authorization response has a nonce (OpenID Connect Core, sections 3.2.2.1 and 3.3.2.11).",
            received: "response_type with id_token, and no nonce.",
            expected: "A random nonce, which the client compares with the one in the ID token.",
            fix: "Send one, or use response_type=code.",
        }
        IdTokenWithoutOpenid = "id_token_without_openid" InvalidScope Shape {
            rule: "An ID token is issued to a request with the scope openid (OpenID Connect Core, section 3.1.2.1).",
            received: "response_type with id_token, and a scope without openid, or a client that may not have it.",
            expected: "scope=openid among the others.",
            fix: "Add it, or leave id_token out of response_type.",
        }
        ClaimsMalformed = "claims_malformed" InvalidRequest Shape {
            rule: "claims is a JSON object with the members userinfo and id_token, in which each claim is null or an object with essential, value or values (OpenID Connect Core, section 5.5).",
            received: "A claims parameter that is not a JSON object, or in which a claim is neither null nor an object.",
            expected: "For example {'id_token':{'acr':{'essential':true,'values':['1']}},'userinfo':{'email':null}}, with double quotes.",
            fix: "Write it with a JSON library and encode it once.",
        }
        SubjectsDiffer = "subjects_differ" InvalidRequest Shape {
            rule: "A request is about one user (OpenID Connect Core, sections 3.1.2.1 and 5.5.1).",
            received: "An id_token_hint for one user and a value of the claim sub for another.",
            expected: "The same user in both, or only one of the two.",
            fix: "Leave one of them out.",
        }
        RegistrationNotSupported = "registration_not_supported" RegistrationNotSupported Shape {
            rule: "The parameter `registration` is for self-issued providers (OpenID Connect Core, section 7.2.1).",
            received: "The parameter `registration`.",
            expected: "A registered client.",
            fix: "Leave the parameter out.",
        }
        ScopeMalformed = "authorize_scope_malformed" InvalidScope Shape {
            rule: "scope is a list of words separated by spaces (RFC 6749, section 3.3).",
            received: "A scope with a character that no scope may contain, or with too many words.",
            expected: "For example: openid profile email.",
            fix: "Join the scopes with spaces, not with commas, and encode them once.",
        }
        ScopeEmpty = "authorize_scope_empty" InvalidScope Shape {
            rule: "A request without a scope gets the client's default scope, or all scopes of the resources that it names, or fails (RFC 6749, section 3.3).",
            received: "No scope that this client may use; or no scope at all, from a client without a default_scope, for no resource that has scopes.",
            expected: "For example scope=openid.",
            fix: "Send a scope, or give the client a default_scope.",
        }
        ResourceUnknown = "authorize_resource_unknown" InvalidTarget Shape {
            rule: "A resource must be known to the server (RFC 8707, section 2).",
            received: "A resource that is not declared here.",
            expected: "An identifier of `protected_resources` in the metadata, compared as text, or no `resource`: then the token is for this issuer.",
            fix: "Declare the resource (docs/resources.md), or write its identifier as it is declared.",
        }
        PkceRequired = "pkce_required" InvalidRequest Shape {
            rule: "Public clients must use PKCE (RFC 9700, section 2.1.1).",
            received: "No code_challenge.",
            expected: "code_challenge and code_challenge_method=S256.",
            fix: "Turn on PKCE in the client's library.",
        }
        PkceMalformed = "pkce_malformed" InvalidRequest Shape {
            rule: "code_challenge is base64url(SHA-256(code_verifier)) and code_challenge_method is S256 (RFC 7636, sections 4.2 and 4.3).",
            received: "A code_challenge that is not the base64url of 32 bytes or has no code_challenge_method, or a method that this client may not use.",
            expected: "43 characters of base64url without padding, and code_challenge_method=S256.",
            fix: "Hash the verifier's ASCII bytes, encode the 32 bytes as base64url, remove the padding, and send the method: if it is omitted, it means `plain`.",
        }
        PromptInvalid = "prompt_invalid" InvalidRequest Shape {
            rule: "prompt is a set of none, login, consent, select_account and create; none must be alone (OpenID Connect Core, section 3.1.2.1; Initiating User Registration via OpenID Connect, section 4).",
            received: "A prompt with a value that this server does not know, or with `none` beside another one.",
            expected: "For example prompt=login.",
            fix: "Send none by itself.",
        }
        MaxAgeInvalid = "max_age_invalid" InvalidRequest Shape {
            rule: "max_age is a whole number of seconds, zero or more, without an upper limit (OpenID Connect Core, section 3.1.2.1).",
            received: "A max_age that does not consist of digits alone.",
            expected: "For example max_age=3600: the user signed in within the last hour.",
            fix: "Send the seconds without sign, point, unit or space. Leave max_age out if any sign-in is recent enough.",
        }
        IdTokenHintInvalid = "id_token_hint_invalid" InvalidRequest Shape {
            rule: "id_token_hint is an ID token that this server issued (OpenID Connect Core, section 3.1.2.1).",
            received: "An id_token_hint that is not an ID token, or one of another server.",
            expected: "The id_token of an earlier sign-in.",
            fix: "Leave it out if there is none.",
        }
        SessionCodesUsedUp = "session_codes_used_up" TemporarilyUnavailable Shape {
            rule: "Without a new sign-in, a browser gets a limited number of codes per minute (`sessions.codes_per_minute`).",
            received: "More requests for codes from one browser than are allowed per minute.",
            expected: "A few per hour. An application that keeps asking is in a loop.",
            fix: "Keep the tokens until they expire. Codes are available again in the next minute.",
        }
        AlreadyDone = "authorization_already_done" AccessDenied Shape {
            rule: "An authorization is completed once.",
            received: "A page of a sign-in whose code has already been used.",
            expected: "A new authorization request.",
            fix: "Start again from the application.",
        }
    }
}
