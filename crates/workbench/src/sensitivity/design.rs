//! Where to simulate, by method.

use malar_stats::sensitivity::indices::{self, Points};
use malar_stats::sensitivity::morris::{self, Trajectory};
use malar_stats::sensitivity::sequence::{MOST_DIMENSIONS, Sequence};

use super::Method;
use super::factor::UNMOVED;
use crate::finding::InputError;

/// Grid of Morris's walks, values per factor.
const LEVELS: u32 = 4;

/// Points of the unit cube in order of computation, and what they belong to.
pub(super) struct Design {
    pub kind: Kind,
    pub points: Vec<Vec<f64>>,
    /// Simulated trials per point.
    pub replicates: u32,
}

/// How points belong together.
pub(super) enum Kind {
    /// Walks one behind the other.
    Walks(Vec<Trajectory>),
    /// Rows one behind the other: a, b, mixed.
    Rows,
    /// Independent points.
    Samples,
    /// The base, then low and high end of each factor.
    Ends,
}

impl Design {
    /// The points of `method` for so many factors.
    pub fn new(method: Method, factors: usize, size: u32, seed: u64) -> Result<Design, InputError> {
        let least = match method {
            Method::Morris => 2,
            Method::Sobol => 8,
            Method::Prcc => factors as u32 + 4,
            Method::Tornado => 2,
        };
        if size < least {
            return Err(InputError::Value {
                what: "the size of this analysis",
                value: size.to_string(),
                help: "write at least 2 for morris and tornado, 8 for sobol, the number of parameters plus 4 for prcc",
            });
        }
        let too_many = || InputError::Value {
            what: "the number of parameters for this method",
            value: factors.to_string(),
            help: "move fewer at a time: sobol takes 124, prcc 249",
        };
        let (kind, points) = match method {
            Method::Morris => {
                let walks = morris::trajectories(factors, LEVELS, size, seed);
                let points = walks.iter().flat_map(|walk| walk.points.clone()).collect();
                (Kind::Walks(walks), points)
            }
            Method::Sobol => {
                let rows = indices::design(factors, size, seed).ok_or_else(too_many)?;
                let of_row = |row: &Points| [row.a.clone(), row.b.clone()].into_iter().chain(row.mixed.clone());
                let points = rows.iter().flat_map(of_row).collect();
                (Kind::Rows, points)
            }
            Method::Prcc => {
                let within = Some(factors).filter(|&n| n <= MOST_DIMENSIONS);
                let sequence = within.and_then(|n| Sequence::scrambled(n, seed)).ok_or_else(too_many)?;
                (Kind::Samples, (0..size).map(|k| sequence.point(k)).collect())
            }
            Method::Tornado => (Kind::Ends, ends(factors)),
        };
        Ok(Design {
            kind,
            points,
            replicates: if method == Method::Tornado { size } else { 1 },
        })
    }
}

/// Nothing moved, then each factor alone to its lower and its upper end.
fn ends(factors: usize) -> Vec<Vec<f64>> {
    let nothing = vec![UNMOVED; factors];
    let alone = |k: usize, end: f64| {
        let mut point = nothing.clone();
        point[k] = end;
        point
    };
    let both = (0..factors).flat_map(|k| [alone(k, 0.0), alone(k, 1.0)]);
    std::iter::once(nothing.clone()).chain(both).collect()
}
