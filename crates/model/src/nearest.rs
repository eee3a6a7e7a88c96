//! "Did you mean": the known name closest to what was typed.

/// The candidate with the fewest edits to `typed`, if that is few enough to be a slip of the pen; ties go to the first.
///
/// ```
/// assert_eq!(malar_model::nearest::nearest("slendai", ["pga", "sledai"]), Some("sledai"));
/// assert_eq!(malar_model::nearest::nearest("weight", ["pga", "sledai"]), None);
/// ```
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 1 + typed.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (edits(&typed.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, a swap of neighbours counting one (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = [
        vec![0; b.len() + 1],
        (0..=b.len()).collect::<Vec<usize>>(),
        vec![0; b.len() + 1],
    ];
    for i in 1..=a.len() {
        rows[2][0] = i;
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[1][j - 1] + cost).min(rows[1][j] + 1).min(rows[2][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[0][j - 2] + 1);
            }
            rows[2][j] = best;
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

/// A help sentence naming the nearest candidate, or all of them if they are few, or the first few.
pub fn suggestion<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    const SHOWN: usize = 12;
    if let Some(name) = nearest(typed, candidates.clone()) {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<&str> = candidates.into_iter().collect();
    match names.len() {
        0 => "no name can be used here".to_owned(),
        n if n <= SHOWN => format!("known names: `{}`", names.join("`, `")),
        n => format!("known names: `{}` and {} more", names[..SHOWN].join("`, `"), n - SHOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("weeks", "weeks"), 0);
    }
}
