//! Reading a secret at a terminal without showing it.
//!
//! While it is read the terminal gives us every key, Ctrl-C included, so that it is set back to
//! what it was whatever the person presses: a signal would end the process and leave the shell
//! without an echo.

use std::io::{self, Read, Write};

use rustix::stdio::stdin;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use zeroize::Zeroizing;

/// A secret of more bytes is not typed by hand.
const MAX_BYTES: usize = 4096;

/// Shows `prompt` and reads a line from the process's terminal. `None` if it was interrupted by
/// Ctrl-C, or ended by Ctrl-D before anything was typed.
///
/// # Errors
/// Returns [`io::Error`] if standard input is not a terminal or can't be read.
pub fn read_hidden(prompt: &str, errors: &mut dyn Write) -> io::Result<Option<Zeroizing<String>>> {
    write!(errors, "{prompt}")?;
    errors.flush()?;
    let hidden = Hidden::start()?;
    let line = read_line(&mut io::stdin().lock());
    drop(hidden);
    writeln!(errors)?;
    line
}

/// The terminal without echo. Dropping it sets it back.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut hidden = before.clone();
        hidden
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        // What was typed ahead was shown, so it is thrown away.
        tcsetattr(stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // There is no one left to tell.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

fn read_line(keys: &mut dyn Read) -> io::Result<Option<Zeroizing<String>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_BYTES));
    let mut key = [0];
    loop {
        if keys.read(&mut key)? == 0 {
            break;
        }
        match key[0] {
            b'\r' | b'\n' => break,
            INTERRUPT => return Ok(None),
            END if line.is_empty() => return Ok(None),
            END => break,
            KILL => line.clear(),
            BACKSPACE | DELETE => erase(&mut line),
            _ if line.len() == MAX_BYTES => {}
            byte => line.push(byte),
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// Removes the last character, however many bytes it has.
fn erase(line: &mut Vec<u8>) {
    while line
        .pop()
        .is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000)
    {}
}

const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const KILL: u8 = 0x15;
const DELETE: u8 = 0x7f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_at_return_and_can_be_corrected() {
        let read = |keys: &[u8]| {
            let line = read_line(&mut &*keys).expect("reads");
            line.map(|line| line.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read(b"secret\rmore"), some("secret"));
        assert_eq!(read(b"secrex\x7ft\n"), some("secret"));
        assert_eq!(read("Zü\u{7f}ü\n".as_bytes()), some("Zü"));
        assert_eq!(read(b"wrong\x15right\n"), some("right"));
        assert_eq!(read(b"\x08\x08a\n"), some("a"));
        assert_eq!(read(b"half\x04"), some("half"));
        assert_eq!(read(b"\n"), some(""));
        assert_eq!(read(b"half\x03"), None);
        assert_eq!(read(b"\x04"), None);
        assert!(read_line(&mut &b"\xff\n"[..]).is_err());
    }
}
