//! The machinery of pages, and the pages that every site has: errors, causes, and those that submit
//! themselves.
//!
//! Owned here: layout, stylesheet, the choice of language, and the headers that every page carries.
//! Pages that belong to an endpoint are owned by its crate, which contributes them as a
//! [`PageSet`].
//!
//! | file | what |
//! |---|---|
//! | [`renderer`] | [`Pages`]: templates compiled once, rendered to a [`RenderedPage`] with its headers |
//! | [`contribution`] | what a crate contributes: templates, texts, samples |
//! | [`view`] | the trait of all views, and what they share |
//! | `error_page`, `cause`, `submit` | one typed view per page |
//! | [`error_kind`] | the kinds of error pages |
//! | [`language`], [`messages`] | which language, and its texts (Fluent) |
//! | [`content_security_policy`], [`headers`] | what a page may load and where its form may lead |
//! | [`assets`] | stylesheet and mark, under addresses that change with their bytes |
//! | [`scripts`] | what runs on a page, inline and allowed by its hash |
//!
//! What never happens here: a request to another host, an inline style, a script other than the two
//! in
//! [`scripts`] (each allowed by its hash), text from a request that is not escaped.

pub mod assets;
pub mod content_security_policy;
pub mod contribution;
pub mod error_kind;
pub mod headers;
pub mod language;
pub mod messages;
pub mod renderer;
pub mod scripts;
pub mod view;

mod bidi;
mod cause;
mod environment;
mod error_page;
mod escape;
mod filters;
mod frame;
mod pages_error;
mod rendered_page;
mod samples;
mod shared;
mod submit;

pub use assets::{Asset, assets};
pub use cause::CauseView;
pub use content_security_policy::ContentSecurityPolicy;
pub use contribution::{PageSet, Visit};
pub use error_kind::ErrorKind;
pub use error_page::{ErrorView, Explanation, WayOn};
pub use language::Language;
pub use pages_error::PagesError;
pub use rendered_page::RenderedPage;
pub use renderer::Pages;
pub use scripts::Script;
pub use submit::{FormPostView, RepostView};
pub use view::{AccountView, ClientView, View, Wait};
