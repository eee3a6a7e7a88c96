//! Fast reactions: always at equilibrium.
//!
//! With N the stoichiometry of the fast reactions and L a basis of its left null space, `L N = 0`, what fast reactions cannot
//! change moves slowly: `L du/dt = L f`, f the slow rates. The remaining rows say that the fast rates balance: with the pivot
//! columns B of N and `N = B P`, `P v = 0`. For reactions that are independent of each other P is the identity.

use super::dynamics::Row;
use crate::expression::{Arena, ExprId};

/// A fast reaction: changes of unknowns per unit of extent, and its rate.
pub(super) struct Fast {
    pub changes: Vec<(usize, f64)>,
    pub rate: ExprId,
}

/// Replaces the rows of species in fast reactions by conservation laws and equilibria.
pub(super) fn at_equilibrium(arena: &mut Arena, rows: &mut [Row], fast: &[Fast]) {
    let mut columns: Vec<usize> = fast.iter().flat_map(|f| f.changes.iter().map(|c| c.0)).collect();
    columns.sort_unstable();
    columns.dedup();
    // One line per species: its stoichiometry, then which combination of original lines it is.
    let n = columns.len();
    let mut lines: Vec<Vec<f64>> = columns
        .iter()
        .enumerate()
        .map(|(at, &column)| {
            let count = |f: &Fast| f.changes.iter().filter(|c| c.0 == column).map(|c| c.1).sum::<f64>();
            let mut line: Vec<f64> = fast.iter().map(count).collect();
            line.extend((0..n).map(|k| f64::from(u8::from(k == at))));
            line
        })
        .collect();
    let rank = eliminate(&mut lines, fast.len());
    let slow: Vec<ExprId> = columns.iter().map(|&c| rows[c].right).collect();
    for (at, (line, &column)) in lines.iter().zip(&columns).enumerate() {
        let row = &mut rows[column];
        if at < rank {
            // Row of the reduced echelon form: one independent balance of fast rates.
            let terms = line[..fast.len()].iter().zip(fast);
            row.right = weighted(arena, terms.map(|(&w, f)| (w, f.rate)));
            row.mass = Vec::new();
        } else {
            let combination = &line[fast.len()..];
            row.right = weighted(arena, combination.iter().zip(&slow).map(|(&w, &rate)| (w, rate)));
            let kept = combination.iter().zip(&columns).filter(|(w, _)| w.abs() > 1e-12);
            row.mass = kept.map(|(&w, &c)| (c, w)).collect();
        }
    }
}

fn weighted(arena: &mut Arena, terms: impl Iterator<Item = (f64, ExprId)>) -> ExprId {
    let mut total = arena.number(0.0);
    for (weight, expr) in terms.filter(|(w, _)| w.abs() > 1e-12) {
        let weight = arena.number(weight);
        let term = arena.mul(weight, expr);
        total = arena.add(total, term);
    }
    total
}

/// Reduced row echelon form of the first `width` columns, by the largest pivot; returns the rank.
fn eliminate(lines: &mut [Vec<f64>], width: usize) -> usize {
    let mut rank = 0;
    for column in 0..width {
        let best = (rank..lines.len()).max_by(|&a, &b| lines[a][column].abs().total_cmp(&lines[b][column].abs()));
        let Some(best) = best.filter(|&b| lines[b][column].abs() > 1e-9) else { continue };
        lines.swap(rank, best);
        let pivot = lines[rank][column];
        lines[rank].iter_mut().for_each(|x| *x /= pivot);
        for other in 0..lines.len() {
            let factor = lines[other][column];
            if other != rank && factor.abs() > 0.0 {
                for k in 0..lines[other].len() {
                    lines[other][k] -= factor * lines[rank][k];
                }
            }
        }
        rank += 1;
    }
    rank
}
