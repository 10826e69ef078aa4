//! Texts and lists: bounded, and without control characters.

use serde_json::Value;

use super::ClientMetadata;
use super::defaults::HUMAN_READABLE;
use super::fault::ClientMetadataFault as Fault;
use super::uris::{check_page_uri, printable};

/// Names and lists have bounds, and no text has a control character: they are shown on pages and in
/// logs.
pub(super) fn check_texts(metadata: &ClientMetadata) -> Result<(), Fault> {
    let texts = [
        ("client_name", &metadata.client_name),
        ("software_id", &metadata.software_id),
        ("software_version", &metadata.software_version),
        (
            "tls_client_auth_subject_dn",
            &metadata.tls_client_auth_subject_dn,
        ),
    ];
    for (member, text) in texts {
        if let Some(text) = text {
            check_text(member, text)?;
        }
    }
    let lists = [
        ("redirect_uris", &metadata.redirect_uris),
        (
            "post_logout_redirect_uris",
            &metadata.post_logout_redirect_uris,
        ),
        ("request_uris", &metadata.request_uris),
        ("contacts", &metadata.contacts),
        ("default_acr_values", &metadata.default_acr_values),
    ];
    for (member, list) in lists {
        if list.len() > MAX_LIST_ENTRIES {
            return Err(Fault::TooMany {
                member: member.to_owned(),
                limit: MAX_LIST_ENTRIES,
            });
        }
    }
    for text in &metadata.contacts {
        check_text("contacts", text)?;
    }
    for text in &metadata.default_acr_values {
        check_text("default_acr_values", text)?;
    }
    if metadata.other.len() > MAX_OTHER_MEMBERS {
        return Err(Fault::TooMany {
            member: "the metadata".to_owned(),
            limit: MAX_OTHER_MEMBERS,
        });
    }
    for (name, value) in &metadata.other {
        check_other_member(name, value)?;
    }
    Ok(())
}

fn check_text(member: &str, text: &str) -> Result<(), Fault> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Fault::TooLong {
            member: printable(member),
            limit_bytes: MAX_TEXT_BYTES,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::ControlCharacter {
            member: printable(member),
        });
    }
    Ok(())
}

/// Unknown members are kept within bounds; language-tagged ones keep the rules of the untagged
/// (RFC 7591, section 2.2).
fn check_other_member(name: &str, value: &Value) -> Result<(), Fault> {
    check_text("the name of a member", name)?;
    if value.to_string().len() > MAX_OTHER_BYTES {
        return Err(Fault::TooLong {
            member: printable(name),
            limit_bytes: MAX_OTHER_BYTES,
        });
    }
    let base = name.split('#').next().unwrap_or(name);
    if name.contains('#') && HUMAN_READABLE.contains(&base) {
        let Some(text) = value.as_str() else {
            return Err(Fault::WrongType {
                member: printable(name),
                expected: "a text",
            });
        };
        match base {
            "client_name" => check_text(name, text)?,
            _ => check_page_uri(name, text)?,
        }
    }
    Ok(())
}

const MAX_TEXT_BYTES: usize = 512;
pub(super) const MAX_LIST_ENTRIES: usize = 50;
const MAX_OTHER_MEMBERS: usize = 50;
const MAX_OTHER_BYTES: usize = 4_096;
