//! Strict decoding of one form component: `+` is a space, `%` is followed by two hexadecimal
//! digits, and the result is UTF-8 (RFC 6749, appendix B). Browsers' decoders pass faults through;
//! this one refuses them.

pub(crate) fn decode_component(encoded: &[u8]) -> Result<String, &'static str> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => {
                let (Some(high), Some(low)) =
                    (bytes.next().and_then(hex), bytes.next().and_then(hex))
                else {
                    return Err("a % is not followed by two hexadecimal digits");
                };
                decoded.push(high << 4 | low);
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).map_err(|_| "it is not UTF-8")
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
