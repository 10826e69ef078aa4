//! Resource indicators ([RFC 8707, section 2]): the name of what an access token is for.
//!
//! [RFC 8707, section 2]: https://www.rfc-editor.org/rfc/rfc8707#section-2

use url::Url;

/// The greatest length of an identifier, in bytes.
pub const MAX_RESOURCE_BYTES: usize = 2048;

/// Why a text does not identify a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceFault {
    /// RFC 8707, section 2: "Its value MUST be an absolute URI".
    #[error("it is not an absolute URI")]
    NotAbsolute,
    /// RFC 8707, section 2: "The URI MUST NOT include a fragment component".
    #[error("it has a fragment")]
    Fragment,
    #[error("it is longer than {MAX_RESOURCE_BYTES} bytes")]
    TooLong,
}

/// That a text may identify a resource.
///
/// # Errors
/// Returns a [`ResourceFault`].
pub fn check_resource(identifier: &str) -> Result<(), ResourceFault> {
    if identifier.len() > MAX_RESOURCE_BYTES {
        return Err(ResourceFault::TooLong);
    }
    // A URI has neither blanks nor control characters, and nothing beyond ASCII (RFC 3986, section
    // 2); a URL parser would remove or encode them.
    let is_uri = identifier.bytes().all(|byte| byte.is_ascii_graphic());
    let parsed = Url::parse(identifier).map_err(|_| ResourceFault::NotAbsolute)?;
    match (is_uri, parsed.fragment()) {
        (false, _) => Err(ResourceFault::NotAbsolute),
        (true, Some(_)) => Err(ResourceFault::Fragment),
        (true, None) => Ok(()),
    }
}

/// Whether two texts identify one resource. They are compared as texts, except that an origin alone
/// may end with a slash or not: clients write it both ways, and both are the same URI (RFC 3986,
/// section 6.2.3).
pub fn is_same_resource(one: &str, other: &str) -> bool {
    one == other || without_root(one) == without_root(other)
}

/// An origin without the slash at its end; everything else as it is.
fn without_root(identifier: &str) -> &str {
    match identifier.strip_suffix('/') {
        Some(origin) if origin.matches('/').count() == 2 && origin.contains("://") => origin,
        _ => identifier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        for (identifier, expected) in [
            ("https://api.example", Ok(())),
            ("https://api.example/", Ok(())),
            ("https://mcp.example/a/mcp?x=1", Ok(())),
            ("http://127.0.0.1:3000/mcp", Ok(())),
            ("urn:example:cooperation-context", Ok(())),
            ("https://api.example/#", Err(ResourceFault::Fragment)),
            ("https://api.example/#a", Err(ResourceFault::Fragment)),
            ("", Err(ResourceFault::NotAbsolute)),
            ("api.example", Err(ResourceFault::NotAbsolute)),
            ("/mcp", Err(ResourceFault::NotAbsolute)),
            ("//api.example/", Err(ResourceFault::NotAbsolute)),
            ("https://api.example/a b", Err(ResourceFault::NotAbsolute)),
            ("https://api.example/ä", Err(ResourceFault::NotAbsolute)),
            (" https://api.example/", Err(ResourceFault::NotAbsolute)),
        ] {
            assert_eq!(check_resource(identifier), expected, "{identifier:?}");
        }
        let long = format!("https://api.example/{}", "a".repeat(MAX_RESOURCE_BYTES));
        assert_eq!(check_resource(&long), Err(ResourceFault::TooLong));
    }

    #[test]
    fn a_bare_origin_with_and_without_a_slash_is_one_resource_and_nothing_else_is() {
        for (one, other, same) in [
            ("https://api.example", "https://api.example/", true),
            (
                "https://api.example:8443",
                "https://api.example:8443/",
                true,
            ),
            ("https://api.example/a", "https://api.example/a/", false),
            ("https://api.example", "https://api.example:443", false),
            ("https://api.example", "https://API.example", false),
            ("https://api.example/", "https://api.example//", false),
            ("https://api.example/?a", "https://api.example?a", false),
            ("urn:a", "urn:a/", false),
        ] {
            assert_eq!(is_same_resource(one, other), same, "{one} {other}");
            assert_eq!(is_same_resource(other, one), same, "{other} {one}");
        }
    }
}
