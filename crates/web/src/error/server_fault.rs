//! Causes that are ours: what any endpoint can meet in the store, the keys or the pages.

use countersign_store::StoreError;

use super::Failure;
use crate::causes;

causes! {
    /// Our own fault.
    pub enum ServerFault {
        StoreUnavailable = "store_unavailable" TemporarilyUnavailable Hidden {
            rule: "Nothing is acknowledged before it is durable.",
            received: "The store did not respond, or could not write.",
            expected: "A store that responds.",
            fix: "The log line with this request id has the store's own message. `/readyz` tells when it is back.",
        }
        RecordCorrupt = "record_corrupt" ServerError Hidden {
            rule: "A record that matches no valid state is reported and left unchanged.",
            received: "A row that cannot be read.",
            expected: "A row as this program writes it.",
            fix: "The log names the record. Keep the row, and find out what else writes to the database.",
        }
        SigningKeyMissing = "signing_key_missing" ServerError Hidden {
            rule: "Each offered algorithm has a signing key.",
            received: "A client that is registered for an algorithm without a key.",
            expected: "An active key of the algorithm.",
            fix: "`countersign keys list` shows the keys; `countersign keys rotate` creates one.",
        }
        SigningFailed = "signing_failed" ServerError Hidden {
            rule: "Tokens are signed.",
            received: "The cryptographic library refused to sign.",
            expected: "A signature.",
            fix: "This should not happen. The log has the library's message.",
        }
        PageFailed = "page_failed" ServerError Hidden {
            rule: "Pages are rendered from templates.",
            received: "A template that cannot be rendered.",
            expected: "A template like the built-in one.",
            fix: "If templates are overridden, compare yours with the built-in one; the log names the line.",
        }
        ResponseFailed = "response_failed" ServerError Hidden {
            rule: "A response is sent complete or not at all.",
            received: "A response or a sealed form that could not be serialized as JSON.",
            expected: "JSON.",
            fix: "This should not happen. The log has the library's message.",
        }
        HashingBusy = "hashing_busy" TemporarilyUnavailable Hidden {
            rule: "Password hashes are computed by a bounded number of threads.",
            received: "More concurrent sign-ins than may wait.",
            expected: "Fewer at a time, or more cores.",
            fix: "Try again in a moment. `passwords.hashing_queue` is the limit.",
        }
        RecordMissing = "record_missing" ServerError Hidden {
            rule: "A record that is in use refers to records that exist.",
            received: "A session or grant whose account or client no longer exists.",
            expected: "Sessions and grants that ended when their account or client was deleted.",
            fix: "Find out what else writes to the database.",
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let cause = match &error {
            StoreError::Corrupt { .. } => ServerFault::RecordCorrupt,
            StoreError::Unavailable(_)
            | StoreError::Contended
            | StoreError::NewerRecord { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::UnreleasedSchema { .. }
            | StoreError::Refused(_) => ServerFault::StoreUnavailable,
        };
        Failure::from(cause).detail(error.to_string())
    }
}
