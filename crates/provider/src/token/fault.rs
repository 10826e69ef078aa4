//! Causes of the token endpoint.

use crate::error::causes;

causes! {
    /// Why no token was issued.
    pub enum TokenFault {
        JsonNotAllowed = "token_request_json" InvalidRequest Shape {
            rule: "Token requests are application/x-www-form-urlencoded (RFC 6749, sections 3.2 and 4.1.3).",
            received: "A JSON body.",
            expected: "A form, or a client with `accept_json_token_requests` turned on.",
            fix: "Have the library send a form. For an old client that cannot, turn on `accept_json_token_requests` for that client alone.",
        }
        GrantTypeUnknown = "grant_type_unknown" UnsupportedGrantType Shape {
            rule: "The grant types are listed as grant_types_supported (RFC 6749, section 5.2, RFC 8414, section 2).",
            received: "A grant_type that this server does not support.",
            expected: "authorization_code, refresh_token, client_credentials or urn:ietf:params:oauth:grant-type:device_code.",
            fix: "Use one of them.",
        }
        GrantTypeNotRegistered = "grant_type_not_registered" UnauthorizedClient Shape {
            rule: "A client uses the grant types that it is registered for (RFC 6749, section 5.2, RFC 7591, section 2).",
            received: "A grant_type that is not among the client's grant_types.",
            expected: "One of the client's grant_types, or authorization_code if none were named.",
            fix: "Add it with `countersign client update`, for example grant_types [\"authorization_code\", \"refresh_token\"].",
        }
        ResourcesConflict = "resources_conflict" InvalidTarget Shape {
            rule: "One access token has one signature (RFC 8707, section 2.2).",
            received: "Several resources, whose access tokens are signed with different algorithms.",
            expected: "Resources that share an algorithm, or one resource for each token.",
            fix: "Ask for one access token for each resource.",
        }
        ResourceNotGranted = "resource_not_granted" InvalidTarget Hidden {
            rule: "A token is for no more than what was authorized (RFC 8707, section 2.2).",
            received: "A resource that the authorization request did not name.",
            expected: "Resources of the authorization request, or none.",
            fix: "Name the resource at the authorization endpoint too.",
        }
        ResourceUnknown = "resource_unknown" InvalidTarget Shape {
            rule: "A resource must be known to the server (RFC 8707, section 2).",
            received: "A resource that is not declared here.",
            expected: "An identifier of `protected_resources` in the metadata, compared as text, or no `resource`: then the token is for this issuer.",
            fix: "Declare the resource (docs/resources.md), or write its identifier as it is declared.",
        }
        ScopeMalformed = "scope_malformed" InvalidScope Shape {
            rule: "scope is a list of words separated by spaces (RFC 6749, section 3.3).",
            received: "A scope with a character that no scope may contain, or with too many words.",
            expected: "For example: openid profile email.",
            fix: "Join the scopes with spaces, not with commas, and form-encode them once.",
        }
        ScopeTooWide = "scope_too_wide" InvalidScope Hidden {
            rule: "A refresh request may narrow the scope but never widen it (RFC 6749, section 6).",
            received: "A scope that the grant does not have.",
            expected: "A subset of the scope that was granted, or no scope at all.",
            fix: "Ask for the wider scope with a new authorization request.",
        }
        ScopeTakenAway = "scope_taken_away" InvalidScope Hidden {
            rule: "A client may use only the scopes that it is registered for, even under an older grant (RFC 6749, section 3.3).",
            received: "A refresh for scopes that the client may no longer use.",
            expected: "At least one scope of the grant that the server still knows and the client may still use.",
            fix: "Give the scope back with `countersign client update`, or ask for another one with a new authorization request.",
        }
        ScopeNotAllowed = "scope_not_allowed" InvalidScope Hidden {
            rule: "A client may use only the scopes that it is registered for (RFC 6749, section 3.3).",
            received: "A scope that the server does not know or the client may not use.",
            expected: "Scopes from the client's `scope`.",
            fix: "Declare the scope in the configuration and add it to the client.",
        }
        CodeMalformed = "code_malformed" InvalidGrant Hidden {
            rule: "The code must be sent exactly as it was received (RFC 6749, section 4.1.3).",
            received: "A code that cannot be one of this server's.",
            expected: "The value of `code` from the callback.",
            fix: "Check that the code is form-decoded once when it is read and form-encoded once when it is sent.",
        }
        CodeVerifierMalformed = "code_verifier_malformed" InvalidRequest Shape {
            rule: "code_verifier is 43 to 128 characters from A-Z a-z 0-9 - . _ ~ (RFC 7636, section 4.1).",
            received: "A code_verifier that is too short or too long, or has a character that none may contain.",
            expected: "For example 32 random bytes as base64url: 43 characters.",
            fix: "Use base64url without padding. Deleting + / = from plain base64 can make it too short.",
        }
        CodeUnknown = "code_unknown" InvalidGrant Hidden {
            rule: "A code must have been issued by this server (RFC 6749, section 5.2).",
            received: "A code that was never issued, or has been replaced or deleted.",
            expected: "The code of the last callback.",
            fix: "Send it once, immediately, to the server that issued it.",
        }
        CodeOfAnotherClient = "code_of_another_client" InvalidGrant Hidden {
            rule: "A code is bound to the client that it was issued to (RFC 6749, section 4.1.3).",
            received: "Another client's code. Nothing changed.",
            expected: "The client_id of the authorization request.",
            fix: "Use the same client_id at /authorize and /token.",
        }
        CodeInvalidatedByRedirectUri = "code_invalidated_by_redirect_uri" InvalidGrant Hidden {
            rule: "redirect_uri must be identical to that of the authorization request (RFC 6749, section 4.1.3).",
            received: "A different redirect_uri. The code is no longer valid.",
            expected: "Exactly the same redirect_uri.",
            fix: "Store the redirect_uri with the state, and send that value.",
        }
        CodeInvalidatedByVerifier = "code_invalidated_by_verifier" InvalidGrant Hidden {
            rule: "code_verifier must match the code_challenge, and must be present exactly if there was a challenge (RFC 7636, section 4.6, RFC 9700, section 2.1.1).",
            received: "A verifier that does not match, no verifier, or a verifier for a code without a challenge. The code is no longer valid.",
            expected: "The verifier of this authorization request.",
            fix: "Store the verifier with the state. Two tabs that share a storage entry overwrite each other's verifier.",
        }
        CodeExpired = "code_expired" InvalidGrant Hidden {
            rule: "Codes are short-lived (RFC 6749, section 4.1.2).",
            received: "A code past its lifetime.",
            expected: "A request within tokens.authorization_code_lifetime_seconds of the callback.",
            fix: "Redeem the code in the callback itself.",
        }
        CodeReplayed = "code_replayed" InvalidGrant Hidden alarming true {
            rule: "A code used twice is refused, and everything issued from it is revoked (RFC 6749, sections 4.1.2 and 10.5).",
            received: "A code that was redeemed before, with everything else correct. The grant has ended.",
            expected: "Each code only once.",
            fix: "Look for a callback that runs twice: a reload, a retry after a time-out, a prefetch.",
        }
        CodeUsed = "code_used" InvalidGrant Hidden {
            rule: "A code is used once (RFC 6749, section 4.1.2).",
            received: "A used code with a wrong redirect_uri or verifier. Nothing changed.",
            expected: "Each code only once.",
            fix: "Someone may be trying a code that they found in a log or in a browser's history.",
        }
        DeviceCodeMalformed = "device_code_malformed" InvalidGrant Hidden {
            rule: "The device code must be sent exactly as it was received (RFC 8628, section 3.4).",
            received: "A value that does not have the form of a device code.",
            expected: "The value of `device_code` from the device authorization response.",
            fix: "Check that it is not the user code, and that it is form-encoded once when it is sent.",
        }
        DeviceCodeUnknown = "device_code_unknown" InvalidGrant Hidden {
            rule: "A device code must have been issued by this server (RFC 8628, section 3.5; RFC 6749, section 5.2).",
            received: "A device code that was never issued, or that has been deleted since. Nothing changed.",
            expected: "The device_code of the last device authorization response.",
            fix: "Ask for a new one with POST /device_authorization.",
        }
        DeviceCodeOfAnotherClient = "device_code_of_another_client" InvalidGrant Hidden {
            rule: "A device code is bound to the client that it was issued to (RFC 8628, section 3.4; RFC 6749, section 5.2).",
            received: "Another client's device code. Nothing changed.",
            expected: "The client_id of the device authorization request.",
            fix: "Use the same client_id at /device_authorization and /token.",
        }
        DeviceCodePending = "device_code_pending" AuthorizationPending Hidden {
            rule: "The device polls until its user has answered (RFC 8628, section 3.5).",
            received: "A poll before the user has answered.",
            expected: "Either: the user takes a while.",
            fix: "Wait for the interval, then poll again.",
        }
        DeviceCodeTooSoon = "device_code_too_soon" SlowDown Hidden {
            rule: "A device that polls faster than its interval has to wait 5 seconds longer from then on (RFC 8628, section 3.5).",
            received: "A poll before the interval was over.",
            expected: "A pause of the response's `interval`, and of 5 seconds more after each slow_down.",
            fix: "Count the interval from the response to the last poll, and add 5 seconds whenever the error is slow_down.",
        }
        DeviceCodeDenied = "device_code_denied" AccessDenied Hidden {
            rule: "A user may refuse (RFC 8628, section 3.5).",
            received: "A poll after the user denied the request.",
            expected: "Either: it is the user's choice.",
            fix: "Stop polling, and offer to try again.",
        }
        DeviceCodeExpired = "device_code_expired" ExpiredToken Hidden {
            rule: "A device code is valid for expires_in seconds (RFC 8628, sections 3.2 and 3.5).",
            received: "A device code past its lifetime.",
            expected: "An approval, and a poll after it, within device.request_lifetime_seconds.",
            fix: "Ask for a new one, after the person has said that they want one.",
        }
        DeviceCodeReplayed = "device_code_replayed" InvalidGrant Hidden alarming true {
            rule: "A device code is redeemed once, as a code is (RFC 8628, section 3.5; RFC 6749, section 10.5).",
            received: "A device code that was redeemed before. The grant has ended.",
            expected: "No poll after the tokens have arrived.",
            fix: "Look for two programs, or two threads, that poll with the same device code.",
        }
        RefreshTokenMalformed = "refresh_token_malformed" InvalidGrant Hidden {
            rule: "The refresh token must be sent exactly as it was received (RFC 6749, section 6).",
            received: "A refresh token that cannot be one of this server's.",
            expected: "The refresh_token of the last token response.",
            fix: "Check where it is stored: a column that is too short truncates it.",
        }
        RefreshTokenUnknown = "refresh_token_unknown" InvalidGrant Hidden {
            rule: "A refresh token must have been issued by this server (RFC 6749, section 5.2).",
            received: "A refresh token that was never issued, or whose grant has been deleted. Nothing changed.",
            expected: "The refresh_token of the last token response.",
            fix: "Sign the user in again.",
        }
        RefreshTokenOfAnotherClient = "refresh_token_of_another_client" InvalidGrant Hidden {
            rule: "A refresh token is bound to the client that it was issued to (RFC 6749, section 6).",
            received: "Another client's refresh token. Nothing changed.",
            expected: "The client_id that obtained it.",
            fix: "Keep the tokens of each client separately.",
        }
        RefreshTokenReused = "refresh_token_reused" InvalidGrant Hidden alarming true {
            rule: "A rotated refresh token that is used again ends its grant (RFC 9700, section 4.14.2).",
            received: "A rotated token after its successor was used or after the grace period. The grant has ended.",
            expected: "Always the newest refresh token.",
            fix: "Store the new refresh token before using it, and let only one process refresh at a time. If you do both already, the token was stolen.",
        }
        RefreshTokenExpired = "refresh_token_expired" InvalidGrant Hidden {
            rule: "Refresh tokens have an absolute and an idle lifetime (RFC 9700, section 4.14.2).",
            received: "A refresh token that has expired.",
            expected: "A refresh within tokens.refresh_token_idle_seconds and refresh_token_lifetime_seconds.",
            fix: "Sign the user in again.",
        }
        GrantEnded = "grant_ended" InvalidGrant Hidden {
            rule: "Whatever belongs to an ended grant, session, consent, user or client is refused (RFC 6749, section 5.2).",
            received: "A code or refresh token whose grant, or something that the grant depends on, has ended.",
            expected: "One whose grant has not ended.",
            fix: "The log says what ended: sign-out, a new password, withdrawn consent, a disabled client, a revocation.",
        }
        ClientCredentialsForPublicClient = "client_credentials_public_client" UnauthorizedClient Shape {
            rule: "Only confidential clients use the client credentials grant (RFC 6749, section 4.4).",
            received: "grant_type=client_credentials from a client without credentials.",
            expected: "A client with client_secret_basic or client_secret_post.",
            fix: "Register a confidential client for this.",
        }
        ClientCredentialsUnvouched = "client_credentials_unvouched" UnauthorizedClient Shape {
            rule: "A token for a client itself has no person's consent behind it: an operator vouches for such a client (RFC 6749, section 4.4, RFC 7591, section 5).",
            received: "grant_type=client_credentials from a client that registered itself.",
            expected: "A client that an operator registered, or that registered with an initial access token.",
            fix: "Register the client with `countersign client create`, or give it an initial access token: `countersign registration-token create`.",
        }
    }
}
