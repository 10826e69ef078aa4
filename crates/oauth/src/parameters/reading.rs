//! What can be used of a request that is not in order.
//!
//! At the authorization endpoint a fault of the request is told to the client, if the client and
//! its redirect URI are beyond doubt (RFC 6749, section 4.1.2.1): "includes a parameter more than
//! once, or is otherwise malformed". So there a fault does not end the reading.

use super::{Limits, ParameterFault, Parameters, printable};

/// Parameters, and the first fault of what was sent. A name of which something was malformed, too
/// large or repeated has no value at all: of two values neither can be believed.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub parameters: Parameters,
    pub fault: Option<ParameterFault>,
}

impl Reading {
    /// Reads an `application/x-www-form-urlencoded` body, or a query string without its `?`.
    ///
    /// # Errors
    /// Returns [`ParameterFault::TooLarge`] and [`ParameterFault::TooMany`] if the whole is beyond
    /// a limit. Then nothing of it can be used.
    pub fn of_form(
        body: impl AsRef<[u8]>,
        limits: Limits,
        repeatable: &[&str],
    ) -> Result<Self, ParameterFault> {
        let body = body.as_ref();
        limits.check_total(body.len())?;
        let mut reading = Self::default();
        for pair in body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            match reading.parameters.push_pair(pair, limits, repeatable) {
                Err(fault @ ParameterFault::TooMany { .. }) => return Err(fault),
                read => reading.note(read.err()),
            }
        }
        Ok(reading)
    }

    /// Parameters that are in order.
    pub fn whole(parameters: Parameters) -> Self {
        Self {
            parameters,
            fault: None,
        }
    }

    /// Joins what was in the body and in the query. What is in both was sent twice.
    #[must_use]
    pub fn merge(mut self, other: Self, repeatable: &[&str]) -> Self {
        self.note(other.fault);
        let Parameters {
            entries,
            empty,
            refused,
        } = other.parameters;
        let names = || entries.iter().map(|(name, _)| name).chain(&empty);
        let twice: Vec<String> = names()
            .filter(|name| self.parameters.was_sent(name) && !repeatable.contains(&name.as_str()))
            .cloned()
            .collect();
        self.parameters.entries.extend(entries);
        self.parameters.empty.extend(empty);
        for name in twice {
            self.note(Some(ParameterFault::Duplicate {
                name: printable(&name),
            }));
            self.parameters.refuse(name);
        }
        for name in refused {
            self.parameters.refuse(name);
        }
        self
    }

    /// The parameters, if all of the request is in order.
    ///
    /// # Errors
    /// Returns the first fault.
    pub fn into_whole(self) -> Result<Parameters, ParameterFault> {
        match self.fault {
            None => Ok(self.parameters),
            Some(fault) => Err(fault),
        }
    }

    fn note(&mut self, fault: Option<ParameterFault>) {
        if self.fault.is_none() {
            self.fault = fault;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Reading {
        Reading::of_form(form, Limits::default(), &["resource"]).expect("within the limits")
    }

    #[test]
    fn what_is_in_order_is_read_beside_what_is_not() {
        for (form, fault) in [
            ("a=1&nonce=x&nonce=y&b=2", "parameter_duplicate"),
            ("a=1&nonce=x&nonce=&b=2", "parameter_duplicate"),
            ("a=1&nonce=&nonce=x&b=2", "parameter_duplicate"),
            ("a=1&nonce=x&nonce=y&nonce=z&b=2", "parameter_duplicate"),
            ("a=1&nonce=%00&nonce=z&b=2", "parameter_control_character"),
            ("a=1&nonce=%zz&nonce=z&b=2", "parameter_malformed"),
            ("a=1&nonce=%ff&b=2", "parameter_malformed"),
            ("a=1&=x&b=2", "parameter_malformed"),
            ("a=1&%zz=x&b=2", "parameter_malformed"),
        ] {
            let reading = read(form);
            let found = reading.fault.as_ref().map(ParameterFault::code);
            assert_eq!(found, Some(fault), "{form}");
            let parameters = &reading.parameters;
            assert_eq!(parameters.get("a"), Some("1"), "{form}");
            assert_eq!(parameters.get("b"), Some("2"), "{form}");
            assert_eq!(parameters.get("nonce"), None, "{form}");
            assert!(reading.into_whole().is_err(), "{form}");
        }
        assert_eq!(read("resource=a&resource=b").fault, None);
    }

    #[test]
    fn what_is_in_body_and_query_was_sent_twice() {
        let joined = read("a=1&state=x").merge(read("state=y&b=2&c=%00"), &[]);
        let found = joined.fault.as_ref().map(ParameterFault::code);
        assert_eq!(found, Some("parameter_control_character"));
        let values = ["a", "b", "c", "state"].map(|name| joined.parameters.get(name));
        assert_eq!(values, [Some("1"), Some("2"), None, None]);
        // The other way round, and where one of the two is refused for itself.
        let joined = read("state=%00").merge(read("state=y"), &[]);
        assert_eq!(joined.parameters.get("state"), None);
    }
}
