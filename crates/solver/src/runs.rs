//! Orders operations so that equal ones stand together.
//!
//! An interpreter pays for every change from one kind of operation to another with mispredicted branches (on the benchmark model
//! program order took 2.6 times as long). So the fewest runs of equal operations are wanted that respect who needs whose result.

use std::collections::{BTreeMap, BTreeSet};

/// Candidates kept after each run. Wider finds few better orders and costs compile time in proportion.
const BEAM: usize = 16;

/// An order of operations in few runs of equal kind, each operation after those it needs.
///
/// `kinds[i]` is the kind of operation `i`, `needs[i]` the operations that must come before it. The order found is the same on every
/// machine. A beam search: candidates are grown by whole runs (every operation of one kind that is ready or becomes ready on the way),
/// and those that have done most operations with the same number of runs go on.
///
/// # Panics
/// If operations need each other in a circle.
#[must_use]
pub fn order_in_runs<K: Copy + Ord>(kinds: &[K], needs: &[Vec<usize>]) -> Vec<usize> {
    let problem = Problem::new(kinds, needs);
    let mut beam = vec![problem.start()];
    loop {
        if let Some(done) = beam.iter().position(|candidate| candidate.order.len() == kinds.len()) {
            return beam.swap_remove(done).order;
        }
        let mut grown: Vec<Candidate<K>> = Vec::new();
        let mut seen = BTreeSet::new();
        for candidate in &beam {
            for &kind in candidate.ready.keys() {
                let next = problem.grow(candidate, kind);
                if seen.insert((next.order.len(), next.fingerprint)) {
                    grown.push(next);
                }
            }
        }
        assert!(!grown.is_empty(), "operations need each other in a circle");
        grown.sort_by_key(|candidate| std::cmp::Reverse(candidate.order.len()));
        grown.truncate(BEAM);
        beam = grown;
    }
}

struct Problem<'a, K> {
    kinds: &'a [K],
    users: Vec<Vec<usize>>,
    missing: Vec<u32>,
}

/// A partial order.
#[derive(Clone)]
struct Candidate<K> {
    order: Vec<usize>,
    /// Operations still needed by each.
    missing: Vec<u32>,
    ready: BTreeMap<K, Vec<usize>>,
    /// Names the set of operations done, whatever their order.
    fingerprint: u64,
}

impl<'a, K: Copy + Ord> Problem<'a, K> {
    fn new(kinds: &'a [K], needs: &[Vec<usize>]) -> Self {
        let mut users = vec![Vec::new(); kinds.len()];
        let mut missing = Vec::with_capacity(kinds.len());
        for (i, needed) in needs.iter().enumerate() {
            let needed: BTreeSet<usize> = needed.iter().copied().collect();
            missing.push(needed.len() as u32);
            for n in needed {
                users[n].push(i);
            }
        }
        Problem { kinds, users, missing }
    }

    fn start(&self) -> Candidate<K> {
        let mut ready: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for i in (0..self.kinds.len()).filter(|&i| self.missing[i] == 0) {
            ready.entry(self.kinds[i]).or_default().push(i);
        }
        Candidate {
            order: Vec::with_capacity(self.kinds.len()),
            missing: self.missing.clone(),
            ready,
            fingerprint: 0,
        }
    }

    /// The candidate after one more run, first come, first served.
    fn grow(&self, from: &Candidate<K>, kind: K) -> Candidate<K> {
        let mut candidate = from.clone();
        let mut run = candidate.ready.remove(&kind).unwrap_or_default();
        let mut at = 0;
        while at < run.len() {
            let i = run[at];
            at += 1;
            // A sum of scrambled numbers (splitmix64's multiplier) does not depend on the order of its terms.
            let scrambled = (i as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            candidate.fingerprint = candidate.fingerprint.wrapping_add(scrambled ^ (scrambled >> 29));
            for &user in &self.users[i] {
                candidate.missing[user] -= 1;
                if candidate.missing[user] > 0 {
                    continue;
                }
                if self.kinds[user] == kind {
                    run.push(user);
                } else {
                    candidate.ready.entry(self.kinds[user]).or_default().push(user);
                }
            }
        }
        candidate.order.append(&mut run);
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n_runs(kinds: &[char], order: &[usize]) -> usize {
        1 + order.windows(2).filter(|w| kinds[w[0]] != kinds[w[1]]).count()
    }

    #[test]
    fn independent_operations_need_one_run_per_kind() {
        let kinds = ['a', 'b', 'a', 'c', 'b', 'a'];
        let order = order_in_runs(&kinds, &vec![vec![]; 6]);
        assert_eq!(n_runs(&kinds, &order), 3);
    }

    #[test]
    fn looking_ahead_beats_taking_the_longest_queue() {
        // Two `a` are ready, but after `b` three more are: b a c, not a b a c.
        let kinds = ['a', 'a', 'b', 'a', 'a', 'a', 'c'];
        let needs = vec![vec![], vec![], vec![], vec![2], vec![2], vec![2], vec![3, 0]];
        let order = order_in_runs(&kinds, &needs);
        assert_eq!(n_runs(&kinds, &order), 3);
        let place = |i: usize| order.iter().position(|&o| o == i);
        assert!(
            needs
                .iter()
                .enumerate()
                .all(|(i, needed)| needed.iter().all(|&n| place(n) < place(i)))
        );
    }

    #[test]
    fn nothing_to_do_is_an_empty_order() {
        assert!(order_in_runs::<u8>(&[], &[]).is_empty());
    }
}
