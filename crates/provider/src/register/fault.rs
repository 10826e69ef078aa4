//! Causes of the registration of clients by themselves.

use crate::error::causes;

causes! {
    /// Why a client was not registered, or its registration not changed.
    pub enum RegisterFault {
        NotAllowed = "registration_not_allowed" InvalidToken Shape challenge BearerAlone {
            rule: "Registration is for those to whom the operator gave an initial access token (RFC 7591, section 3).",
            received: "A registration request without an initial access token.",
            expected: "Authorization: Bearer with an initial access token.",
            fix: "The operator makes one with `countersign registration-token create`, or opens registration to everyone with `registration.open = true`.",
        }
        InitialAccessTokenRefused = "initial_access_token_refused" InvalidToken Hidden {
            rule: "An initial access token is valid until it expires, and for as many clients as it says (RFC 7591, section 3).",
            received: "An initial access token that is unknown, expired, used up or deleted.",
            expected: "A valid one.",
            fix: "`countersign registration-token list` shows them; `countersign registration-token create` makes one.",
        }
        AccessTokenRefused = "registration_access_token_refused" InvalidToken Hidden {
            rule: "A registration is managed with its own registration access token (RFC 7592, section 2).",
            received: "A registration access token of another client, one that was replaced, or an address of no client.",
            expected: "The registration_access_token of the last response, at its registration_client_uri.",
            fix: "Use the token of the last response. If it is lost, register again.",
        }
        NotJson = "registration_not_json" InvalidRequest Shape {
            rule: "The metadata is a JSON object (RFC 7591, section 3.1).",
            received: "A body that is not a JSON object, or with another Content-Type.",
            expected: "Content-Type: application/json and a JSON object.",
            fix: "Send the metadata as JSON.",
        }
        MetadataRefused = "registration_metadata_refused" InvalidClientMetadata Shape {
            rule: "A client registers what this server offers (RFC 7591, section 3.2.2).",
            received: "Client metadata with a member that is malformed, inconsistent, not supported here, or the operator's to set.",
            expected: "Metadata that fits the discovery document.",
            fix: "The detail names the member.",
        }
        RedirectUriRefused = "registration_redirect_uri_refused" InvalidRedirectUri Shape {
            rule: "A redirect URI is absolute, without a fragment, https, on loopback, or of a private-use scheme for native applications (RFC 7591, section 3.2.2; RFC 8252, section 7).",
            received: "A redirect URI that can't be registered.",
            expected: "Such an address.",
            fix: "The detail names the address and what is wrong with it.",
        }
        SectorRefused = "registration_sector_refused" InvalidClientMetadata Shape {
            rule: "sector_identifier_uri is an https address with a JSON array that lists every redirect URI of the client (OpenID Connect Registration, section 5).",
            received: "A sector_identifier_uri that could not be fetched, did not return a JSON array, or does not list one of the redirect_uris.",
            expected: "An array with all of redirect_uris, as they are registered.",
            fix: "The detail says what is wrong with it. Publish the list before you register the client.",
        }
        StatementUnapproved = "software_statement_unapproved" UnapprovedSoftwareStatement Shape {
            rule: "A software statement is accepted only from an issuer that the operator trusts (RFC 7591, section 3.2.2).",
            received: "A software statement from another issuer.",
            expected: "A statement whose `iss` is in `registration.software_statement_issuers`.",
            fix: "The operator adds the issuer, or the client registers without a statement.",
        }
        StatementInvalid = "software_statement_invalid" InvalidSoftwareStatement Shape {
            rule: "A software statement is a JWT that its issuer signed (RFC 7591, section 2.3).",
            received: "A software statement that is not a signed JWT, has expired, is meant for other servers, or has an invalid signature.",
            expected: "The unchanged statement of the issuer.",
            fix: "The detail says what is wrong with it.",
        }
        StatementKeysUnavailable = "software_statement_keys_unavailable" TemporarilyUnavailable Hidden {
            rule: "A software statement is verified with its issuer's keys (RFC 7591, section 2.3).",
            received: "A software statement from a trusted issuer whose keys are not available.",
            expected: "A JSON Web Key set in `jwks` or at `jwks_uri`.",
            fix: "The log says why. Check the issuer's entry in `registration.software_statement_issuers`.",
        }
        OtherClient = "registration_of_other_client" InvalidRequest Shape {
            rule: "An update names the client itself (RFC 7592, section 2.2).",
            received: "An update whose client_id is missing or another one than the address names.",
            expected: "The client_id of the registration.",
            fix: "Send all members of the last response, with the changes.",
        }
        UsedUp = "registrations_used_up" TemporarilyUnavailable Shape status 429 {
            rule: "One network registers so many clients in a while (`registration.clients_per_network`).",
            received: "More registrations from this network than it may make in a while.",
            expected: "A pause.",
            fix: "Wait as long as Retry-After says, or use an initial access token.",
        }
        ChangedMeanwhile = "registration_changed_meanwhile" TemporarilyUnavailable Hidden {
            rule: "Of two changes at once one counts.",
            received: "A change that another one overtook.",
            expected: "One at a time.",
            fix: "Read the registration and try again.",
        }
    }
}
