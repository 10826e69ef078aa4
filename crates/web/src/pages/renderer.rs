//! Templates compiled once, rendered to pages with their headers.
//!
//! Everything that a template prints is escaped, unless it is a text of our own: neither `safe` nor
//! `autoescape false` in an override changes that. Rendering has a limit on its steps (fuel), so that a loop in an
//! override ends.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, Response, StatusCode};
use minijinja::value::{Object, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};

use super::assets::{SUBMIT_SCRIPT, mark_path, stylesheet_path, submit_script_hash};
use super::content_security_policy::{ContentSecurityPolicy, FormTarget};
use super::escape::{escape, is_plain};
use super::headers::set_page_headers;
use super::language::Language;
use super::messages::{Messages, MessagesError};
use super::view::View;
use super::{samples, templates};

/// Renders pages. Made once; cheap to share.
#[derive(Debug)]
pub struct Pages {
    environment: Environment<'static>,
    english: Arc<Frame>,
    german: Arc<Frame>,
}

impl Pages {
    /// Compiles the templates, each of `overrides` (source by name, such as `login.html`) in the place of the embedded
    /// one, and renders every page once to see that it can be.
    ///
    /// Names that begin with `_` are the operator's own, to be included by others.
    ///
    /// # Errors
    /// [`PagesError::Template`] with file and line; [`PagesError::UnknownTemplate`] for a name that replaces nothing.
    pub fn new(overrides: Option<HashMap<String, String>>) -> Result<Pages, PagesError> {
        let pages = Pages {
            environment: environment(overrides.unwrap_or_default())?,
            english: Arc::new(Frame::new(Language::English)?),
            german: Arc::new(Frame::new(Language::German)?),
        };
        for language in Language::ALL {
            samples::each(|view| pages.render(view, language).map(drop))?;
        }
        Ok(pages)
    }

    /// Puts the assets below `base_path`, such as `/auth`; empty for none. A trailing slash is left out.
    pub fn with_base_path(mut self, base_path: &str) -> Pages {
        self.each_frame(|frame| frame.set_base_path(base_path.trim_end_matches('/')));
        self
    }

    /// Shows `name` at the head of every page in the place of "Countersign".
    pub fn with_site_name(mut self, name: &str) -> Pages {
        self.each_frame(|frame| frame.site_name = Value::from(name));
        self
    }

    /// Renders a page.
    ///
    /// # Errors
    /// [`PagesError::Template`] if an override fails on just this data.
    pub fn render(&self, view: &dyn View, language: Language) -> Result<RenderedPage, PagesError> {
        let frame = match language {
            Language::English => &self.english,
            Language::German => &self.german,
        };
        let context = Value::from_object(Context {
            frame: Arc::clone(frame),
            view: view.context(),
        });
        let html = self
            .environment
            .get_template(view.template())
            .and_then(|template| template.render(context))
            .map_err(PagesError::of_template)?;

        let mut policy = ContentSecurityPolicy::default();
        for target in view
            .form_leads_to()
            .into_iter()
            .flatten()
            .filter_map(FormTarget::of)
        {
            policy.allow_form_target(target);
        }
        if view.submits_itself() {
            policy.allow_script(submit_script_hash());
        }
        Ok(RenderedPage {
            status: view.status(),
            html,
            language,
            policy,
        })
    }

    fn each_frame(&mut self, change: impl Fn(&mut Frame)) {
        for frame in [&mut self.english, &mut self.german] {
            let mut changed = Frame::clone(frame);
            change(&mut changed);
            *frame = Arc::new(changed);
        }
    }
}

/// A page, ready to be sent.
#[derive(Debug, Clone)]
pub struct RenderedPage {
    /// The status to answer with.
    pub status: StatusCode,
    /// The document.
    pub html: String,
    /// The language it is in.
    pub language: Language,
    /// What it may load and where it may post; more form targets can be allowed.
    pub policy: ContentSecurityPolicy,
}

impl RenderedPage {
    /// The headers of the answer.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(12);
        set_page_headers(&mut headers, self.language, &self.policy);
        headers
    }

    /// The whole answer. (axum takes it as a response as it is.)
    pub fn into_http(self) -> Response<String> {
        let headers = self.headers();
        let mut response = Response::new(self.html);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }

    /// A page without any template, for when rendering failed: says so, and the request's id.
    pub fn last_resort(request_id: &str) -> RenderedPage {
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Something went wrong</title>\
             <h1>Something went wrong</h1><p>The page could not be shown. Request: {}</p></html>",
            escape(request_id)
        );
        RenderedPage {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            html,
            language: Language::English,
            policy: ContentSecurityPolicy::default(),
        }
    }
}

/// Why pages cannot be made or rendered.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A template cannot be parsed, or fails when it is rendered.
    #[error("template {name}, line {line}: {reason}")]
    Template {
        /// The template's name.
        name: String,
        /// The line, counted from 1; 0 if none is known.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// An override replaces nothing.
    #[error(
        "template {name} replaces nothing: known are {}; names of your own begin with `_`",
        known_names()
    )]
    UnknownTemplate {
        /// The override's name.
        name: String,
    },
    /// A message file cannot be used.
    #[error(transparent)]
    Messages(#[from] MessagesError),
}

impl PagesError {
    fn of_template(error: Error) -> PagesError {
        // The innermost error knows the place; the outer ones only say which template included it.
        let mut innermost = &error;
        let mut next = std::error::Error::source(&error);
        while let Some(source) = next {
            if let Some(source) = source
                .downcast_ref::<Error>()
                .filter(|source| source.name().is_some())
            {
                innermost = source;
            }
            next = source.source();
        }
        let reason = match innermost.detail() {
            Some(detail) => format!("{}: {detail}", innermost.kind()),
            None => innermost.kind().to_string(),
        };
        PagesError::Template {
            name: innermost.name().unwrap_or("(unknown)").to_owned(),
            line: innermost.line().unwrap_or(0),
            reason,
        }
    }
}

fn known_names() -> String {
    let names: Vec<&str> = templates::EMBEDDED.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn environment(mut overrides: HashMap<String, String>) -> Result<Environment<'static>, PagesError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(always_escape);
    environment.remove_filter("safe");
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(MOST_STEPS));
    // Debug information would carry what people typed into error messages.
    environment.set_debug(false);
    for (name, source) in templates::EMBEDDED {
        match overrides.remove(*name) {
            Some(source) => environment.add_template_owned(*name, source),
            None => environment.add_template(name, source),
        }
        .map_err(PagesError::of_template)?;
    }
    for (name, source) in overrides {
        if !name.starts_with('_') {
            return Err(PagesError::UnknownTemplate { name });
        }
        environment
            .add_template_owned(name, source)
            .map_err(PagesError::of_template)?;
    }
    Ok(environment)
}

/// Prints values: safe strings as they are, everything else escaped, absent values as nothing.
fn always_escape(
    out: &mut Output<'_>,
    _state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match (value.as_str(), value.kind()) {
        (Some(text), _) if value.is_safe() || is_plain(text) => out.write_str(text)?,
        (Some(text), _) => out.write_str(&escape(text))?,
        (None, ValueKind::None | ValueKind::Undefined) => {}
        (None, _) => out.write_str(&escape(&value.to_string()))?,
    }
    Ok(())
}

/// What all pages of one language have in common.
#[derive(Debug, Clone)]
struct Frame {
    messages: Value,
    language: Value,
    site_name: Value,
    base_path: Value,
    stylesheet: Value,
    mark: Value,
    submit_script: Value,
}

impl Frame {
    fn new(language: Language) -> Result<Frame, PagesError> {
        let mut frame = Frame {
            messages: Value::from_object(Messages::embedded(language)?),
            language: Value::from(language.tag()),
            site_name: Value::from("Countersign"),
            base_path: Value::from(""),
            stylesheet: Value::from(""),
            mark: Value::from(""),
            submit_script: Value::from_safe_string(SUBMIT_SCRIPT.to_owned()),
        };
        frame.set_base_path("");
        Ok(frame)
    }

    fn set_base_path(&mut self, base_path: &str) {
        self.base_path = Value::from(base_path);
        self.stylesheet = Value::from(format!("{base_path}{}", stylesheet_path()));
        self.mark = Value::from(format!("{base_path}{}", mark_path()));
    }
}

/// What a template sees: the frame's names, then the view's.
#[derive(Debug)]
struct Context {
    frame: Arc<Frame>,
    view: Value,
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

/// A page takes a few hundred steps.
const MOST_STEPS: u64 = 50_000;
