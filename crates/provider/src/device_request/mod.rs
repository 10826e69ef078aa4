//! What a device asks for (RFC 8628): its request, the code that a person types, and the person's
//! answer. It knows neither the endpoint that a request came to nor the pages that follow.
//!
//! | step | where |
//! |---|---|
//! | count a request, per client and per network | [`quota`] |
//! | the code that a person types | [`user_code`] |
//! | write the request | [`creation`] |
//! | prove that a request can still be answered | [`proven`] |
//! | approve or deny it | [`answer`] |
//!
//! A device polls at the token endpoint: [`token`](crate::token).

pub mod answer;
pub mod creation;
pub mod fault;
pub mod proven;
pub mod quota;
pub mod user_code;
