//! In which order to eliminate unknowns so that few new entries appear: minimum degree.
//!
//! The graph is kept as a quotient graph: an eliminated unknown becomes an element that stands for the clique of its
//! neighbours, so memory never grows beyond that of the pattern. Degrees are the upper bounds of Amestoy, Davis & Duff 1996,
//! SIAM J. Matrix Anal. Appl. 17:886, without their supervariables.

use std::collections::BTreeSet;

/// Unknowns in their order of elimination, for entries at `pattern` and at their mirror images. Among equals the first goes first.
pub(super) fn fewest_neighbours_first(n: usize, pattern: &[(usize, usize)]) -> Vec<usize> {
    let mut graph = Graph::new(n, pattern);
    let mut queue: BTreeSet<(usize, usize)> = (0..n).map(|i| (graph.degree[i], i)).collect();
    let mut order = Vec::with_capacity(n);
    while let Some((_, next)) = queue.pop_first() {
        order.push(next);
        let around = graph.eliminate(next);
        for (unknown, before) in around {
            queue.remove(&(before, unknown));
            queue.insert((graph.degree[unknown], unknown));
        }
    }
    order
}

/// What is not yet eliminated.
struct Graph {
    /// Neighbours of each unknown that no element accounts for.
    unknowns: Vec<Vec<usize>>,
    /// Elements that each unknown belongs to.
    elements: Vec<Vec<usize>>,
    /// Unknowns of each element; empty for what is no element, or was absorbed by another.
    members: Vec<Vec<usize>>,
    /// Upper bound of the number of neighbours.
    degree: Vec<usize>,
    /// When each unknown was last met.
    met: Vec<usize>,
    /// Members of each element outside the newest one, and when that was counted.
    outside: Vec<(usize, usize)>,
    clock: usize,
}

impl Graph {
    fn new(n: usize, pattern: &[(usize, usize)]) -> Self {
        let mut unknowns = vec![Vec::new(); n];
        for &(i, j) in pattern.iter().filter(|(i, j)| i != j) {
            unknowns[i].push(j);
            unknowns[j].push(i);
        }
        for list in &mut unknowns {
            list.sort_unstable();
            list.dedup();
        }
        Graph {
            degree: unknowns.iter().map(Vec::len).collect(),
            unknowns,
            elements: vec![Vec::new(); n],
            members: vec![Vec::new(); n],
            met: vec![0; n],
            outside: vec![(0, 0); n],
            clock: 0,
        }
    }

    /// Makes unknown `next` an element; its members with their degrees before.
    fn eliminate(&mut self, next: usize) -> Vec<(usize, usize)> {
        self.clock += 1;
        let members = self.gather(next);
        self.count_outside(&members);
        let left = self.degree.len();
        let before = members.iter().map(|&i| (i, self.degree[i])).collect();
        for &i in &members {
            let (met, clock, outside) = (&self.met, self.clock, &self.outside);
            self.unknowns[i].retain(|&j| met[j] != clock && j != next);
            // An element that lies within the new one says nothing more.
            self.elements[i].retain(|&e| outside[e].0 > 0);
            let others: usize = self.elements[i].iter().map(|&e| outside[e].0).sum();
            self.elements[i].push(next);
            let bound = self.unknowns[i].len() + members.len() - 1 + others;
            self.degree[i] = bound.min(self.degree[i] + members.len() - 1).min(left - 1);
        }
        self.members[next] = members;
        before
    }

    /// The neighbours of `next`, which absorbs the elements it belongs to; each is marked as met.
    fn gather(&mut self, next: usize) -> Vec<usize> {
        self.met[next] = self.clock;
        let mut found = Vec::new();
        let direct = std::mem::take(&mut self.unknowns[next]);
        let absorbed = std::mem::take(&mut self.elements[next]);
        let lists = absorbed.iter().map(|&e| std::mem::take(&mut self.members[e]));
        for i in std::iter::once(direct).chain(lists.collect::<Vec<_>>()).flatten() {
            if self.met[i] != self.clock {
                self.met[i] = self.clock;
                found.push(i);
            }
        }
        found
    }

    /// For every element near the new one, how many of its members are outside it; an absorbed one has none.
    fn count_outside(&mut self, members: &[usize]) {
        for &i in members {
            for &e in &self.elements[i] {
                if self.outside[e].1 != self.clock {
                    self.outside[e] = (self.members[e].len(), self.clock);
                }
                self.outside[e].0 = self.outside[e].0.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_taken_from_its_points() {
        let pattern: Vec<_> = (1..6).map(|i| (0, i)).collect();
        let order = fewest_neighbours_first(6, &pattern);
        // The hub may go when one point is left.
        assert!(order.iter().position(|&i| i == 0) >= Some(4), "{order:?}");
    }

    #[test]
    fn every_unknown_stands_in_the_order_once() {
        let side = 12;
        let mut pattern = Vec::new();
        for i in 0..side * side {
            pattern.extend((i % side > 0).then_some((i, i - 1)));
            pattern.extend((i >= side).then(|| (i, i - side)));
        }
        let mut order = fewest_neighbours_first(side * side, &pattern);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..side * side));
    }
}
