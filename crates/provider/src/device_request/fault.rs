//! Causes of the device flow's endpoint and pages. Those of its polls are the token endpoint's.

use crate::error::causes;
use crate::pages::error_kind::DEVICE_REQUEST_OVER;

causes! {
    /// Why a device's request was not taken, or not answered.
    pub enum DeviceFault {
        RequestsUsedUp = "device_requests_used_up" TemporarilyUnavailable Shape status 429 {
            rule: "Device requests are counted per client and per network address (`device` in the configuration).",
            received: "More device requests than the client or the network may make in the window.",
            expected: "One request for each time that a person starts to sign in.",
            fix: "Wait as long as Retry-After says. Ask for a new code only if a person wants one, not in a loop.",
        }
        UserCodeMalformed = "device_user_code_malformed" InvalidRequest Hidden {
            rule: "A user code is 8 letters, without vowels (RFC 8628, section 6.1).",
            received: "A value that does not have the form of a user code.",
            expected: "The code that the device shows, for example WDJB-MJHT. Case, dashes and blanks do not matter.",
            fix: "Type the code again.",
        }
        UserCodeUnknown = "device_user_code_unknown" InvalidRequest Hidden {
            rule: "A user code belongs to a device's request (RFC 8628, section 3.3).",
            received: "A code that no device was given, or whose request has been deleted.",
            expected: "The code that the device shows.",
            fix: "Type the code again, or have the device ask for a new one.",
        }
        UserCodeNotTheLinks = "device_user_code_not_the_links" InvalidRequest Hidden {
            rule: "After a link with a code, the person confirms that the device shows the same one (RFC 8628, sections 3.3.1 and 5.4).",
            received: "Another code than the link's.",
            expected: "The code that the device shows, which is also in the link that the device gave.",
            fix: "Nothing, if the link came from someone else: it may be an attempt to get into the account.",
        }
        UserCodeThrottled = "device_user_code_throttled" AccessDenied Hidden {
            rule: "Wrong user codes are counted per browser, per network address and in total (RFC 8628, section 5.1; `device` in the configuration).",
            received: "Too many wrong codes.",
            expected: "A pause.",
            fix: "Wait as long as the page says.",
        }
        RequestUnknown = "device_request_unknown" InvalidRequest Hidden page DEVICE_REQUEST_OVER {
            rule: "A request is answered while it is there and its client may still make it.",
            received: "An answer to a request that has been deleted, or whose client was disabled, ended or changed since.",
            expected: "A request of an active client.",
            fix: "Have the device ask for a new code.",
        }
        RequestExpired = "device_request_expired" InvalidRequest Hidden page DEVICE_REQUEST_OVER {
            rule: "A request is answered within `device.request_lifetime_seconds` (RFC 8628, section 3.2, expires_in).",
            received: "An answer, or the code, of a request that is older.",
            expected: "An answer in time.",
            fix: "Have the device ask for a new code.",
        }
        RequestAnswered = "device_request_answered" InvalidRequest Hidden page DEVICE_REQUEST_OVER {
            rule: "A request is answered once.",
            received: "An answer, or the code, of a request that was approved or denied before.",
            expected: "A request that waits for an answer.",
            fix: "Have the device ask for a new code.",
        }
        DecisionMissing = "device_decision_missing" InvalidRequest Hidden {
            rule: "The form is submitted with one of its buttons.",
            received: "A form without a decision.",
            expected: "decision=allow, decision=deny or decision=other.",
            fix: "Use one of the buttons on the page.",
        }
    }
}
