//! What a template sees: what all pages of a language have in common, then the page's own data.

use std::sync::Arc;

use minijinja::value::{Object, Value};

use super::assets::{mark_path, stylesheet_path};
use super::language::Language;
use super::messages::Messages;
use super::scripts::Script;

/// What all pages of one language have in common.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    messages: Value,
    language: Value,
    pub site_name: Value,
    base_path: Value,
    stylesheet: Value,
    mark: Value,
    submit_script: Value,
    password_script: Value,
}

impl Frame {
    /// The frame in a language, with its texts, below no base path.
    pub fn new(language: Language, messages: Messages) -> Frame {
        let mut frame = Frame {
            messages: Value::from_object(messages),
            language: Value::from(language.tag()),
            site_name: Value::from("Countersign"),
            base_path: Value::from(""),
            stylesheet: Value::from(""),
            mark: Value::from(""),
            submit_script: source(Script::SubmitForm),
            password_script: source(Script::ShowPasswords),
        };
        frame.set_base_path("");
        frame
    }

    pub fn set_base_path(&mut self, base_path: &str) {
        self.base_path = Value::from(base_path);
        self.stylesheet = Value::from(format!("{base_path}{}", stylesheet_path()));
        self.mark = Value::from(format!("{base_path}{}", mark_path()));
    }
}

fn source(script: Script) -> Value {
    Value::from_safe_string(script.source().to_owned())
}

/// What a template sees: the frame's names, then the view's.
#[derive(Debug)]
pub(super) struct Context {
    pub frame: Arc<Frame>,
    pub view: Value,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let frame = &self.frame;
        let value = match key {
            "t" => &frame.messages,
            "lang" => &frame.language,
            "site_name" => &frame.site_name,
            "base_path" => &frame.base_path,
            "stylesheet" => &frame.stylesheet,
            "mark" => &frame.mark,
            "submit_script" => &frame.submit_script,
            "password_script" => &frame.password_script,
            _ => {
                return self
                    .view
                    .get_attr(key)
                    .ok()
                    .filter(|value| !value.is_undefined());
            }
        };
        Some(value.clone())
    }
}
