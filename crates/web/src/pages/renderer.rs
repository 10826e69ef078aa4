//! Templates compiled once, rendered to pages with their headers.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::Environment;
use minijinja::value::Value;

use super::content_security_policy::ContentSecurityPolicy;
use super::contribution::PageSet;
use super::environment::environment;
use super::frame::{Context, Frame};
use super::language::Language;
use super::messages::Messages;
use super::pages_error::PagesError;
use super::rendered_page::RenderedPage;
use super::shared::SHARED;
use super::view::View;

/// Renders pages. Made once; cheap to share.
#[derive(Debug)]
pub struct Pages {
    environment: Environment<'static>,
    english: Arc<Frame>,
    german: Arc<Frame>,
}

impl Pages {
    /// Compiles the templates of `sets` and of this crate, each of `overrides` (source by name,
    /// such as `login.html`) instead of the embedded one, and renders every page once to see that
    /// it can be.
    ///
    /// Names that begin with `_` are the operator's own templates, to be included by others.
    ///
    /// # Errors [`PagesError::Template`] with file and line; [`PagesError::UnknownTemplate`] for a
    /// name that replaces nothing; [`PagesError::Messages`] if a set's texts are not the same in
    /// every language.
    pub fn new(
        sets: &[PageSet],
        overrides: Option<HashMap<String, String>>,
    ) -> Result<Pages, PagesError> {
        let mut all = vec![SHARED];
        all.extend(sets);
        let english = Messages::of(Language::English, texts(&all, Language::English))?;
        let german = Messages::of(Language::German, texts(&all, Language::German))?;
        german.has_the_names_of(&english)?;
        english.has_the_names_of(&german)?;
        let pages = Pages {
            environment: environment(&all, overrides.unwrap_or_default())?,
            english: Arc::new(Frame::new(Language::English, english)),
            german: Arc::new(Frame::new(Language::German, german)),
        };
        for language in Language::ALL {
            for set in &all {
                (set.samples)(&mut |view| pages.render(view, language).map(drop))?;
            }
        }
        Ok(pages)
    }

    /// Puts the assets below `base_path`, such as `/auth`; empty for none. A trailing slash is left
    /// out.
    pub fn with_base_path(mut self, base_path: &str) -> Pages {
        self.each_frame(|frame| frame.set_base_path(base_path.trim_end_matches('/')));
        self
    }

    /// Shows `name` at the head of every page instead of "Countersign".
    pub fn with_site_name(mut self, name: &str) -> Pages {
        self.each_frame(|frame| frame.site_name = Value::from(name));
        self
    }

    /// Renders a page.
    ///
    /// # Errors
    /// Returns [`PagesError::Template`] if an override fails on just this data.
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
        if view.may_lead_to_client() {
            policy.let_forms_lead_anywhere();
        }
        if let Some(script) = view.script() {
            policy.allow_script(script.hash());
        }
        for frame in view.frames() {
            policy.allow_frames_of(frame.origin().ascii_serialization());
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

fn texts(sets: &[PageSet], language: Language) -> impl Iterator<Item = &'static str> {
    sets.iter().map(move |set| (set.texts)(language))
}
