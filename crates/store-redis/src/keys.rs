//! The key of a record: `{prefix:partition}kind:name`.
//!
//! The partition is one of 1,024, the first ten bits of the SHA-256 of the record's own name, and
//! never changes. So a record is found by its id alone, and what one act touches is in one hash
//! slot, since Redis Cluster hashes what is in the braces.
//! <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags>

use std::fmt::Display;

use countersign_jose::{base64url, digest};
use countersign_store::access_tokens::NewHolder;
use countersign_store::{ClientSessionId, GrantId, SecretHash, SessionId, StoreError};

/// How many partitions there are. This must never change.
pub const PARTITIONS: u16 = 1024;

/// The partition of a record, by its name's bytes.
pub fn partition(name: &[u8]) -> u16 {
    let [first, second, ..] = digest::sha256(name);
    u16::from_be_bytes([first, second]) >> 6
}

pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    /// The keys of one deployment.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] for an invalid prefix.
    pub fn new(prefix: &str) -> Result<Keys, StoreError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if prefix.is_empty() || prefix.len() > 100 || !prefix.bytes().all(fits) {
            return Err(StoreError::Refused(
                "a prefix is 1 to 100 letters, digits, '-', '_' or '.'".to_owned(),
            ));
        }
        Ok(Keys {
            prefix: prefix.to_owned(),
        })
    }

    /// A grant's row.
    pub fn grant(&self, id: &GrantId) -> String {
        self.key(partition(id.as_bytes()), "grant", id)
    }

    /// The sealed successor that a grant returns within the grace period. It has a key of its own,
    /// so that it expires an hour after that and not with the grant.
    pub fn successor(&self, id: &GrantId) -> String {
        self.key(partition(id.as_bytes()), "successor", id)
    }

    /// The grants of a partition whose code is unused, by the code's end.
    pub fn unused_codes(&self, partition: u16) -> String {
        self.key(partition, "unused-codes", "")
    }

    /// A key in a partition to which nothing is ever written.
    pub fn no_record(&self, partition: u16) -> String {
        self.key(partition, "nothing", "")
    }

    /// A partition's outbox.
    pub fn events(&self, partition: u16) -> String {
        self.key(partition, "events", "")
    }

    /// An access token's row: beside the grant whose act writes it, or by itself.
    pub fn access_token(&self, id: &GrantId, holder: &NewHolder, hash: &SecretHash) -> String {
        match holder {
            NewHolder::Grant => self.access_token_of_grant(id, hash),
            NewHolder::Client { .. } => self.access_token_of_client(hash),
        }
    }

    pub fn access_token_of_grant(&self, id: &GrantId, hash: &SecretHash) -> String {
        self.key(partition(id.as_bytes()), "access-token", text(hash))
    }

    pub fn access_token_of_client(&self, hash: &SecretHash) -> String {
        self.key(partition(hash.as_bytes()), "client-token", text(hash))
    }

    pub fn denied(&self, hash: &SecretHash) -> String {
        self.key(partition(hash.as_bytes()), "denied", text(hash))
    }

    /// A browser session with its client sessions.
    pub fn session(&self, id: &SessionId) -> String {
        self.key(partition(id.as_bytes()), "session", id)
    }

    /// Which browser session has the client session of this `sid`.
    pub fn client_session(&self, sid: &ClientSessionId) -> String {
        self.key(partition(sid.as_bytes()), "sid", sid)
    }

    /// The subject or the client that has a name.
    pub fn principal(&self, name: &str) -> String {
        self.key(partition(name.as_bytes()), "principal", name)
    }

    /// All consents of a user.
    pub fn consents(&self, sub: &str) -> String {
        self.key(partition(sub.as_bytes()), "consents", sub)
    }

    fn key(&self, partition: u16, kind: &str, name: impl Display) -> String {
        format!("{{{}:{partition}}}{kind}:{name}", self.prefix)
    }
}

fn text(hash: &SecretHash) -> String {
    base64url::encode(hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_partition_never_changes() {
        // The first ten bits of SHA-256; of the empty name e3b0..., of "abc" ba78... (FIPS 180-4).
        assert_eq!(partition(b""), 0xe3b0 >> 6);
        assert_eq!(partition(b"abc"), 0xba78 >> 6);
        let keys = Keys::new("cs").expect("a prefix");
        let id = GrantId::from_bytes([0; 16]);
        // SHA-256 of sixteen zero bytes begins with 374708ff.
        assert_eq!(keys.grant(&id), "{cs:221}grant:AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(keys.principal("abc"), "{cs:745}principal:abc");
    }

    #[test]
    fn what_an_act_touches_shares_a_hash_tag() {
        let keys = Keys::new("cs").expect("a prefix");
        let tag = |key: &str| key.split_inclusive('}').next().map(str::to_owned);
        for number in 0..50 {
            let id = GrantId::from_bytes([number; 16]);
            let hash = SecretHash::of(&[number]);
            let own = tag(&keys.grant(&id));
            assert_eq!(tag(&keys.successor(&id)), own);
            assert_eq!(tag(&keys.access_token_of_grant(&id, &hash)), own);
            let partition = partition(id.as_bytes());
            assert_eq!(tag(&keys.events(partition)), own);
            assert_eq!(tag(&keys.unused_codes(partition)), own);
        }
        let own = tag(&keys.principal("name"));
        assert_eq!(tag(&keys.consents("name")), own);
    }

    #[test]
    fn a_prefix_cannot_move_the_hash_tag() {
        for prefix in ["", "a{b", "a}b", "a:b", "a b", "é", &"x".repeat(101)] {
            assert!(Keys::new(prefix).is_err(), "{prefix}");
        }
    }
}
