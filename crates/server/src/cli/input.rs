//! What commands read: secrets and files from standard input, never secrets from arguments, which every user of the machine can see.

use std::io::{IsTerminal, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::exit_code::ExitCode;
use super::failure::Failure;

/// More than any file that is read here needs.
const MOST_BYTES: u64 = 1_048_576;

/// Reads a file, or standard input for `-`.
pub fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Failure::new(
            ExitCode::Refused,
            format!("can't read {}: {error}.", path.display()),
        )
    })?;
    Ok(bytes)
}

/// Reads a secret from standard input, up to its end, without the newline that ends it.
pub fn secret() -> Result<Zeroizing<String>, Failure> {
    let bytes = file(Path::new("-"))?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Failure::refused("standard input is not UTF-8."))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(Zeroizing::new(
        text.strip_suffix('\r').unwrap_or(text).to_owned(),
    ))
}

/// Goes on if `--yes` was given, or if the person at the terminal says so; without a terminal nobody can be asked.
pub fn confirm(yes: bool, what: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let needed = |message: String| Err(Failure::new(ExitCode::ConfirmationNeeded, message));
    if !std::io::stdin().is_terminal() {
        return needed(format!("this would {what}. Add --yes to go ahead."));
    }
    eprint!("This will {what}. Type yes to go ahead: ");
    _ = std::io::stderr().flush();
    let mut answer = String::new();
    _ = std::io::stdin().read_line(&mut answer);
    if answer.trim() == "yes" {
        Ok(())
    } else {
        needed("nothing was changed.".to_owned())
    }
}
