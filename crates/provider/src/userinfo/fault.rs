//! Causes of userinfo.

use crate::error::causes;

causes! {
    /// Why an access token that is accepted does not open userinfo.
    pub enum UserinfoFault {
        NoUser = "access_token_without_user" InsufficientScope Hidden {
            rule: "Userinfo describes a user (OpenID Connect Core, section 5.3).",
            received: "A token that was issued to a client itself.",
            expected: "A token from a sign-in.",
            fix: "Use the authorization code flow.",
        }
        ScopeWithoutOpenid = "access_token_without_openid" InsufficientScope Hidden {
            rule: "Userinfo needs the scope openid (OpenID Connect Core, sections 5.3.1 and 5.4).",
            received: "A token without the scope openid.",
            expected: "scope=openid at the authorization request.",
            fix: "Ask for openid.",
        }
    }
}
