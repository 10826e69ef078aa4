//! Where a deployment is looked for: the names that quickstart makes and every command finds, and
//! the command that names another.

use std::path::Path;

/// The file that is read if no other is named.
pub const DEFAULT_FILE: &str = "countersign.toml";

/// The folder that quickstart makes.
pub const QUICKSTART_FOLDER: &str = "countersign-data";

/// The command that prints a setup link for the deployment of that configuration file.
#[must_use]
pub fn setup_link_command(config: Option<&Path>) -> String {
    match config {
        None => "countersign setup-link".to_owned(),
        Some(path) => format!("countersign setup-link --config {}", quoted(path)),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%=".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_file_as_a_shell_takes_it() {
        for (path, command) in [
            ("a/b.toml", "countersign setup-link --config a/b.toml"),
            ("a b.toml", "countersign setup-link --config 'a b.toml'"),
            ("it's", r"countersign setup-link --config 'it'\''s'"),
        ] {
            assert_eq!(setup_link_command(Some(Path::new(path))), command);
        }
        assert_eq!(setup_link_command(None), "countersign setup-link");
    }
}
