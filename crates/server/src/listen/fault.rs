//! Causes of the listener: what it refuses before any endpoint sees it, or responds to in an
//! endpoint's place.

use countersign_web::causes;

causes! {
    /// The listener responds by itself.
    pub enum TransportFault {
        HostMissing = "host_missing" InvalidRequest Shape {
            rule: "A request names exactly one valid host (RFC 9112, section 3.2).",
            received: "No Host, more than one, or one that is no host name.",
            expected: "One Host header, or one :authority in HTTP/2.",
            fix: "Look at the proxy in front of the server: it should pass the Host on as it came.",
        }
        BodyTooSlow = "body_too_slow" InvalidRequest Shape status 408 {
            rule: "A server limits for how long it waits for a request (RFC 9110, section 15.5.9).",
            received: "A body that did not arrive within `http.body_read_timeout_seconds`.",
            expected: "A form of a few kilobytes, sent at once.",
            fix: "Look at the connection between client and server. A Content-Length above what is sent makes a server wait, too.",
        }
        BodySpaceUsedUp = "body_space_used_up" TemporarilyUnavailable Hidden {
            rule: "Large request bodies share a space, so that no one fills the memory.",
            received: "A body above 16 KiB, while `http.max_buffered_bytes` were in use.",
            expected: "Fewer large requests at once.",
            fix: "Try again in a moment. Where such bodies are usual, raise the limit.",
        }
        RequestTookTooLong = "request_took_too_long" TemporarilyUnavailable Hidden {
            rule: "A response is there within `http.request_timeout_seconds`.",
            received: "A request whose response was not there by then.",
            expected: "Milliseconds.",
            fix: "Look at the disk of the store and at the load of the machine.",
        }
        HandlerPanicked = "handler_panicked" ServerError Hidden {
            rule: "A request that meets a bug ends alone.",
            received: "A panic while the request was served.",
            expected: "None.",
            fix: "Please report it with the log line above this one, which says where it was.",
        }
        ConnectionsUsedUp = "connections_used_up" TemporarilyUnavailable Hidden {
            rule: "Connections are limited (`http.max_connections`, the limit of open files).",
            received: "A connection while every other one was being served.",
            expected: "Fewer requests at once.",
            fix: "Try again in a moment. Raise the limit of open files, or look for who holds the connections.",
        }
    }
}
