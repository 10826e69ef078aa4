//! Thumbprints (RFC 7638): the hash of a key's required members in lexicographic order, without
//! white space.

use super::{Jwk, Material};
use crate::{base64url, digest};

impl Jwk {
    /// The SHA-256 thumbprint in base64url, 43 characters (RFC 7638, section 3; RFC 8037, section 2
    /// for OKP). Private members are not included, except for an oct key, whose thumbprint is as
    /// secret as the key's strength demands (RFC 7638, section 7).
    #[must_use]
    pub fn thumbprint_sha256(&self) -> String {
        base64url::encode(digest::sha256(self.required_members().as_bytes()))
    }

    /// RFC 7638, sections 3.2 and 3.3. No value here needs escaping: all are base64url or names of
    /// ours.
    fn required_members(&self) -> String {
        use base64url::encode;
        match &self.material {
            Material::Rsa { n, e, .. } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(e), encode(n))
            }
            Material::Ec { curve, x, y, .. } => format!(
                r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
                curve.as_str(),
                encode(x),
                encode(y)
            ),
            Material::Okp { curve, x, .. } => format!(
                r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#,
                curve.as_str(),
                encode(x)
            ),
            Material::Oct { k } => format!(r#"{{"k":"{}","kty":"oct"}}"#, encode(k)),
        }
    }
}
