//! Reads the parameters of a request, from a form body, a query, or (for old clients) a JSON
//! object.
//!
//! Parameters are never repeated and an empty value counts as omitted ([RFC 6749, sections 3.1 and
//! 3.2]); only the names that a call lists may repeat, such as `resource` ([RFC 8707, section 2])
//! or, at token exchange, `audience` ([RFC 8693, section 2.1]). Unlike a browser's decoder this
//! reader refuses what is malformed instead of repairing it: if two readers repair differently, one
//! value is checked and another is used.
//!
//! [RFC 6749, sections 3.1 and 3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
//! [RFC 8707, section 2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
//! [RFC 8693, section 2.1]: https://www.rfc-editor.org/rfc/rfc8693#section-2.1

mod in_query;
mod json;
mod percent;
mod reading;

use std::fmt;

use zeroize::Zeroizing;

pub use in_query::{TOKEN_MANAGEMENT_REQUEST, TOKEN_REQUEST, name_in_query};
pub(crate) use percent::decode_component;
pub use reading::Reading;

/// The parameters of one request, in the order sent. Values may be secrets: they are wiped on drop
/// and `Debug` shows only the names.
#[derive(Clone, Default)]
pub struct Parameters {
    entries: Vec<(String, Zeroizing<String>)>,
    /// Names sent with an empty value: omitted for the reader, but still sent once.
    empty: Vec<String>,
    /// Names of which something can't be used: see [`Reading`].
    refused: Vec<String>,
}

impl Parameters {
    /// Reads an `application/x-www-form-urlencoded` body (RFC 6749, appendix B). `repeatable` names
    /// the parameters that may be sent more than once in this call.
    ///
    /// # Errors
    /// Returns a [`ParameterFault`] for what is malformed, repeated or beyond a limit.
    pub fn parse_form(
        body: impl AsRef<[u8]>,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<Self, ParameterFault> {
        Reading::of_form(body, limits, repeatable)?.into_whole()
    }

    /// Reads a query string, without its `?`. The same grammar as a form (RFC 6749, section 3.1).
    ///
    /// # Errors
    /// As [`parse_form`](Self::parse_form).
    pub fn parse_query(
        query: &str,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<Self, ParameterFault> {
        Self::parse_form(query, limits, repeatable)
    }

    /// Reads a flat JSON object: strings, numbers and booleans; `null` counts as omitted. No
    /// specification allows this at the token endpoint; it serves the clients that are registered
    /// for it.
    ///
    /// # Errors
    /// Returns a [`ParameterFault`] for what is not a flat JSON object, repeated or beyond a limit.
    pub fn parse_json_object(
        body: impl AsRef<[u8]>,
        limits: Limits,
    ) -> Result<Self, ParameterFault> {
        let body = body.as_ref();
        limits.check_total(body.len())?;
        json::read_flat_object(body, limits)
    }

    /// Takes in parameters that come from elsewhere than a form, such as a request object.
    ///
    /// # Errors
    /// As [`parse_form`](Self::parse_form).
    pub fn from_pairs<N: Into<String>>(
        pairs: impl IntoIterator<Item = (N, String)>,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<Self, ParameterFault> {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            parameters.push(name.into(), Zeroizing::new(value), limits, repeatable)?;
        }
        Ok(parameters)
    }

    /// Joins the parameters of the body and of the query. One that is in both was sent twice.
    ///
    /// # Errors
    /// Returns [`ParameterFault::Duplicate`].
    pub fn merge(self, other: Self, repeatable: &[&str]) -> Result<Self, ParameterFault> {
        let (body, query) = (Reading::whole(self), Reading::whole(other));
        body.merge(query, repeatable).into_whole()
    }

    /// The value of a parameter; `None` if it was omitted or empty. Of a repeatable one, the first.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value of a parameter that the request can't do without.
    ///
    /// # Errors
    /// Returns [`ParameterFault::Missing`].
    pub fn require(&self, name: &'static str) -> Result<&str, ParameterFault> {
        self.get(name).ok_or(ParameterFault::Missing { name })
    }

    /// Every value of a repeatable parameter, in the order sent.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.entries
            .iter()
            .filter(move |(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }

    /// All parameters that carry a value, in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many values were sent.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The non-empty parameters as a form body or query string.
    pub fn to_form(&self) -> Zeroizing<String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(self.iter());
        Zeroizing::new(form.finish())
    }

    /// Takes in `name=value` as it was sent.
    fn push_pair(
        &mut self,
        pair: &[u8],
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<(), ParameterFault> {
        self.has_room(limits)?;
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        let name = percent::decode_component(name).map_err(|reason| ParameterFault::Malformed {
            name: "a parameter name".to_owned(),
            reason,
        })?;
        match percent::decode_component(value) {
            Ok(value) => self.push(name, Zeroizing::new(value), limits, repeatable),
            Err(reason) => {
                let fault = ParameterFault::Malformed {
                    name: printable(&name),
                    reason,
                };
                self.refuse(name);
                Err(fault)
            }
        }
    }

    /// Takes a name out of use: nothing that was or will be sent under it counts.
    fn refuse(&mut self, name: String) {
        self.entries.retain(|(sent, _)| *sent != name);
        if !self.refused.contains(&name) {
            self.refused.push(name);
        }
    }

    /// Whether one more may be sent. What can't be used counts as well: each name that follows is
    /// compared with it.
    fn has_room(&self, limits: Limits) -> Result<(), ParameterFault> {
        match self.entries.len() + self.empty.len() + self.refused.len() >= limits.parameters {
            true => Err(ParameterFault::TooMany {
                limit: limits.parameters,
            }),
            false => Ok(()),
        }
    }

    fn push(
        &mut self,
        name: String,
        value: Zeroizing<String>,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<(), ParameterFault> {
        if name.is_empty() {
            return Err(ParameterFault::Malformed {
                name: "a parameter name".to_owned(),
                reason: "it is empty",
            });
        }
        if name.len() > limits.name_bytes {
            return Err(ParameterFault::TooLarge {
                name: printable(&name),
                limit_bytes: limits.name_bytes,
            });
        }
        if value.len() > limits.value_bytes {
            let fault = ParameterFault::TooLarge {
                name: printable(&name),
                limit_bytes: limits.value_bytes,
            };
            self.refuse(name);
            return Err(fault);
        }
        // No parameter of OAuth has a control character in its grammar (RFC 6749, appendix A).
        let has_control = |text: &str| text.chars().any(char::is_control);
        if has_control(&name) || !limits.control_characters && has_control(&value) {
            let fault = ParameterFault::ControlCharacter {
                name: printable(&name),
            };
            self.refuse(name);
            return Err(fault);
        }
        if self.was_sent(&name) && !repeatable.contains(&name.as_str()) {
            let fault = ParameterFault::Duplicate {
                name: printable(&name),
            };
            self.refuse(name);
            return Err(fault);
        }
        self.has_room(limits)?;
        if self.refused.contains(&name) {
            // Of a repeatable one too: a value that can't be used may be the one that was meant.
            return Ok(());
        }
        if value.is_empty() {
            self.empty.push(name);
        } else {
            self.entries.push((name, value));
        }
        Ok(())
    }

    fn was_sent(&self, name: &str) -> bool {
        self.entries.iter().any(|(sent, _)| sent == name)
            || self.empty.iter().any(|sent| sent == name)
            || self.refused.iter().any(|sent| sent == name)
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Parameters")?;
        formatter
            .debug_list()
            .entries(self.entries.iter().map(|(name, _)| name))
            .finish()
    }
}

/// How much one request may carry. Sizes are in bytes, of names and values after decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The whole body or query, as sent.
    pub total_bytes: usize,
    /// How many parameters, the empty ones included.
    pub parameters: usize,
    /// One name.
    pub name_bytes: usize,
    /// One value. An `id_token_hint` or a request object is the longest honest one.
    pub value_bytes: usize,
    /// Whether a value may have control characters: in forms that people type in, where each field
    /// says what it takes. A tab comes along with what is pasted.
    pub control_characters: bool,
}

impl Limits {
    fn check_total(self, sent_bytes: usize) -> Result<(), ParameterFault> {
        if sent_bytes > self.total_bytes {
            return Err(ParameterFault::TooLarge {
                name: "the request".to_owned(),
                limit_bytes: self.total_bytes,
            });
        }
        Ok(())
    }
}

impl Default for Limits {
    /// 64 KiB in all, 64 parameters, 128 bytes a name, 32 KiB a value.
    fn default() -> Self {
        Self {
            total_bytes: 65_536,
            parameters: 64,
            name_bytes: 128,
            value_bytes: 32_768,
            control_characters: false,
        }
    }
}

/// Why a request's parameters were not read. Names are shown where they look like names; values
/// never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterFault {
    #[error("{name} was sent more than once")]
    Duplicate { name: String },
    #[error("{name} is larger than {limit_bytes} bytes")]
    TooLarge { name: String, limit_bytes: usize },
    #[error("more than {limit} parameters were sent")]
    TooMany { limit: usize },
    #[error("{name} is malformed: {reason}")]
    Malformed { name: String, reason: &'static str },
    #[error("{name} contains a control character")]
    ControlCharacter { name: String },
    #[error("{name} is missing")]
    Missing { name: &'static str },
}

impl ParameterFault {
    /// The stable name of the cause, for logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "parameter_duplicate",
            Self::TooLarge { .. } => "parameter_too_large",
            Self::TooMany { .. } => "parameter_too_many",
            Self::Malformed { .. } => "parameter_malformed",
            Self::ControlCharacter { .. } => "parameter_control_character",
            Self::Missing { .. } => "parameter_missing",
        }
    }
}

/// A name that a stranger chose, made safe for a log line and an `error_description`. A body that
/// is a bare token, or an address that was built wrongly, has its secret where a name should be, so
/// what does not look like a name is not shown.
fn printable(name: &str) -> String {
    const LONGEST: usize = 28;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_name) {
        true => name.to_owned(),
        false => "a parameter of an unusual name".to_owned(),
    }
}

/// The names that may repeat wherever resource indicators are understood (RFC 8707, section 2).
pub const REPEATABLE_RESOURCE: &[&str] = &["resource"];

/// The names that may repeat at token exchange (RFC 8693, section 2.1).
pub const REPEATABLE_TOKEN_EXCHANGE: &[&str] = &["resource", "audience"];
