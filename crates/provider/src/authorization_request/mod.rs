//! What a client asks for (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1): where
//! the response goes, and the request itself. It knows neither the endpoint that a request came to
//! nor the pages that follow.
//!
//! | step | where |
//! |---|---|
//! | take the parameters out of a request object, if there is one | [`request_object`] |
//! | prove client and redirect URI | [`target`] |
//! | name a refused redirect URI in the log and, where errors are explained, on the page | `refused_redirect_uri` |
//! | `response_type` and `response_mode` | [`response`] |
//! | the rest of the request | [`request`] |
//! | what it demands of the sign-in | `demand` |
//! | claims that are asked for one by one | [`requested_claims`] |
//! | count a code that no sign-in came before | [`allowance`] |

pub mod allowance;
mod demand;
pub mod fault;
mod refused_redirect_uri;
pub mod request;
pub mod request_object;
pub mod requested_claims;
pub mod response;
pub mod target;
