//! Comparison that takes the same time wherever two secrets differ.

/// True if both slices have the same length and content.
///
/// The time depends on the lengths only, so compare digests, or secrets of a length that is public.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::constant_time_eq;

    #[test]
    fn equal_means_same_length_and_same_bytes() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"secret", b"secret"));
        assert!(!constant_time_eq(b"secret", b"Secret"));
        assert!(!constant_time_eq(b"secret", b"secreT"));
        assert!(!constant_time_eq(b"secret", b"secret0"));
        assert!(!constant_time_eq(b"secret", b""));
    }
}
