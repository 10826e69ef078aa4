//! Causes of the listener: what it refuses before any endpoint sees it, or responds to in an
//! endpoint's place.

use countersign_web::causes;

causes! {
    /// The listener responds by itself.
    pub enum TransportFault {
        HostMissing = "host_missing" InvalidRequest Shape {
            rule: "A request names exactly one valid host (RFC 9112, section 3.2).",
            received: "No Host, more than one, or one that is not a host name.",
            expected: "One Host header, or one :authority in HTTP/2.",
            fix: "Check the proxy in front of the server: it should pass on the Host unchanged.",
        }
        PlainHttpOnTlsPort = "plain_http_on_tls_port" InvalidRequest Shape {
            rule: "With `tls.certificate_file`, the server speaks only https.",
            received: "A request over plain http on a port that speaks TLS.",
            expected: "https.",
            fix: "Use https in the address. If a proxy does TLS, either it calls this server over https too, or the configuration should have no `tls` section.",
        }
        BodyTooSlow = "body_too_slow" InvalidRequest Shape status 408 {
            rule: "A server limits how long it waits for a request (RFC 9110, section 15.5.9).",
            received: "A body that did not arrive within `http.body_read_timeout_seconds`.",
            expected: "A form of a few kilobytes, sent at once.",
            fix: "Check the connection between client and server. A Content-Length larger than what is sent also makes a server wait.",
        }
        BodySpaceUsedUp = "body_space_used_up" TemporarilyUnavailable Hidden {
            rule: "Large request bodies share limited space, so that they cannot fill the memory.",
            received: "A body larger than 16 KiB while `http.max_buffered_bytes` were in use.",
            expected: "Fewer large requests at once.",
            fix: "Try again in a moment. If such bodies are common, raise the limit.",
        }
        RequestTookTooLong = "request_took_too_long" TemporarilyUnavailable Hidden {
            rule: "A response must be ready within `http.request_timeout_seconds`.",
            received: "A request whose response was not ready in time.",
            expected: "A response within milliseconds.",
            fix: "Check the store's disk and the machine's load.",
        }
        HandlerPanicked = "handler_panicked" ServerError Hidden {
            rule: "A bug that one request triggers ends only that request.",
            received: "A panic while the request was being handled.",
            expected: "None.",
            fix: "Please report it with the log line above this one, which says where it was.",
        }
        ConnectionsUsedUp = "connections_used_up" TemporarilyUnavailable Hidden {
            rule: "Connections are limited (`http.max_connections`, the limit of open files).",
            received: "A new connection while every open one was busy.",
            expected: "Fewer requests at once.",
            fix: "Try again in a moment. Raise the limit of open files, or find out who holds the connections.",
        }
    }
}
