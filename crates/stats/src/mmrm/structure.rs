//! Covariance of repeated measurements as a function of few parameters, with both derivatives.

use crate::matrix::Matrix;

/// How measurements of one subject at different visits vary together.
///
/// Parameters are, in this order, as SAS has them; `Heterogeneous` means a variance of its own at every visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Structure {
    /// Every variance and covariance free: (1,1), (2,1), (2,2), (3,1), ...
    Unstructured,
    /// One variance, one covariance.
    CompoundSymmetry,
    /// Variances, one correlation.
    HeterogeneousCompoundSymmetry,
    /// One variance; the correlation of neighbours, to the power of the distance in visits.
    Autoregressive,
    /// Variances; the correlation of neighbours, to the power of the distance in visits.
    HeterogeneousAutoregressive,
    /// One variance; a covariance for each distance in visits.
    Toeplitz,
    /// Variances; a correlation for each distance in visits.
    HeterogeneousToeplitz,
}

/// A covariance matrix with its derivatives by the parameters.
pub(crate) struct Covariance {
    pub value: Matrix,
    pub first: Vec<Matrix>,
    /// `second[i][j]` for j <= i; `None` is zero.
    pub second: Vec<Vec<Option<Matrix>>>,
}

/// An entry of the matrix as a function of the parameters: value, first and second derivatives by index.
#[derive(Default)]
struct Entry {
    value: f64,
    first: Vec<(usize, f64)>,
    second: Vec<(usize, usize, f64)>,
}

impl Structure {
    /// Number of parameters with `n_visits` visits.
    pub fn n_parameters(self, n_visits: usize) -> usize {
        let m = n_visits;
        match self {
            Structure::Unstructured => m * (m + 1) / 2,
            Structure::CompoundSymmetry | Structure::Autoregressive => 2,
            Structure::HeterogeneousCompoundSymmetry | Structure::HeterogeneousAutoregressive => m + 1,
            Structure::Toeplitz => m,
            Structure::HeterogeneousToeplitz => 2 * m - 1,
        }
    }

    /// Parameters of independent measurements of one `variance`.
    pub(crate) fn independent(self, n_visits: usize, variance: f64) -> Vec<f64> {
        let mut parameters = vec![0.0; self.n_parameters(n_visits)];
        match self {
            Structure::Unstructured => (0..n_visits).for_each(|i| parameters[packed(i, i)] = variance),
            Structure::CompoundSymmetry | Structure::Autoregressive | Structure::Toeplitz => parameters[0] = variance,
            _ => parameters[..n_visits].fill(variance),
        }
        parameters
    }

    /// The matrix and its derivatives at `parameters`.
    pub(crate) fn covariance(self, n_visits: usize, parameters: &[f64]) -> Covariance {
        let n = parameters.len();
        let zero = Matrix::zeros(n_visits, n_visits);
        let mut result = Covariance {
            value: zero.clone(),
            first: vec![zero.clone(); n],
            second: (0..n).map(|i| vec![None; i + 1]).collect(),
        };
        for a in 0..n_visits {
            for b in 0..n_visits {
                let entry = self.entry(a.max(b), a.min(b), n_visits, parameters);
                result.value[(a, b)] = entry.value;
                for (i, d) in entry.first {
                    result.first[i][(a, b)] += d;
                }
                for (i, j, d) in entry.second {
                    let matrix = result.second[i.max(j)][i.min(j)].get_or_insert_with(|| zero.clone());
                    matrix[(a, b)] += d;
                }
            }
        }
        result
    }

    /// The entry in row `a` and column `b <= a`.
    fn entry(self, a: usize, b: usize, n_visits: usize, parameters: &[f64]) -> Entry {
        let linear = |index: usize| Entry {
            value: parameters[index],
            first: vec![(index, 1.0)],
            second: vec![],
        };
        let distance = a - b;
        match self {
            Structure::Unstructured => linear(packed(a, b)),
            Structure::CompoundSymmetry => linear(distance.min(1)),
            Structure::Toeplitz => linear(distance),
            Structure::Autoregressive => scaled(linear(0), power(parameters[1], 1, distance)),
            _ if distance == 0 => linear(a),
            Structure::HeterogeneousCompoundSymmetry => scaled(
                root_of_product(parameters, a, b),
                power(parameters[n_visits], n_visits, 1),
            ),
            Structure::HeterogeneousAutoregressive => {
                let correlation = power(parameters[n_visits], n_visits, distance);
                scaled(root_of_product(parameters, a, b), correlation)
            }
            Structure::HeterogeneousToeplitz => {
                scaled(root_of_product(parameters, a, b), linear(n_visits + distance - 1))
            }
        }
    }
}

/// Index of entry (a, b), b <= a, of a lower triangle stored row by row.
fn packed(a: usize, b: usize) -> usize {
    a * (a + 1) / 2 + b
}

/// The parameter at `index`, of value `rho`, to a whole power.
fn power(rho: f64, index: usize, exponent: usize) -> Entry {
    let raise = |e: usize| (0..e).fold(1.0, |product, _| product * rho);
    let k = exponent as f64;
    let mut entry = Entry {
        value: raise(exponent),
        ..Entry::default()
    };
    if exponent > 0 {
        entry.first.push((index, k * raise(exponent - 1)));
    }
    if exponent > 1 {
        entry.second.push((index, index, k * (k - 1.0) * raise(exponent - 2)));
    }
    entry
}

/// Product of the standard deviations of two visits, in terms of their variances.
fn root_of_product(variances: &[f64], a: usize, b: usize) -> Entry {
    let (u, v) = (variances[a], variances[b]);
    let value = (u * v).sqrt();
    Entry {
        value,
        first: vec![(a, 0.5 * value / u), (b, 0.5 * value / v)],
        second: vec![
            (a, a, -0.25 * value / (u * u)),
            (b, b, -0.25 * value / (v * v)),
            (a, b, 0.25 * value / (u * v)),
        ],
    }
}

/// Product of two entries that share no parameter.
fn scaled(f: Entry, g: Entry) -> Entry {
    let mut product = Entry {
        value: f.value * g.value,
        ..Entry::default()
    };
    product.first.extend(f.first.iter().map(|&(i, d)| (i, d * g.value)));
    product.first.extend(g.first.iter().map(|&(i, d)| (i, d * f.value)));
    product
        .second
        .extend(f.second.iter().map(|&(i, j, d)| (i, j, d * g.value)));
    product
        .second
        .extend(g.second.iter().map(|&(i, j, d)| (i, j, d * f.value)));
    for &(i, df) in &f.first {
        product.second.extend(g.first.iter().map(|&(j, dg)| (i, j, df * dg)));
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        use Structure::*;
        for structure in [
            Unstructured,
            CompoundSymmetry,
            HeterogeneousCompoundSymmetry,
            Autoregressive,
            HeterogeneousAutoregressive,
            Toeplitz,
            HeterogeneousToeplitz,
        ] {
            let n = structure.n_parameters(4);
            let at: Vec<f64> = (0..n).map(|i| 0.9 / (1.0 + 0.3 * i as f64)).collect();
            let here = structure.covariance(4, &at);
            let h = 1e-5;
            for i in 0..n {
                let moved = |sign: f64| {
                    let mut parameters = at.clone();
                    parameters[i] += sign * h;
                    structure.covariance(4, &parameters)
                };
                let (up, down) = (moved(1.0), moved(-1.0));
                for a in 0..4 {
                    for b in 0..4 {
                        let slope = (up.value[(a, b)] - down.value[(a, b)]) / (2.0 * h);
                        assert!((slope - here.first[i][(a, b)]).abs() < 1e-8, "{structure:?} {i}");
                        for j in 0..=i {
                            let bend = (up.first[j][(a, b)] - down.first[j][(a, b)]) / (2.0 * h);
                            let got = here.second[i][j].as_ref().map_or(0.0, |m| m[(a, b)]);
                            assert!((bend - got).abs() < 1e-8, "{structure:?} {i} {j}");
                        }
                    }
                }
            }
        }
    }
}
