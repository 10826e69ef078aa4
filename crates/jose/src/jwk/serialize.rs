//! From a [`Jwk`] to JSON: the public members by `Serialize`, the private ones by one loud method.

use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use super::{Jwk, Material};
use crate::base64url;

/// Public members only: never `d`, `p`, `q`, `dp`, `dq`, `qi` or `k`.
impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kty", self.key_type().as_str())?;
        let entries = [
            ("use", &self.key_use),
            ("alg", &self.alg),
            ("kid", &self.kid),
        ];
        for (name, value) in entries {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        if let Some(operations) = &self.key_ops {
            map.serialize_entry("key_ops", operations)?;
        }
        match &self.material {
            Material::Rsa { n, e, .. } => {
                map.serialize_entry("n", &base64url::encode(n))?;
                map.serialize_entry("e", &base64url::encode(e))?;
            }
            Material::Ec { curve, x, y, .. } => {
                map.serialize_entry("crv", curve.as_str())?;
                map.serialize_entry("x", &base64url::encode(x))?;
                map.serialize_entry("y", &base64url::encode(y))?;
            }
            Material::Okp { curve, x, .. } => {
                map.serialize_entry("crv", curve.as_str())?;
                map.serialize_entry("x", &base64url::encode(x))?;
            }
            Material::Oct { .. } => {}
        }
        map.end()
    }
}

impl Jwk {
    /// The whole key as JSON, private members included. Anyone who has the text can sign: seal it,
    /// never log it.
    #[must_use]
    pub fn to_private_json(&self) -> Zeroizing<String> {
        let mut json = Zeroizing::new(self.to_public_json());
        let mut push = |name: &str, bytes: &[u8]| {
            json.pop(); // the closing brace
            json.push_str(",\"");
            json.push_str(name);
            json.push_str("\":\"");
            base64url::encode_into(bytes, &mut json);
            json.push_str("\"}");
        };
        match &self.material {
            Material::Rsa { private, .. } => {
                if let Some(private) = private {
                    push("d", &private.d);
                    push("p", &private.p);
                    push("q", &private.q);
                    push("dp", &private.dp);
                    push("dq", &private.dq);
                    push("qi", &private.qi);
                }
            }
            Material::Ec { d, .. } | Material::Okp { d, .. } => {
                if let Some(d) = d {
                    push("d", d);
                }
            }
            Material::Oct { k } => push("k", k),
        }
        json
    }

    /// The public members as JSON. An oct key has none but its attributes.
    #[must_use]
    pub fn to_public_json(&self) -> String {
        serde_json::to_string(self).expect("strings as names and values always serialise")
    }
}
