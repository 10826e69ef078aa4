//! What a client asks for (RFC 6749, section 4.1.1; OIDC Core, section 3.1.2.1): where the response
//! goes, and the request itself. It knows neither the endpoint that a request came to nor the pages
//! that follow.
//!
//! | step | where |
//! |---|---|
//! | prove client and redirect URI | [`target`] |
//! | `response_type` and `response_mode`; the rest of the request | [`request`] |
//! | count a code that no sign-in came before | [`allowance`] |

pub mod allowance;
pub mod fault;
pub mod request;
pub mod target;
