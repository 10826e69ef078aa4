//! Causes that are ours: what any endpoint can meet in the store, the keys or the pages.

use countersign_store::StoreError;

use super::Failure;
use crate::causes;

causes! {
    /// Our own fault.
    pub enum ServerFault {
        StoreUnavailable = "store_unavailable" TemporarilyUnavailable Hidden {
            rule: "No act is acknowledged that is not durable.",
            received: "The store did not answer, or could not write.",
            expected: "A store that answers.",
            fix: "The log line with this request id has the store's own words. `/readyz` tells when it is back.",
        }
        RecordCorrupt = "record_corrupt" ServerError Hidden {
            rule: "A record that fits no state of its life is reported and left as it stands.",
            received: "A row that cannot be read.",
            expected: "A row as this program writes it.",
            fix: "The log names the record. Keep the row, and look at what else writes to the database.",
        }
        SigningKeyMissing = "signing_key_missing" ServerError Hidden {
            rule: "Each offered algorithm has a signing key.",
            received: "A client that is registered for an algorithm without a key.",
            expected: "An active key of the algorithm.",
            fix: "`countersign keys list` shows them; `countersign keys rotate` makes one.",
        }
        SigningFailed = "signing_failed" ServerError Hidden {
            rule: "Tokens are signed.",
            received: "The cryptographic library refused to sign.",
            expected: "A signature.",
            fix: "This should not happen; the log has the library's words.",
        }
        PageFailed = "page_failed" ServerError Hidden {
            rule: "Pages are rendered from templates.",
            received: "A template that cannot be rendered.",
            expected: "A template like the built-in one.",
            fix: "If templates are overridden, compare yours with the built-in one; the log names the line.",
        }
        AnswerFailed = "answer_failed" ServerError Hidden {
            rule: "An answer is sent whole or not at all.",
            received: "An answer or a sealed form that could not be written as JSON.",
            expected: "JSON.",
            fix: "This should not happen; the log has the library's words.",
        }
        HashingBusy = "hashing_busy" TemporarilyUnavailable Hidden {
            rule: "Password hashes are computed by a bounded number of threads.",
            received: "More sign-ins at once than may wait.",
            expected: "Fewer, or more cores.",
            fix: "Try again in a moment. `passwords.hashing_queue` is the limit.",
        }
        RecordMissing = "record_missing" ServerError Hidden {
            rule: "What a live record refers to exists.",
            received: "A session or grant whose account or client is gone.",
            expected: "Deleting an account ends its sessions in the same act.",
            fix: "Look at what else writes to the database.",
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
