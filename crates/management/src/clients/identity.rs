//! The ids that we give to clients.

use countersign_jose::base64url;
use countersign_jose::random::Random;

/// 128 random bits. It never begins with a dash, which a command line would read as a flag.
pub(super) fn generate_client_id(random: &dyn Random) -> String {
    loop {
        let id = base64url::encode(random.bytes::<16>());
        if id.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return id;
        }
    }
}
