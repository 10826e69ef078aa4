//! Causes of every endpoint that an access token opens.

use crate::error::causes;

causes! {
    /// Why a request has no access token that could be looked at.
    pub enum BearerFault {
        Missing = "access_token_missing" InvalidToken Shape challenge BearerAlone {
            rule: "A protected resource needs an access token (RFC 6750, section 3).",
            received: "No access token.",
            expected: "Authorization: Bearer followed by the access token, or access_token in a form body.",
            fix: "Send the access_token of the token response. Some proxies drop the Authorization header.",
        }
        OtherScheme = "access_token_other_scheme" InvalidToken Shape challenge BearerAlone {
            rule: "A protected resource names the scheme that it accepts (RFC 6750, section 3, RFC 9110, section 11.6.1).",
            received: "An Authorization header with another scheme.",
            expected: "Authorization: Bearer followed by the access token.",
            fix: "Send client credentials to the token endpoint. This endpoint needs the access token.",
        }
        SentTwice = "access_token_sent_twice" InvalidRequest Shape challenge Bearer {
            rule: "A client must not use more than one way to send the token (RFC 6750, section 2).",
            received: "An access token both in the header and in the body, or two Authorization headers.",
            expected: "One of them.",
            fix: "Use the Authorization header.",
        }
        InQuery = "access_token_in_query" InvalidRequest Shape challenge Bearer {
            rule: "Access tokens are never sent in URLs (RFC 9700, section 4.3.2).",
            received: "The parameter access_token in the query.",
            expected: "The Authorization header.",
            fix: "Use the Authorization header. The token is now in logs: revoke it.",
        }
        Malformed = "access_token_malformed" InvalidRequest Shape challenge Bearer {
            rule: "A bearer token must follow the grammar (RFC 6750, section 2.1).",
            received: "A Bearer header without a token, or with characters that no token may contain.",
            expected: "Authorization: Bearer followed by the token, without quotes.",
            fix: "Remove quotes and line breaks.",
        }
    }
}

causes! {
    /// Why an access token is not accepted. A protected endpoint says so in a Bearer challenge;
    /// introspection says that it is not active (RFC 7662, section 2.2).
    pub enum AccessTokenFault {
        NotOurs = "access_token_not_ours" InvalidToken Hidden {
            rule: "The token must be an access token of this issuer, for this resource (RFC 9068, section 4).",
            received: "A token with the wrong type, issuer, audience, algorithm or key, or with an invalid signature.",
            expected: "The access_token of this server, not the id_token.",
            fix: "The log names the check that failed.",
        }
        ForOtherResource = "access_token_for_other_resource" InvalidToken Hidden {
            rule: "A resource accepts only tokens whose audience it is (RFC 9068, section 4).",
            received: "A token of this server that is for other resources.",
            expected: "A token for the issuer.",
            fix: "Ask for a token without resource, or with the issuer as one. A resource whose tokens are to open userinfo is declared with userinfo = true.",
        }
        Expired = "access_token_expired" InvalidToken Hidden {
            rule: "An expired token is refused (RFC 6750, section 3.1).",
            received: "A token past its expiry.",
            expected: "A token within expires_in.",
            fix: "Refresh before it expires.",
        }
        Unknown = "access_token_unknown" InvalidToken Hidden {
            rule: "The token must have been issued by this server (RFC 6750, section 3.1).",
            received: "A token that was never issued, or has been deleted.",
            expected: "The access_token of the last token response.",
            fix: "Refresh, or sign the user in again.",
        }
        Revoked = "access_token_revoked" InvalidToken Hidden {
            rule: "A revoked token is refused (RFC 7009, section 2.1).",
            received: "A token that was itself revoked.",
            expected: "A token that has not been revoked.",
            fix: "Refresh, or sign the user in again.",
        }
        Ended = "access_token_ended" InvalidToken Hidden {
            rule: "A token ends with its grant and with everything that the grant depends on (RFC 6750, section 3.1).",
            received: "A token whose grant, session, consent, user or client has ended.",
            expected: "A token whose grant has not ended.",
            fix: "The log says what ended. Sign the user in again.",
        }
    }
}
