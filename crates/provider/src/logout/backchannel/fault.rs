//! Why an application was not told of a logout. No request has these causes: they are in the log
//! only.

use crate::error::causes;

causes! {
    /// What became of a call to a `backchannel_logout_uri`.
    pub enum BackchannelFault {
        Failed = "logout_call_failed" TemporarilyUnavailable Hidden {
            rule: "An application responds to a logout token with 200 or 204 (Back-Channel Logout, section 2.8).",
            received: "No response, or one with another status.",
            expected: "200 or 204 within `logout.backchannel_timeout_seconds`.",
            fix: "Look at `status` or `detail` in the log line. The call is repeated until it succeeds or is too old.",
        }
        Refused = "logout_call_refused" InvalidRequest Hidden {
            rule: "400 says that the logout token is invalid or that the logout failed (Back-Channel Logout, section 2.8). It is final.",
            received: "400 from the application.",
            expected: "200 or 204.",
            fix: "Ask the application's log why. Common reasons: it expects another issuer, another client_id or another signing algorithm.",
        }
        GivenUp = "logout_call_given_up" TemporarilyUnavailable Hidden {
            rule: "A call is repeated up to `logout.backchannel_max_attempts` times and for `logout.backchannel_max_age_seconds`, and up to `logout.backchannel_max_pending_per_client` calls of one application wait.",
            received: "One failure too many, or an application with too many calls waiting.",
            expected: "An application that can be reached.",
            fix: "Repair the application or its backchannel_logout_uri. Its sessions for these users have to be ended there.",
        }
    }
}
