//! What may have been meant by a name that doesn't exist.

/// The candidates that are at most `max_edits` away from `name`, nearest first.
#[must_use]
pub fn near<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    max_edits: usize,
) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(edits, _)| *edits <= max_edits)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The number of single-character edits between two names (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (j, b) in right.chars().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or_default();
            let cost = (diagonal + usize::from(a != b))
                .min(above + 1)
                .min(previous + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = previous;
            }
            previous = cost;
        }
        if let Some(last) = row.last_mut() {
            *last = previous;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn near_names_come_nearest_first_and_far_ones_not_at_all() {
        let known = ["code_expired", "code_replayed", "host_missing"];
        assert_eq!(
            near("code_replaid", known, 8),
            ["code_replayed", "code_expired"]
        );
        assert_eq!(near("code_replaid", known, 3), ["code_replayed"]);
        assert!(near("wholly", known, 3).is_empty());
    }
}
