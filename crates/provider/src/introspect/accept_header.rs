//! Which of two media types a caller prefers: `application/json`, or another one that it has to ask
//! for by name (RFC 9110, sections 12.4.2 and 12.5.1).

use http::{HeaderMap, header};

/// Whether the caller asks for `media_type` and not rather for JSON. Ranges such as `*/*` do not
/// ask for it.
pub(super) fn prefers(headers: &HeaderMap, media_type: &str) -> bool {
    let mut wanted = 0;
    let mut json = 0;
    let values = headers.get_all(header::ACCEPT).iter();
    for range in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(weight_in_thousandths).unwrap_or(1000);
        if name.eq_ignore_ascii_case(media_type) {
            wanted = wanted.max(weight);
        } else if name.eq_ignore_ascii_case("application/json") {
            json = json.max(weight);
        }
    }
    wanted > 0 && wanted >= json
}

/// `q=0.5` is 500. What is not a weight is no parameter of this kind; a malformed one is 0.
fn weight_in_thousandths(parameter: &str) -> Option<u32> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight: f32 = value.trim().parse().unwrap_or(0.0);
    // Clamped, so that nothing is lost in the conversion.
    Some((weight.clamp(0.0, 1.0) * 1000.0) as u32)
}
