//! What is known about a client: the metadata of [RFC 7591, section 2], [OIDC Registration, section
//! 2] and the logout specifications, with our own members beside them.
//!
//! [`ClientMetadata`] is what was sent; [`ValidClientMetadata`] is what was checked, with the
//! specifications' defaults filled in, and only that may be stored. Members that we don't know are
//! kept and not acted on; so are language-tagged ones (`client_name#de`), which
//! [`ClientMetadata::localized`] reads. The record's identity (client_id, secret, dates) belongs to
//! the store, and is dropped where metadata is read ([`ISSUED_MEMBERS`]).
//!
//! [RFC 7591, section 2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
//! [OIDC Registration, section 2]: https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata

mod authentication;
mod defaults;
mod document;
mod fault;
mod fingerprint;
mod flows;
mod introspection;
mod issued;
mod keys;
mod members;
mod policy;
mod sector;
mod texts;
mod uris;
mod validate;

pub use document::ClientDocumentFault;
pub use fault::ClientMetadataFault;
pub use issued::ISSUED_MEMBERS;
pub use members::{AccessTokenFormat, ApplicationType, ClientMetadata};
pub use policy::{ClientPolicy, Offered};
pub(crate) use uris::is_dangerous;
pub use validate::ValidClientMetadata;
