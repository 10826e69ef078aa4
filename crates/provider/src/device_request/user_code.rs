//! The code that a person reads off a device and types (RFC 8628, section 6.1): 8 letters of an
//! alphabet without vowels, so that it spells nothing, and without digits, so that none is taken
//! for a letter. That is 34 bits, which is why wrong codes are counted.

use std::fmt;

use countersign_jose::random::Random;
use countersign_store::SecretHash;

/// A user code, as typed or as made.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// Draws one; each is as likely as any other.
    pub fn generate(random: &dyn Random) -> UserCode {
        let mut code = [0; LENGTH];
        for letter in &mut code {
            *letter = loop {
                let mut byte = [0];
                random.fill(&mut byte);
                let [byte] = byte;
                if let Some(letter) = letter_of(byte) {
                    break letter;
                }
            };
        }
        UserCode(code)
    }

    /// Reads what a person typed, without regard to case, dashes, blanks and other punctuation (RFC
    /// 8628, section 6.1). `None` for what no code looks like.
    pub fn parse(typed: &str) -> Option<UserCode> {
        let letters = typed.chars().map(narrow).filter(|c| c.is_alphanumeric());
        let mut code = Vec::with_capacity(LENGTH);
        for letter in letters {
            let letter = u8::try_from(letter.to_ascii_uppercase()).ok()?;
            if code.len() == LENGTH || !ALPHABET.contains(&letter) {
                return None;
            }
            code.push(letter);
        }
        Some(UserCode(code.try_into().ok()?))
    }

    /// What the store receives.
    pub fn hash(&self) -> SecretHash {
        let mut text = b"device user code ".to_vec();
        text.extend_from_slice(&self.0);
        SecretHash::of(&text)
    }

    /// As the device shows it: `WDJB-MJHT`.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        let letters = |half: &[u8]| half.iter().copied().map(char::from).collect::<String>();
        format!("{}-{}", letters(first), letters(second))
    }
}

/// Never in a log.
impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

/// RFC 8628, section 6.1.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

const LENGTH: usize = 8;

/// The letter of a random byte; `None` for the last few values, which would make some letters
/// likelier.
fn letter_of(byte: u8) -> Option<u8> {
    let number = usize::from(byte);
    let even = 256 - 256 % ALPHABET.len();
    let letter = ALPHABET.get(number % ALPHABET.len()).copied();
    letter.filter(|_| number < even)
}

/// The ASCII character of a full-width one, which some keyboards write.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use countersign_jose::random::SeededRandom;

    use super::*;

    #[test]
    fn a_code_is_eight_letters_of_the_alphabet_with_a_dash() {
        let random = SeededRandom::new(1);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1_000 {
            let code = UserCode::generate(&random);
            let shown = code.shown();
            assert_eq!((shown.len(), shown.find('-')), (9, Some(4)), "{shown}");
            seen.extend(shown.bytes().filter(|byte| *byte != b'-'));
            assert_eq!(UserCode::parse(&shown), Some(code));
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ALPHABET);
    }

    #[test]
    fn each_letter_has_as_many_bytes() {
        for letter in ALPHABET {
            let bytes = (0..=255).filter(|byte| letter_of(*byte) == Some(*letter));
            assert_eq!(bytes.count(), 12);
        }
    }

    #[test]
    fn case_dashes_blanks_and_punctuation_do_not_matter() {
        let code = UserCode::parse("WDJB-MJHT");
        assert!(code.is_some());
        for typed in [
            "wdjbmjht",
            " WDJB MJHT ",
            "W-D-J-B-M-J-H-T",
            "wdjb—mjht",
            "WDJB\u{a0}MJHT\u{200b}",
            "\"WDJB.MJHT\"",
            "ＷＤＪＢ－ＭＪＨＴ",
        ] {
            assert_eq!(UserCode::parse(typed), code, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in [
            "",
            "----",
            "WDJB-MJH",
            "WDJB-MJHTB",
            "ADJB-MJHT", // a vowel
            "WDJ8-MJHT", // a digit
            "WDJB-MJHÄ",
            "ЖDJB-MJHT",
            &"W".repeat(10_000),
        ] {
            assert_eq!(UserCode::parse(typed), None, "{typed:?}");
        }
    }
}
