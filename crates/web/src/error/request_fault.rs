//! Causes that any endpoint can meet in a request's own shape.

use countersign_oauth::parameters::ParameterFault;

use super::Failure;
use crate::causes;
use crate::pages::error_kind::{METHOD_NOT_ALLOWED, NOT_FOUND, TOO_LARGE};

causes! {
    /// The request cannot be read.
    pub enum RequestFault {
        ParameterDuplicate = "parameter_duplicate" InvalidRequest Shape {
            rule: "Request parameters must not be included more than once (RFC 6749, sections 3.1 and 3.2).",
            received: "The same parameter twice: in the query, in the body, or once in each.",
            expected: "Each parameter at most once; `resource` alone may repeat (RFC 8707, section 2).",
            fix: "Send the parameter once. A query that is part of the endpoint's address counts as well.",
        }
        ParameterTooLarge = "parameter_too_large" InvalidRequest Shape {
            rule: "A server limits what it reads.",
            received: "A parameter, or all parameters together, larger than this server accepts.",
            expected: "At most 64 KiB in total, or `http.max_body_bytes` if that is more; at most 32 KiB per value, or `interactions.max_bytes` if that is more; at most 128 bytes per name.",
            fix: "Send less: a `state` should be a short random value, not the application's state.",
        }
        ParameterTooMany = "parameter_too_many" InvalidRequest Shape {
            rule: "A server limits what it reads.",
            received: "More parameters than this server accepts.",
            expected: "The parameters of the specification and few others.",
            fix: "Leave out the parameters that the endpoint does not know.",
        }
        ParameterMalformed = "parameter_malformed" InvalidRequest Shape {
            rule: "Parameters are sent as application/x-www-form-urlencoded in UTF-8 (RFC 6749, appendix B).",
            received: "A percent sign without two hexadecimal digits, or bytes that are not UTF-8.",
            expected: "Every reserved byte percent-encoded, and text in UTF-8.",
            fix: "Build the request with your platform's form encoder instead of joining strings.",
        }
        ParameterControlCharacter = "parameter_control_character" InvalidRequest Shape {
            rule: "Parameter values are printable (RFC 6749, appendix A).",
            received: "A control character such as NUL, CR or LF in a parameter.",
            expected: "Printable characters.",
            fix: "Remove the character. Line breaks often come from values read from a file.",
        }
        ParameterMissing = "parameter_missing" InvalidRequest Shape {
            rule: "Required parameters must be present, and an empty value counts as omitted (RFC 6749, sections 3.1 and 3.2).",
            received: "A request without a parameter that it needs, or with an empty one.",
            expected: "The parameter that the description names.",
            fix: "Send the parameter. Check that the variable behind it is not empty.",
        }
        BodyTooLarge = "body_too_large" InvalidRequest Shape status 413 page TOO_LARGE {
            rule: "A server limits what it reads (RFC 9110, section 15.5.14).",
            received: "A request body larger than `http.max_body_bytes`.",
            expected: "A form of a few kilobytes.",
            fix: "Send less, or raise the limit.",
        }
        BodyUnreadable = "body_unreadable" InvalidRequest Shape {
            rule: "The body must arrive complete and in time.",
            received: "A body that ended early or arrived too slowly.",
            expected: "As many bytes as Content-Length says.",
            fix: "Check the connection between client and server, including any proxies.",
        }
        ContentTypeNotForm = "content_type_not_form" InvalidRequest Shape {
            rule: "The request is application/x-www-form-urlencoded (RFC 6749, sections 3.2 and 4.1.3; OpenID Connect Core, section 3.1.2.1).",
            received: "A body whose Content-Type is not that of a form.",
            expected: "Content-Type: application/x-www-form-urlencoded",
            fix: "Send a form. Many HTTP libraries send JSON unless told otherwise.",
        }
        QueryNotAllowed = "query_not_allowed" InvalidRequest Shape {
            rule: "The token endpoint takes its parameters from the body only (RFC 6749, sections 2.3.1 and 3.2).",
            received: "A parameter of the token request in the query string.",
            expected: "All parameters in the body.",
            fix: "Move them into the form. URLs end up in logs.",
        }
        MethodNotAllowed = "method_not_allowed" InvalidRequest Shape status 405 page METHOD_NOT_ALLOWED {
            rule: "Each endpoint accepts certain methods (RFC 6749, sections 3.1 and 3.2; RFC 9110, section 15.5.6).",
            received: "A method that the endpoint does not accept.",
            expected: "A method from the Allow header of the response.",
            fix: "Use that method. The token endpoint accepts POST only.",
        }
        NotFound = "not_found" InvalidRequest Shape status 404 page NOT_FOUND {
            rule: "Applications use the addresses in the discovery document.",
            received: "A path that does not exist.",
            expected: "An address from /.well-known/openid-configuration.",
            fix: "Read the endpoints from discovery instead of hard-coding them.",
        }
        HostNotAllowed = "host_not_allowed" InvalidRequest Shape status 421 {
            rule: "With a loopback issuer, only loopback names are served, so that no web page can reach the server by DNS rebinding. Otherwise the names in `http.allowed_hosts` are served, or all names if it is empty.",
            received: "A Host header with a different name.",
            expected: "localhost, 127.0.0.1, [::1], the issuer's own name, or one of `http.allowed_hosts`.",
            fix: "Use the issuer's own address, or set an issuer that is reachable from elsewhere.",
        }
    }
}

impl From<ParameterFault> for Failure {
    fn from(fault: ParameterFault) -> Failure {
        let cause = match &fault {
            ParameterFault::Duplicate { .. } => RequestFault::ParameterDuplicate,
            ParameterFault::TooLarge { .. } => RequestFault::ParameterTooLarge,
            ParameterFault::TooMany { .. } => RequestFault::ParameterTooMany,
            ParameterFault::Malformed { .. } => RequestFault::ParameterMalformed,
            ParameterFault::ControlCharacter { .. } => RequestFault::ParameterControlCharacter,
            ParameterFault::Missing { .. } => RequestFault::ParameterMissing,
        };
        Failure::from(cause).detail(fault.to_string())
    }
}
