//! Kinds of error pages that only the provider has; the others are
//! `countersign_web::pages::error_kind`.

use countersign_web::pages::ErrorKind;
pub use countersign_web::pages::error_kind::{
    INTERACTION_EXPIRED, INVALID_REQUEST, OTHER_BROWSER, TOO_LARGE,
};

/// `client_id` is missing or names no client.
pub const UNKNOWN_CLIENT: ErrorKind = ErrorKind::new("unknown_client", 400);
/// `redirect_uri` is missing and cannot be inferred.
pub const REDIRECT_URI_MISSING: ErrorKind = ErrorKind::new("redirect_uri_missing", 400);
/// `redirect_uri` is not one of the client's.
pub const REDIRECT_URI_NOT_REGISTERED: ErrorKind =
    ErrorKind::new("redirect_uri_not_registered", 400);
/// `client_id` is the address of a document that is not available or not valid.
pub const CLIENT_DOCUMENT_UNUSABLE: ErrorKind = ErrorKind::new("client_document_unusable", 400);
/// An error for a client that no one vouched for: the person may go on to it.
pub const UNVOUCHED_CLIENT: ErrorKind = ErrorKind::new("unvouched_client", 400);
/// The setup link is wrong, too old or used up.
pub const SETUP_LINK_INVALID: ErrorKind = ErrorKind::new("setup_link_invalid", 400);
/// There is an administrator already.
pub const SETUP_CLOSED: ErrorKind = ErrorKind::new("setup_closed", 410);

/// A device's request was answered before, has expired, or is no longer there.
pub const DEVICE_REQUEST_OVER: ErrorKind = ErrorKind::new("device_request_over", 400);

/// Every kind of the provider.
pub const ALL: &[ErrorKind] = &[
    UNKNOWN_CLIENT,
    REDIRECT_URI_MISSING,
    REDIRECT_URI_NOT_REGISTERED,
    CLIENT_DOCUMENT_UNUSABLE,
    UNVOUCHED_CLIENT,
    SETUP_LINK_INVALID,
    SETUP_CLOSED,
    DEVICE_REQUEST_OVER,
];
