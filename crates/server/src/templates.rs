//! The pages with the operator's own templates: the provider reads no files.

use std::collections::HashMap;
use std::path::Path;

use countersign_provider::pages::PAGES;
use countersign_web::pages::Pages;

use crate::configuration::Configuration;

/// The pages, with the operator's templates instead of those of the same name.
///
/// # Errors
/// Which file can't be read, or which template can't be compiled, with its line.
pub fn pages(configuration: &Configuration) -> Result<Pages, String> {
    let folder = configuration.pages.template_dir.as_deref();
    let overrides = folder.map(read_templates).transpose()?;
    let pages =
        Pages::new(&[PAGES], overrides).map_err(|error| format!("pages.template_dir: {error}"))?;
    Ok(match &configuration.pages.site_name {
        Some(name) => pages.with_site_name(name),
        None => pages,
    })
}

fn read_templates(folder: &Path) -> Result<HashMap<String, String>, String> {
    let unreadable =
        |path: &Path, error| format!("pages.template_dir: can't read {}: {error}", path.display());
    let mut templates = HashMap::new();
    for entry in folder
        .read_dir()
        .map_err(|error| unreadable(folder, error))?
    {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let is_template = path
            .extension()
            .is_some_and(|extension| extension == "html");
        if let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|_| is_template)
        {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            templates.insert(name.to_owned(), text);
        }
    }
    Ok(templates)
}
