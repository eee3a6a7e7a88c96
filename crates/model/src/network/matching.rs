//! Which quantity each algebraic rule determines: a matching of equations and unknowns.

use std::collections::BTreeSet;

/// For each equation the unknown it determines, by augmenting paths (Kuhn 1955); `None` if there are too few unknowns.
///
/// `preferred[e]` and `possible[e]` are what equation `e` uses; preferred unknowns are taken where they suffice.
pub(super) fn matching<'a>(preferred: &[BTreeSet<&'a str>], possible: &[BTreeSet<&'a str>]) -> Option<Vec<&'a str>> {
    let mut owner: Vec<(&str, usize)> = Vec::new();
    for equation in 0..possible.len() {
        let found = augment(equation, preferred, &mut owner) || augment(equation, possible, &mut owner);
        if !found {
            return None;
        }
    }
    let of = |equation| owner.iter().find(|o| o.1 == equation).map(|o| o.0);
    (0..possible.len()).map(of).collect()
}

/// Gives `equation` an unknown, moving owners along an alternating path found breadth first.
fn augment<'a>(equation: usize, uses: &[BTreeSet<&'a str>], owner: &mut Vec<(&'a str, usize)>) -> bool {
    let mut reached: Vec<(&str, usize)> = Vec::new();
    let mut pending = std::collections::VecDeque::from([equation]);
    while let Some(at) = pending.pop_front() {
        for &unknown in &uses[at] {
            if reached.iter().any(|r| r.0 == unknown) {
                continue;
            }
            reached.push((unknown, at));
            match owner.iter().find(|o| o.0 == unknown) {
                Some(&(_, next)) => pending.push_back(next),
                None => {
                    turn(unknown, equation, &reached, owner);
                    return true;
                }
            }
        }
    }
    false
}

/// Walks back from a free unknown to the equation, handing each unknown to the equation that reached it.
fn turn<'a>(free: &'a str, start: usize, reached: &[(&'a str, usize)], owner: &mut Vec<(&'a str, usize)>) {
    let mut unknown = free;
    loop {
        let by = reached.iter().find(|r| r.0 == unknown).expect("it was reached").1;
        let before = owner.iter().find(|o| o.1 == by).map(|o| o.0);
        owner.retain(|o| o.0 != unknown && o.1 != by);
        owner.push((unknown, by));
        match before {
            Some(before) if by != start => unknown = before,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_equation_moves_the_first_to_another_unknown() {
        let uses = [BTreeSet::from(["x", "y"]), BTreeSet::from(["x"])];
        assert_eq!(matching(&uses, &uses), Some(vec!["y", "x"]));
        let short = [BTreeSet::from(["x"]), BTreeSet::from(["x"])];
        assert_eq!(matching(&short, &short), None);
    }

    #[test]
    fn preferred_unknowns_are_taken_where_they_suffice() {
        let (preferred, possible) = ([BTreeSet::from(["y"])], [BTreeSet::from(["x", "y"])]);
        assert_eq!(matching(&preferred, &possible), Some(vec!["y"]));
        assert_eq!(matching(&[BTreeSet::new()], &possible), Some(vec!["x"]));
    }
}
