//! The texts, from Fluent files (<https://projectfluent.org>), as templates see them.
//!
//! Texts without arguments are resolved once, when the pages are made: `{{ t.login_heading }}`.
//! Those with arguments are formatted when they are called: `{{ t.login_for(client=client.name)
//! }}`. Fluent writes names with `-`, templates with `_`. A name that is chosen by data goes
//! through `{{ t.of("error-" ~ kind) }}`.
//!
//! Arguments come from outside. Fluent marks each with isolating characters (Unicode TR 9), which
//! become `<bdi>` here, after everything else was escaped; so a name written from right to left
//! cannot reorder a sentence, and a name full of markup is a strange name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use minijinja::value::{Kwargs, Object, Value, from_args};
use minijinja::{Error, ErrorKind, State};
use unic_langid::LanguageIdentifier;

use super::bidi::{isolates_to_html, without_direction_controls};
use super::escape::escape;
use super::language::Language;

/// All texts of one language.
pub struct Messages {
    language: Language,
    plain: HashMap<String, Value>,
    /// Template name to Fluent name, of those that need arguments.
    formatted: HashMap<String, String>,
    bundle: FluentBundle<FluentResource>,
}

impl Messages {
    /// The texts of `language`, from the Fluent files of every set of pages.
    ///
    /// # Errors
    /// What is wrong with a file: it cannot be parsed, or has a name that another has too.
    pub fn of<'a>(
        language: Language,
        files: impl IntoIterator<Item = &'a str>,
    ) -> Result<Messages, MessagesError> {
        let locale: LanguageIdentifier = language
            .tag()
            .parse()
            .map_err(|error| MessagesError::new(language, format!("{error}")))?;
        let mut messages = Messages {
            language,
            plain: HashMap::new(),
            formatted: HashMap::new(),
            bundle: FluentBundle::new_concurrent(vec![locale]),
        };
        for file in files {
            messages.add(file)?;
        }
        Ok(messages)
    }

    fn add(&mut self, file: &str) -> Result<(), MessagesError> {
        let fault = |reason: String| MessagesError::new(self.language, reason);
        let resource = FluentResource::try_new(file.to_owned())
            .map_err(|(_, errors)| fault(format!("{errors:?}")))?;
        let ids: Vec<String> = resource
            .entries()
            .filter_map(|entry| match entry {
                Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            })
            .collect();
        self.bundle
            .add_resource(resource)
            .map_err(|errors| fault(format!("{errors:?}")))?;
        for id in ids {
            let name = id.replace('-', "_");
            match self.format(&id, None) {
                Some(text) => {
                    let text = Value::from_safe_string(escape(&text));
                    self.plain.insert(name, text);
                }
                None => {
                    self.formatted.insert(name, id);
                }
            }
        }
        Ok(())
    }

    /// Sees that no text of another language is missing here, and that those with arguments there
    /// have arguments here.
    ///
    /// # Errors
    /// The first name that is missing.
    pub(super) fn has_the_names_of(&self, other: &Messages) -> Result<(), MessagesError> {
        let plain = other
            .plain
            .keys()
            .filter(|&name| !self.plain.contains_key(name));
        let formatted = other
            .formatted
            .keys()
            .filter(|&name| !self.formatted.contains_key(name));
        match plain.chain(formatted).next() {
            None => Ok(()),
            Some(name) => Err(MessagesError::new(
                self.language,
                format!("`{name}` is not as in `{}`", other.language.tag()),
            )),
        }
    }

    /// Nothing if the message is unknown or lacks an argument.
    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    fn format_html(&self, name: &str, arguments: &Kwargs) -> Result<Value, Error> {
        if let Some(text) = self.plain.get(name) {
            return Ok(text.clone());
        }
        let id = self.formatted.get(name).ok_or_else(|| unknown(name))?;
        let mut fluent = FluentArgs::new();
        for key in arguments.args() {
            let value: Value = arguments.peek(key)?;
            fluent.set(key.to_owned(), argument(&value));
        }
        let text = self.format(id, Some(&fluent)).ok_or_else(|| {
            Error::new(
                ErrorKind::MissingArgument,
                format!("message `{name}` lacks an argument"),
            )
        })?;
        Ok(Value::from_safe_string(isolates_to_html(&text)))
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("plain", &self.plain.len())
            .field("formatted", &self.formatted.len())
            .finish_non_exhaustive()
    }
}

impl Object for Messages {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.plain.get(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.plain.get(key).cloned()
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if method == "of" {
            let (name, arguments): (&str, Kwargs) = from_args(arguments)?;
            return self.format_html(&name.replace('-', "_"), &arguments);
        }
        let (arguments,): (Kwargs,) = from_args(arguments)?;
        self.format_html(method, &arguments)
    }
}

/// A Fluent file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("messages of language `{language}`: {reason}")]
pub struct MessagesError {
    language: &'static str,
    reason: String,
}

impl MessagesError {
    fn new(language: Language, reason: String) -> MessagesError {
        MessagesError {
            language: language.tag(),
            reason,
        }
    }
}

fn unknown(name: &str) -> Error {
    Error::new(
        ErrorKind::UnknownMethod,
        format!("there is no message `{name}`"),
    )
}

fn argument(value: &Value) -> FluentValue<'static> {
    match value.as_i64() {
        Some(number) => FluentValue::from(number),
        None => FluentValue::from(without_direction_controls(&value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_one_language_lacks_is_told() {
        let english = Messages::of(Language::English, ["hello = Hello\n", "bye = Bye\n"]);
        let english = english.expect("parses");
        let german = Messages::of(Language::German, ["hello = Hallo\n"]).expect("parses");
        assert!(english.has_the_names_of(&german).is_ok());
        let error = german.has_the_names_of(&english).expect_err("bye");
        assert!(error.to_string().contains("`bye`"), "{error}");
    }

    #[test]
    fn a_name_that_two_files_have_is_refused() {
        let twice = Messages::of(Language::English, ["hello = Hello\n", "hello = Hi\n"]);
        assert!(twice.is_err());
    }

    #[test]
    fn an_argument_is_isolated_and_inert() {
        let messages = Messages::of(Language::English, ["hello = Hello { $name }, welcome\n"])
            .expect("parses");
        let arguments = |name: &str| Kwargs::from_iter([("name", Value::from(name))]);
        for (name, expected) in [
            ("Ada", "Hello <bdi>Ada</bdi>, welcome"),
            ("<b>&", "Hello <bdi>&lt;b&gt;&amp;</bdi>, welcome"),
            ("a\u{2069}\u{202E}b\u{2068}", "Hello <bdi>ab</bdi>, welcome"),
        ] {
            let html = messages
                .format_html("hello", &arguments(name))
                .expect("formats");
            assert_eq!(html.as_str(), Some(expected));
            assert!(html.is_safe());
        }
    }

    #[test]
    fn a_missing_argument_and_an_unknown_message_are_errors() {
        let messages =
            Messages::of(Language::English, ["hello = Hello { $name }\n"]).expect("parses");
        let nothing = Kwargs::from_iter(std::iter::empty::<(&str, Value)>());
        assert!(messages.format_html("hello", &nothing).is_err());
        assert!(messages.format_html("other", &nothing).is_err());
    }
}
