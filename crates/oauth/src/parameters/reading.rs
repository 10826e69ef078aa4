//! What remains usable of a malformed request.
//!
//! The authorization endpoint reports a request that "includes a parameter more than once, or is
//! otherwise malformed" to the client, provided that the client and its redirect URI are valid
//! (RFC 6749, section 4.1.2.1). To find these two, reading goes on after a fault.

use super::{Limits, ParameterFault, Parameters, printable};

/// Parameters without a fault, and the first fault in what was sent. A parameter that was
/// malformed, too large or repeated has no value at all, because neither of two values can be
/// trusted.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub parameters: Parameters,
    pub fault: Option<ParameterFault>,
}

impl Reading {
    /// Reads an `application/x-www-form-urlencoded` body, or a query string without its `?`.
    ///
    /// # Errors
    /// Returns [`ParameterFault::TooLarge`] if the whole is too large, and
    /// [`ParameterFault::TooMany`] if it has too many parameters. Then nothing of it is usable.
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

    /// Parameters without a fault.
    pub fn whole(parameters: Parameters) -> Self {
        Self {
            parameters,
            fault: None,
        }
    }

    /// Joins the parameters of the body and of the query. A parameter that is in both was repeated.
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
        let own = std::mem::take(&mut self.parameters.refused);
        for name in own.into_iter().chain(refused) {
            self.parameters.refuse(name);
        }
        self
    }

    /// The parameters, if the whole request is well-formed.
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
    fn a_repeatable_parameter_of_which_one_is_malformed_has_no_value() {
        let (good, bad) = ("resource=a&resource=b", "resource=%00");
        for (one, other) in [(good, bad), (bad, good)] {
            let together = read(&format!("{one}&{other}&x=1"));
            let merged = read(one).merge(read(other), &["resource"]);
            for reading in [together, merged] {
                let fault = reading.fault.expect("a fault");
                assert_eq!(fault.code(), "parameter_control_character", "{one} {other}");
                assert_eq!(reading.parameters.get("resource"), None, "{one} {other}");
            }
        }
    }

    #[test]
    fn what_cannot_be_used_counts_towards_the_limit() {
        for pair in ["a=%zz", "a=%00", "a=1&a=2"] {
            let pairs = (0..200).map(|number| pair.replace('a', &format!("a{number}")));
            let form = pairs.collect::<Vec<_>>().join("&");
            let read = Reading::of_form(form, Limits::default(), &[]);
            let fault = read.expect_err("more than 64");
            assert_eq!(fault.code(), "parameter_too_many", "{pair}");
        }
    }

    #[test]
    fn well_formed_parameters_are_read_beside_malformed_ones() {
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
    fn a_parameter_in_both_body_and_query_was_repeated() {
        let joined = read("a=1&state=x").merge(read("state=y&b=2&c=%00"), &[]);
        let found = joined.fault.as_ref().map(ParameterFault::code);
        assert_eq!(found, Some("parameter_control_character"));
        let values = ["a", "b", "c", "state"].map(|name| joined.parameters.get(name));
        assert_eq!(values, [Some("1"), Some("2"), None, None]);
        // One of the two is malformed itself.
        let joined = read("state=%00").merge(read("state=y"), &[]);
        assert_eq!(joined.parameters.get("state"), None);
    }
}
