#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`exchange`] | one request: its head, its body within limits, its parameters |
//! | [`error`], [`catalogue`] | causes with stable names, where everything about them is said |
//! | `error_response`, `page_response` | the one map from causes to responses; how a page is shown |
//! | [`respond`] | the shapes of a response that is no page |
//! | [`document`](mod@document) | public JSON that caches may keep, confirmed by its entity tag |
//! | [`log`] | the line of a failure |
//! | [`pages`] | templates, languages and assets, and the headers of a page |
//! | [`cookies`], [`browser_secret`], [`session`] | what a browser carries, and who is signed in |
//! | [`sealed_form`], [`repost`] | what our forms carry; a POST from another site |
//! | [`guard`](mod@guard) | around every request: its id, the host check, the headers of every response |
//! | [`address`], [`own_addresses`], [`cors`] | what a site's router is made of; the addresses that every site has |
//! | [`throttle`], [`device`] | counting attempts; the browsers that have an allowance of their own |
//! | [`instance`] | one database is one issuer |

pub mod address;
pub mod browser_secret;
pub mod catalogue;
pub mod clock;
pub mod cookies;
pub mod cors;
pub mod device;
pub mod document;
pub mod error;
mod error_response;
pub mod exchange;
pub mod guard;
mod host_name;
pub mod instance;
pub mod log;
pub mod not_found;
pub mod own_addresses;
mod page_response;
pub mod pages;
pub mod repost;
pub mod respond;
pub mod sealed_form;
pub mod session;
pub mod settings;
mod site;
pub mod throttle;

pub use error_response::{ErrorParameters, explanation};
pub use host_name::HostName;
pub use settings::SiteSettings;
pub use site::{Site, SiteParts};
