//! Which quantity each algebraic rule determines: a matching of equations and unknowns.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// For each equation the unknown it determines, by augmenting paths (Kuhn 1955); `None` if there are too few unknowns.
///
/// `preferred[e]` and `possible[e]` are what equation `e` uses; preferred unknowns are taken where they suffice.
pub(super) fn matching<'a>(preferred: &[BTreeSet<&'a str>], possible: &[BTreeSet<&'a str>]) -> Option<Vec<&'a str>> {
    let mut pairs = Pairs {
        owner: BTreeMap::new(),
        unknown: vec![None; possible.len()],
    };
    for equation in 0..possible.len() {
        if !pairs.augment(equation, preferred) && !pairs.augment(equation, possible) {
            return None;
        }
    }
    pairs.unknown.into_iter().collect()
}

/// Equations and unknowns matched so far, both ways round.
struct Pairs<'a> {
    owner: BTreeMap<&'a str, usize>,
    unknown: Vec<Option<&'a str>>,
}

impl<'a> Pairs<'a> {
    /// Gives `equation` an unknown, moving owners along an alternating path found breadth first.
    fn augment(&mut self, equation: usize, uses: &[BTreeSet<&'a str>]) -> bool {
        let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
        let mut pending = VecDeque::from([equation]);
        while let Some(at) = pending.pop_front() {
            for &unknown in &uses[at] {
                if reached.contains_key(unknown) {
                    continue;
                }
                reached.insert(unknown, at);
                match self.owner.get(unknown) {
                    Some(&next) => pending.push_back(next),
                    None => {
                        self.turn(unknown, &reached);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Walks back from a free unknown to the equation, handing each unknown to the equation that reached it.
    fn turn(&mut self, free: &'a str, reached: &BTreeMap<&'a str, usize>) {
        let mut next = Some(free);
        while let Some(unknown) = next {
            let by = reached[unknown];
            self.owner.insert(unknown, by);
            next = self.unknown[by].replace(unknown);
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
