//! Networks of thousands of species, one at a time: reaction and diffusion on a grid, and a long chain.

use malar_model::network::{Math, Network, Participant, Reaction, Rule, RuleKind, Species};
use malar_model::{Dynamics, Source};
use malar_tape::network::{Measure, Plan, Rows, simulate};

fn name(text: &str) -> Math {
    Math::name(text)
}

fn product(factors: &[Math]) -> Math {
    Math::apply("times", factors.to_vec())
}

/// An empty network with one compartment of size 1.
fn empty() -> Network {
    let home = malar_model::network::Compartment {
        id: "home".into(),
        size: Some(1.0),
        constant: true,
        ..Default::default()
    };
    Network {
        level: (3, 2),
        compartments: vec![home],
        ..Network::default()
    }
}

fn species(id: String, value: f64) -> Species {
    Species {
        id,
        compartment: "home".into(),
        initial_concentration: Some(value),
        ..Species::default()
    }
}

/// One of `from` becomes one of `to` at a rate.
fn reaction(network: &mut Network, from: Option<&str>, to: Option<&str>, rate: Math) {
    let side = |id: Option<&str>| -> Vec<Participant> {
        let one = |id: &str| Participant {
            species: id.into(),
            stoichiometry: Some(1.0),
            constant: true,
            ..Participant::default()
        };
        id.into_iter().map(one).collect()
    };
    network.reactions.push(Reaction {
        id: format!("J{}", network.reactions.len()),
        reactants: side(from),
        products: side(to),
        rate: Some(rate),
        ..Reaction::default()
    });
}

fn run(network: &Network, shown: &[String], duration: f64, steps: u32, relative: f64) -> Rows {
    let source = Source {
        path: "grid".into(),
        text: String::new(),
    };
    let dynamics: Dynamics = network.dynamics(&source).expect("a good network");
    let place = |id: &String| {
        let at = dynamics.outputs.iter().position(|o| o.name == *id);
        (at.expect("it is shown"), Measure::Value)
    };
    let plan = Plan {
        start: 0.0,
        duration,
        steps,
        relative,
        absolute: 1e-3 * relative,
        shown: shown.iter().map(place).collect(),
    };
    let (rows, failure) = simulate(&dynamics, &plan);
    assert!(failure.is_none(), "{failure:?}");
    rows
}

/// Cells along each side of the grid.
const SIDE: usize = 40;

/// The Brusselator with diffusion; `validation/solver/grid/grid.py` states the problem.
fn brusselator() -> Network {
    let mut network = empty();
    let (a, b, d) = (
        Math::number(3.4),
        Math::number(1.0),
        Math::number(0.002 * ((SIDE - 1) as f64).powi(2)),
    );
    let id = |kind: &str, i: usize, j: usize| format!("{kind}_{i}_{j}");
    for (i, j) in (0..SIDE * SIDE).map(|cell| (cell / SIDE, cell % SIDE)) {
        let along = |k: usize| k as f64 / (SIDE - 1) as f64;
        network.species.push(species(id("u", i, j), 0.5 + along(j)));
        network.species.push(species(id("v", i, j), 1.0 + 5.0 * along(i)));
        let (u, v) = (id("u", i, j), id("v", i, j));
        reaction(&mut network, None, Some(&u), b.clone());
        reaction(&mut network, Some(&u), None, name(&u));
        reaction(&mut network, Some(&u), Some(&v), product(&[a.clone(), name(&u)]));
        reaction(
            &mut network,
            Some(&v),
            Some(&u),
            product(&[name(&u), name(&u), name(&v)]),
        );
        for (k, l) in [(i + 1, j), (i, j + 1)]
            .into_iter()
            .filter(|&(k, l)| k < SIDE && l < SIDE)
        {
            for kind in ["u", "v"] {
                let (here, there) = (id(kind, i, j), id(kind, k, l));
                let net = Math::apply("minus", vec![name(&here), name(&there)]);
                reaction(&mut network, Some(&here), Some(&there), product(&[d.clone(), net]));
            }
        }
    }
    network
}

#[test]
fn slow_a_grid_of_3200_species_agrees_with_scipy() {
    let oracle = include_str!("../../../validation/solver/grid/grid.txt");
    // The last block is the most accurate: relative 1e-9 per step.
    let rows = oracle.rsplit("rtol").next().expect("it has blocks").lines().skip(1);
    let expected: Vec<Vec<f64>> = rows
        .map(|row| row.split(' ').map(|x| x.parse().expect("a number")).collect())
        .collect();
    assert_eq!(expected.len(), 10);
    let cells: Vec<(f64, f64)> = expected[..5].iter().map(|row| (row[1], row[2])).collect();
    let shown: Vec<String> = cells
        .iter()
        .flat_map(|(i, j)| [format!("u_{i}_{j}"), format!("v_{i}_{j}")])
        .collect();
    let rows = run(&brusselator(), &shown, 1.0, 2, 1e-6);
    for (k, row) in expected.iter().enumerate() {
        let found = &rows.values[1 + k / 5][2 * (k % 5)..][..2];
        for (found, wanted) in found.iter().zip(&row[3..]) {
            // Ours keeps 1e-6 per step; its few dozens of steps add up to less than 1e-4.
            assert!((found - wanted).abs() < 1e-4 * wanted.abs(), "{row:?}: {found}");
        }
    }
}

#[test]
fn a_chain_of_5000_species_follows_the_poisson_distribution() {
    let (n, rate, duration) = (5000, 3.0, 4.0);
    let mut network = empty();
    for i in 0..n {
        network
            .species
            .push(species(format!("s{i}"), if i == 0 { 1.0 } else { 0.0 }));
    }
    for i in 0..n {
        let (from, to) = (format!("s{i}"), (i + 1 < n).then(|| format!("s{}", i + 1)));
        reaction(
            &mut network,
            Some(&from),
            to.as_deref(),
            product(&[Math::number(rate), name(&from)]),
        );
    }
    let total = Rule {
        kind: RuleKind::Assignment,
        variable: "total".into(),
        math: Math::apply("plus", (0..n).map(|i| name(&format!("s{i}"))).collect()),
        remarks: Default::default(),
        place: Default::default(),
    };
    network.parameters.push(malar_model::network::Parameter {
        id: "total".into(),
        ..Default::default()
    });
    network.rules.push(total);
    let shown: Vec<String> = ["s0", "s5", "s12", "s30", "total"].map(str::to_owned).into();
    let rows = run(&network, &shown, duration, 1, 1e-7);
    let last = &rows.values[1];
    // After time t the index is Poisson distributed with mean `rate t`; nothing has left the chain.
    let mean: f64 = rate * duration;
    for (found, index) in last.iter().zip([0, 5, 12, 30]) {
        let log = (1..=index).map(|k| (mean / f64::from(k)).ln()).sum::<f64>() - mean;
        // Ours keeps 1e-7 per step relative, 1e-10 absolute, over some dozens of steps.
        assert!(
            (found - log.exp()).abs() < 1e-5 * log.exp() + 1e-8,
            "s{index}: {found} {}",
            log.exp()
        );
    }
    assert!((last[4] - 1.0).abs() < 1e-8, "{}", last[4]);
}
