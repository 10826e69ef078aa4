//! How easily a password is guessed from what everyone knows: common passwords (the blocklist of
//! NIST SP 800-63B-4, section 3.1.1.2), walks over the keyboard, sequences, repetitions, years, and
//! the account's own names.
//!
//! The password is cut into the pieces that take the fewest choices to write down. A character that
//! follows from nothing is one choice; a common word is two, because there are a few thousand of
//! them; a sequence, a walk, a run of one character, a year or an own name is one. `password1234!`
//! is four choices, `123456789012` one, `passwordpassword` three. With fewer than [`MIN_CHOICES`] a
//! password is guessed in the first tries, however long it is.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// The fewest choices of a password that is accepted: as many as eight random characters have.
pub(super) const MIN_CHOICES: u32 = 8;

/// Common passwords and the words that they are made of, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("common.txt").lines();
    let words = lines.filter(|line| !line.starts_with('#'));
    words.flat_map(str::split_whitespace).collect()
});

/// The longest line of the list, in characters.
static LONGEST: LazyLock<usize> = LazyLock::new(|| {
    COMMON
        .iter()
        .map(|word| word.chars().count())
        .max()
        .unwrap_or(0)
});

/// Rows, columns and zigzags of the keyboards that people use. They are read backwards too.
const KEYBOARDS: [&str; 12] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiopü",
    "asdfghjklöä",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qazwsxedcrfvtgbyhnujmik",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
];

static WALKS: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
    let forwards = KEYBOARDS.iter().map(|keys| keys.chars().collect());
    let backwards = KEYBOARDS.iter().map(|keys| keys.chars().rev().collect());
    forwards.chain(backwards).collect()
});

/// A walk or a sequence of fewer characters is what it looks like: single characters.
const MIN_WALK: usize = 4;

/// How many characters of a password are looked at: more are choices enough, or repeat.
const MAX_CHARACTERS: usize = 128;

/// The number of choices that it takes to write the password down, for someone who knows
/// `own_names`.
pub(super) fn choices(password: &str, own_names: &[String]) -> u32 {
    let plain: Vec<char> = folded(password).chars().take(MAX_CHARACTERS).collect();
    let unleeted: Vec<char> = plain.iter().map(|&character| unleet(character)).collect();
    let own: Vec<Vec<char>> = own_names
        .iter()
        .map(|name| folded(name).chars().collect())
        .collect();
    let text = Text {
        plain,
        unleeted,
        own,
    };
    let whole = text.choices(text.plain.len());
    match period(&text.plain) {
        // The unit, and that it is repeated.
        Some(unit) => whole.min(text.choices(unit) + 1),
        None => whole,
    }
}

/// A password as it is compared: in lower case, with compatibility characters as their usual form.
fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// The letter that a digit or sign stands for in `p@ssw0rd`.
fn unleet(character: char) -> char {
    match character {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        other => other,
    }
}

/// The length of the unit that the text repeats throughout, if it does.
fn period(text: &[char]) -> Option<usize> {
    (1..=text.len() / 2).find(|&unit| {
        text.iter()
            .skip(unit)
            .eq(text.iter().take(text.len() - unit))
    })
}

struct Text {
    plain: Vec<char>,
    unleeted: Vec<char>,
    own: Vec<Vec<char>>,
}

impl Text {
    /// The fewest choices for the first `length` characters: the best way to each position is the
    /// best way to an earlier one and one piece from there.
    fn choices(&self, length: usize) -> u32 {
        let mut best = vec![0; length + 1];
        for end in 1..=length {
            let one_character = best[end - 1] + 1;
            let pieces = best[..end - 1].iter().enumerate();
            let pieces =
                pieces.filter_map(|(start, before)| Some(before + self.piece(start, end)?));
            let fewest = pieces.min().unwrap_or(one_character).min(one_character);
            best[end] = fewest;
        }
        best[length]
    }

    /// The choices of one piece that is more than a character; `None` where it follows from
    /// nothing.
    fn piece(&self, start: usize, end: usize) -> Option<u32> {
        let plain = &self.plain[start..end];
        if is_run(plain) || is_walk(plain) || is_year(plain) || self.is_own(plain) {
            return Some(1);
        }
        if self.is_common(start, end) {
            return Some(2);
        }
        // What was written already, once more.
        let repeats = plain.len() >= 3
            && self.plain[..start]
                .windows(plain.len())
                .any(|seen| seen == plain);
        repeats.then_some(1)
    }

    fn is_own(&self, piece: &[char]) -> bool {
        self.own.iter().any(|name| is_or_is_reversed(name, piece))
    }

    fn is_common(&self, start: usize, end: usize) -> bool {
        if !(3..=*LONGEST).contains(&(end - start)) {
            return false;
        }
        [&self.plain[start..end], &self.unleeted[start..end]]
            .into_iter()
            .any(|piece| {
                let forwards: String = piece.iter().collect();
                let backwards: String = piece.iter().rev().collect();
                COMMON.contains(forwards.as_str()) || COMMON.contains(backwards.as_str())
            })
    }
}

fn is_or_is_reversed(name: &[char], piece: &[char]) -> bool {
    name == piece || name.iter().rev().eq(piece)
}

fn is_run(piece: &[char]) -> bool {
    piece.len() >= 3 && piece.windows(2).all(|pair| pair[0] == pair[1])
}

fn is_walk(piece: &[char]) -> bool {
    piece.len() >= MIN_WALK && (is_sequence(piece) || is_keyboard_walk(piece))
}

/// `abcd`, `4321`, `67890123`: each character is the next, or each the one before; 0 comes after 9.
fn is_sequence(piece: &[char]) -> bool {
    let follows = |first: char, second: char| match (first, second) {
        ('9', '0') => true,
        (first, second) => first.is_alphanumeric() && u32::from(first) + 1 == u32::from(second),
    };
    piece.windows(2).all(|pair| follows(pair[0], pair[1]))
        || piece.windows(2).all(|pair| follows(pair[1], pair[0]))
}

fn is_keyboard_walk(piece: &[char]) -> bool {
    let mut walks = WALKS.iter();
    walks.any(|keys| keys.windows(piece.len()).any(|walk| walk == piece))
}

/// A year that people choose: 1900 to 2099.
fn is_year(piece: &[char]) -> bool {
    matches!(piece, ['1', '9', a, b] | ['2', '0', a, b] if a.is_ascii_digit() && b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_has_few_choices() {
        for password in [
            "123456789012",
            "passwordpassword",
            "password1234",
            "Password1234!",
            "P@ssw0rd2024!!",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
            "zaq12wsxzaq1",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "210987654321",
            "iloveyou2024",
            "iloveyou1234567",
            "letmeinletmein",
            "drowssapdrowssap",
            "monkeymonkey1",
            "asdfghjkl123",
            "111111222222",
            "administrator1",
            "Welcome2024!!",
            "Sommer2024!!",
            "football2023!",
            "michaelmichael",
            "correcthorsebatterystaple",
            "qwertyqwertyqwerty",
            "!!!!!!!!!!!!",
            "            ",
            "xkqjvwxkqjvw",
            "changemechangeme",
            "supersecretpassword",
            "1234567890qwerty",
            "ｐａｓｓｗｏｒｄ1234",
        ] {
            let choices = choices(password, &[]);
            assert!(choices < MIN_CHOICES, "{password}: {choices}");
        }
    }

    #[test]
    fn what_somebody_made_up_has_enough() {
        for password in [
            "correct horse battery",
            "a long enough password",
            "canary of a new password",
            "tr0ub4dor&3xkpq",
            "k7#mQ2v!x9Lp",
            "zebra lantern quiet forty",
            "Grüße aus der Wanne",
            "xkqjvwmtrhzp",
            "8364920571643",
            "another horse battery",
            "лето прошло незаметно",
            "正しい馬電池ホチキスですね",
        ] {
            let choices = choices(password, &[]);
            assert!(choices >= MIN_CHOICES, "{password}: {choices}");
        }
    }

    #[test]
    fn own_names_are_single_choices() {
        let own: Vec<String> = ["kowalczyk", "zdzislawa", "acme-widgets.example"]
            .map(str::to_owned)
            .to_vec();
        for password in [
            "kowalczyk1984",
            "Zdzislawa.Kowalczyk1",
            "acme-widgets.example!",
            "kyzclawok2024",
        ] {
            assert!(choices(password, &own) < MIN_CHOICES, "{password}");
            assert!(choices(password, &[]) >= MIN_CHOICES, "{password}");
        }
    }

    #[test]
    fn a_password_of_the_greatest_length_is_judged_in_no_time() {
        let started = std::time::Instant::now();
        for password in [
            "a".repeat(1024),
            "abcdefgh1".repeat(100),
            "xkqjvwmtrhzp".repeat(80),
        ] {
            assert!(choices(&password, &[]) > 0);
        }
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
