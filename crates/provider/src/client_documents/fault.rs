//! Causes of clients whose client_id is the address of a document.

use crate::error::causes;
use crate::pages::error_kind::CLIENT_DOCUMENT_UNUSABLE;

causes! {
    /// Why a document, and so its client, can't be used.
    pub enum ClientDocumentCause {
        UrlInvalid = "client_document_url_invalid" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "A client_id that is a URL is https and has a path. It has no user name, no fragment and no dot segments (Client ID Metadata Documents, section 3).",
            received: "A client_id that begins with https:// and breaks one of these rules.",
            expected: "The address of the client's metadata document, exactly as the document states it.",
            fix: "The log names the rule. Serve the document at an address that follows it, and use that address as the client_id.",
        }
        HostNotAllowed = "client_document_host_not_allowed" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "An operator may limit the hosts of documents (Client ID Metadata Documents, section 8.9).",
            received: "A client_id at a host that this server does not accept documents from.",
            expected: "A host that is in `client_documents.allowed_hosts`, if that is set, and not in `client_documents.denied_hosts`.",
            fix: "The operator allows the host, or registers the client.",
        }
        NotFetched = "client_document_not_fetched" InvalidRequest Hidden page CLIENT_DOCUMENT_UNUSABLE {
            rule: "The document is fetched over https from a public address, within the limits of `client_documents` and `outbound` (Client ID Metadata Documents, sections 5 and 8.6).",
            received: "A client_id whose document could not be fetched.",
            expected: "A reachable host with a valid certificate, and a response that is small and fast enough.",
            fix: "The log says what happened. For development, `outbound.allow` names hosts that are not public.",
        }
        Status = "client_document_status" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "Only a response with the status 200 is a document; redirects are not followed (Client ID Metadata Documents, section 5).",
            received: "A client_id whose address returned another status.",
            expected: "200.",
            fix: "Serve the document at the client_id itself, to everyone. Protection against bots may block other servers.",
        }
        ContentType = "client_document_content_type" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "A document is application/json or application/*+json (Client ID Metadata Documents, section 4).",
            received: "A client_id whose address returned another Content-Type.",
            expected: "Content-Type: application/json",
            fix: "Serve the document with that header.",
        }
        OtherClientId = "client_document_of_another_client" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "The document's client_id is its own address, compared character by character (Client ID Metadata Documents, section 4.1).",
            received: "A document without a client_id, or with another one.",
            expected: "The exact address of the document.",
            fix: "Write the address into the document exactly as the client sends it, including its port, case and trailing slash.",
        }
        Secret = "client_document_with_secret" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "A document is public, so it neither has a client_secret nor needs one (Client ID Metadata Documents, section 4.1).",
            received: "A document with a client_secret, or with an authentication method that uses one.",
            expected: "token_endpoint_auth_method none, or private_key_jwt with public keys.",
            fix: "Remove the secret, and publish the public key of a key pair instead.",
        }
        NameMissing = "client_document_without_name" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "People must see which application asks for access, so a document has a client_name (Model Context Protocol, Authorization).",
            received: "A document without a client_name.",
            expected: "\"client_name\": \"...\"",
            fix: "Add it to the document.",
        }
        Invalid = "client_document_invalid" InvalidRequest Shape page CLIENT_DOCUMENT_UNUSABLE {
            rule: "A document has the members of a client registration (RFC 7591, section 2; Client ID Metadata Documents, section 4).",
            received: "A document with a member that is malformed, inconsistent or not supported here, or with a private key.",
            expected: "Metadata that fits the discovery document.",
            fix: "The log names the member.",
        }
        Busy = "client_document_fetches_busy" TemporarilyUnavailable Shape {
            rule: "Only a limited number of documents is fetched at once, from each host and in total (`client_documents.max_parallel_per_host`, `client_documents.max_parallel`).",
            received: "A client_id whose document is not known yet, while that many are being fetched.",
            expected: "A pause.",
            fix: "Try again.",
        }
    }
}
