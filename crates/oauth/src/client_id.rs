//! The grammar of a `client_id`: printable ASCII without `:` ([RFC 6749, appendix A.1]), of a
//! length that storage can index.
//!
//! The colon is excluded because HTTP Basic ends the user id at the first one (RFC 7617, section
//! 2), and many clients send their credentials without the form-encoding that RFC 6749, section
//! 2.3.1, demands. For such a client `%` and `+` mean something else after decoding; every other
//! character survives. Ids that we generate are narrower still: letters, digits, `-` and `_`.
//!
//! [RFC 6749, appendix A.1]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.1

/// The longest client_id, in bytes.
pub const MAX_CLIENT_ID_BYTES: usize = 255;

/// Whether a client may have this id: 1 to [`MAX_CLIENT_ID_BYTES`] characters of `VSCHAR` but `:`.
#[must_use]
pub fn is_client_id(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, 0x20..=0x7E) && byte != b':';
    !text.is_empty() && text.len() <= MAX_CLIENT_ID_BYTES && text.bytes().all(allowed)
}
