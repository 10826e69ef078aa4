//! Which RSA public keys are acceptable.

use super::KeyError;

/// Smaller moduli are refused (RFC 7518, section 3.3: "2048 bits or larger MUST be used").
pub const MIN_RSA_BITS: usize = 2048;

/// Larger moduli are refused: the cost of a verification grows with the square.
pub const MAX_RSA_BITS: usize = 8192;

/// Refuses a modulus of the wrong size, an even one, an exponent that is even, one or longer than
/// four octets, and the moduli of CVE-2017-15361.
pub(super) fn check(n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    let bits = bit_length(n);
    if bits < MIN_RSA_BITS {
        return Err(KeyError::RsaModulusTooSmall { bits });
    }
    if bits > MAX_RSA_BITS {
        return Err(KeyError::RsaModulusTooLarge { bits });
    }
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|byte| byte & 1 == 1);
    if !odd(e) || e.len() > 4 || e == [1] {
        return Err(KeyError::InvalidMember("e"));
    }
    if !odd(n) {
        return Err(KeyError::InvalidMember("n"));
    }
    if is_guessable(n) {
        return Err(KeyError::GuessableRsaModulus);
    }
    Ok(())
}

fn bit_length(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(first) => bytes.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

/// True for moduli made by the library of CVE-2017-15361 ("ROCA"): its primes are
/// `k * M + (65537^a mod M)` with `M` the product of the first primes, so the modulus is a power of
/// 65537 in every small prime's field. A modulus made otherwise passes by chance once in about
/// 2^27.
fn is_guessable(n: &[u8]) -> bool {
    SMALL_PRIMES
        .iter()
        .all(|&prime| is_power_of_65537(remainder(n, prime), prime))
}

/// The odd primes that divide `M` for every modulus from 512 bits on.
const SMALL_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

fn remainder(n: &[u8], prime: u32) -> u32 {
    n.iter()
        .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime)
}

fn is_power_of_65537(value: u32, prime: u32) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{bit_length, check, is_power_of_65537, remainder};
    use crate::jwk::KeyError;

    #[test]
    fn sizes_and_exponents_out_of_bounds_are_refused() {
        let modulus = |bytes: usize| {
            let mut n = vec![0xc3; bytes];
            n[bytes - 1] = 0x35;
            n
        };
        let e = [1, 0, 1];
        assert_eq!(check(&modulus(256), &e), Ok(()));
        assert_eq!(check(&modulus(256), &[3]), Ok(()));
        assert_eq!(check(&modulus(1024), &e), Ok(()));
        assert_eq!(
            check(&modulus(255), &e),
            Err(KeyError::RsaModulusTooSmall { bits: 2040 })
        );
        assert_eq!(
            check(&modulus(1025), &e),
            Err(KeyError::RsaModulusTooLarge { bits: 8200 })
        );
        for e in [&[1][..], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1], &[]] {
            assert_eq!(
                check(&modulus(256), e),
                Err(KeyError::InvalidMember("e")),
                "{e:?}"
            );
        }
        let mut even = modulus(256);
        even[255] = 0x34;
        assert_eq!(check(&even, &e), Err(KeyError::InvalidMember("n")));
    }

    #[test]
    fn a_power_of_65537_is_a_guessable_modulus() {
        // 65537^n for a large n has the fingerprint by construction; 129 * 16 bits are enough for
        // the size check.
        let mut n = vec![1_u8];
        for _ in 0..129 {
            // times 65537 is: shifted by two octets, plus itself
            let mut next = vec![0; n.len() + 2];
            let mut carry = 0_u16;
            for place in 0..next.len() {
                let from_end = |bytes: &[u8], place: usize| {
                    bytes
                        .len()
                        .checked_sub(place + 1)
                        .map_or(0, |at| u16::from(bytes[at]))
                };
                let shifted = if place < 2 {
                    0
                } else {
                    from_end(&n, place - 2)
                };
                let sum = shifted + from_end(&n, place) + carry;
                let at = next.len() - 1 - place;
                next[at] = (sum & 0xff) as u8;
                carry = sum >> 8;
            }
            n = next;
        }
        assert!(bit_length(&n) >= 2048);
        assert_eq!(check(&n, &[1, 0, 1]), Err(KeyError::GuessableRsaModulus));
    }

    #[test]
    fn small_arithmetic_is_right() {
        assert_eq!(remainder(&[1, 0], 7), 256 % 7);
        assert_eq!(bit_length(&[1, 0]), 9);
        // 65537 is 10 modulo 11, whose powers are 1 and 10.
        assert!(is_power_of_65537(10, 11));
        assert!(!is_power_of_65537(2, 11));
        assert!(!is_power_of_65537(0, 11));
    }
}
