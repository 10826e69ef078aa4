//! Distinguished names as text ([RFC 4514]) and in a certificate, in a form that compares: without
//! regard to case and to runs of spaces (RFC 5280, section 7.1), and without an order among the
//! parts of one relative name.
//!
//! [RFC 4514]: https://www.rfc-editor.org/rfc/rfc4514

use std::collections::BTreeSet;

use x509_parser::asn1_rs::{Any, FromDer, Tag};
use x509_parser::x509::X509Name;

/// Relative names in the order of the certificate, which is the reverse of the text's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName(Vec<BTreeSet<Attribute>>);

/// A type, as a dotted OID, and a value.
type Attribute = (String, AttributeValue);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AttributeValue {
    /// In the form that compares.
    Text(String),
    /// What is no text: its tag and contents.
    Other(u32, Vec<u8>),
}

impl DistinguishedName {
    /// Reads the text of RFC 4514, section 3; spaces around the separators are ignored, as in older
    /// texts. `None` if it is not one, or is empty: an empty name would say nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let mut names = Vec::new();
        loop {
            let mut name = BTreeSet::new();
            let end = loop {
                let (attribute, end) = reader.attribute()?;
                name.insert(attribute);
                match end {
                    End::Plus => {}
                    end => break end,
                }
            };
            names.push(name);
            match end {
                End::OfText => break,
                _ => continue,
            }
        }
        names.reverse();
        Some(Self(names))
    }

    /// The name in a certificate; `None` if it is empty.
    pub(super) fn of(name: &X509Name<'_>) -> Option<Self> {
        let names: Vec<BTreeSet<Attribute>> = name
            .iter_rdn()
            .map(|relative| {
                let attributes = relative.iter().map(|attribute| {
                    let oid = attribute.attr_type().to_id_string();
                    (oid, AttributeValue::of(attribute.attr_value()))
                });
                attributes.collect()
            })
            .collect();
        (!names.is_empty()).then_some(Self(names))
    }
}

impl AttributeValue {
    fn of(value: &Any<'_>) -> Self {
        let text = match value.tag() {
            Tag::Utf8String
            | Tag::PrintableString
            | Tag::Ia5String
            | Tag::NumericString
            | Tag::VisibleString => std::str::from_utf8(value.data).ok().map(str::to_owned),
            Tag::BmpString => {
                let units = value.data.chunks(2).map(|unit| match unit {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    // An odd length: a lone surrogate makes the text unreadable.
                    _ => 0xd800,
                });
                String::from_utf16(&units.collect::<Vec<u16>>()).ok()
            }
            _ => None,
        };
        match text {
            Some(text) => Self::text(&text),
            None => Self::Other(value.tag().0, value.data.to_vec()),
        }
    }

    fn text(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        Self::Text(words.join(" ").to_lowercase())
    }
}

/// What follows an attribute.
enum End {
    Plus,
    Comma,
    OfText,
}

/// What is left to read.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn attribute(&mut self) -> Option<(Attribute, End)> {
        let (name, rest) = self.0.split_once('=')?;
        self.0 = rest.trim_start_matches(' ');
        let oid = oid(name.trim_matches(' '))?;
        let (value, end) = match self.0.strip_prefix('#') {
            Some(rest) => {
                self.0 = rest;
                self.hexadecimal()?
            }
            None => self.text()?,
        };
        Some(((oid, value), end))
    }

    /// `hexstring`: the BER of the value.
    fn hexadecimal(&mut self) -> Option<(AttributeValue, End)> {
        let length = self.0.find([',', '+']).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let der = hex_bytes(digits.trim_end_matches(' '))?;
        let (rest, value) = Any::from_der(&der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        Some((AttributeValue::of(&value), self.end()?))
    }

    /// `string`, with its escapes.
    fn text(&mut self) -> Option<(AttributeValue, End)> {
        let mut value = Vec::new();
        // Spaces at the end belong to the value only if they are escaped.
        let mut kept = 0;
        let mut characters = self.0.char_indices();
        let rest = loop {
            let Some((at, character)) = characters.next() else {
                break "";
            };
            match character {
                ',' | '+' => break self.0.get(at..)?,
                '"' | ';' | '<' | '>' | '\0' => return None,
                '\\' => {
                    value.extend(escaped(&mut characters)?);
                    kept = value.len();
                }
                ' ' => value.push(b' '),
                other => {
                    value.extend(other.encode_utf8(&mut [0; 4]).as_bytes());
                    kept = value.len();
                }
            }
        };
        self.0 = rest;
        value.truncate(kept);
        let value = String::from_utf8(value).ok()?;
        Some((AttributeValue::text(&value), self.end()?))
    }

    fn end(&mut self) -> Option<End> {
        let mut characters = self.0.chars();
        let end = match characters.next() {
            None => End::OfText,
            Some(',') => End::Comma,
            Some('+') => End::Plus,
            Some(_) => return None,
        };
        self.0 = characters.as_str();
        Some(end)
    }
}

/// `pair`: a special character, or an octet in hexadecimal.
fn escaped(characters: &mut std::str::CharIndices<'_>) -> Option<Vec<u8>> {
    let (_, first) = characters.next()?;
    if "\\\"+,;<> #=".contains(first) {
        return Some(vec![u8::try_from(first).ok()?]);
    }
    let (_, second) = characters.next()?;
    hex_bytes(&format!("{first}{second}"))
}

fn hex_bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))?;
    let octets = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    octets.collect()
}

/// A type's dotted OID, from its short name or as it is written.
fn oid(name: &str) -> Option<String> {
    let known = TYPES
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(name));
    if let Some((_, oid)) = known {
        return Some((*oid).to_owned());
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_oid = name.contains('.') && name.split('.').all(is_number);
    is_oid.then(|| name.to_owned())
}

/// RFC 4514, section 3, and the further types that certificates of banks and authorities have.
const TYPES: [(&str, &str); 20] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("businessCategory", "2.5.4.15"),
    ("postalCode", "2.5.4.17"),
    ("GN", "2.5.4.42"),
    ("organizationIdentifier", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("jurisdictionL", "1.3.6.1.4.1.311.60.2.1.1"),
    ("jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2"),
    ("jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"),
];
