//! What a calibration says about itself: what moved, what the data did not move, what stayed apart. Markdown.

use std::fmt::Write as _;

use malar_stats::descriptive::quantile;
use malar_stats::ensemble::{Precision, covariance, effective};
use malar_stats::matrix::Matrix;

use super::checkpoint::Iteration;
use super::iterate::mean_row;
use super::targets::farthest;
use super::{Request, Setup};
use crate::posterior::Posterior;

/// Posterior correlations below this are not listed.
const STRONG: f64 = 0.5;
/// Contractions below this say that the data did not move a number.
const MOVED: f64 = 0.2;

/// The whole page.
///
/// `fitted` is the precision of a linear fit to all simulations, for profiles and slices.
pub(crate) fn markdown(
    setup: &Setup,
    request: &Request,
    all: &[Iteration],
    posterior: &Posterior,
    fitted: Option<Precision>,
) -> String {
    let last = all.last().expect("the loop ends with a look");
    let mut page = format!("# What the data say about `{}`\n\n", setup.file.id);
    let words = format!(
        "Written by `malar calibrate {} --members {} --iterations {} --patients {} --seed {} --report FILE`. {} targets of {} trials, \
         {} virtual patients per member. Effective members after weights: {:.0} of {}.\n\n",
        request.calibration,
        request.members,
        request.iterations,
        request.patients,
        request.seed,
        setup.trials.targets.len(),
        setup.trials.ids.len(),
        setup.trials.n_patients(),
        effective(&posterior.weights),
        request.members,
    );
    page += &words;
    page += &iterations(setup, all);
    page += &numbers(setup, last, fitted.as_ref());
    page += &together(setup, &last.parameters);
    page += &apart(setup, last);
    page += &targets(setup, &all[0], last);
    page
}

fn iterations(setup: &Setup, all: &[Iteration]) -> String {
    let mut text = String::from("| iteration | step | mean misfit per target |\n|---|---|---|\n");
    for (k, iteration) in all.iter().enumerate() {
        let misfits = iteration.predictions.rows().map(|row| setup.observations.misfit(row));
        let mean = misfits.sum::<f64>() / (iteration.predictions.n_rows() * setup.observations.len()) as f64;
        line(
            &mut text,
            &[k.to_string(), format!("{:.3}", iteration.step), format!("{mean:.2}")],
        );
    }
    text
}

/// One line per number: prior, posterior, contraction, profile and slice.
fn numbers(setup: &Setup, last: &Iteration, fitted: Option<&Precision>) -> String {
    let spread = covariance(&last.parameters);
    let mut text = String::from(
        "\n## Numbers\n\nContraction: 1 − (posterior variance / prior variance). Profile: standard deviation that the data alone leave, in prior \
         standard deviations, all other numbers free within their priors; slice: all others fixed; both from a linear fit to all \
         simulations. A profile far wider than its slice means that the data see the number only together with others.\n\n\
         | number | prior: median (5 to 95 %) | posterior | contraction | profile | slice |\n|---|---|---|---|---|---|\n",
    );
    let mut still = Vec::new();
    for (k, moved) in setup.file.moved.iter().enumerate() {
        let z: Vec<f64> = last.parameters.rows().map(|row| row[k]).collect();
        let at = |p: f64| moved.prior.value(quantile(&z, p).unwrap_or(f64::NAN));
        let contraction = 1.0 - spread[(k, k)];
        if contraction < MOVED {
            still.push(format!("`{}`", moved.name));
        }
        let of_data = |sd: f64| {
            let own = 1.0 / (sd * sd) - 1.0; // the prior's own precision is one
            if own > 0.01 {
                format!("{:.2}", 1.0 / own.sqrt())
            } else {
                "> 10".to_owned()
            }
        };
        let (profile, slice) = fitted.as_ref().map_or((String::new(), String::new()), |precision| {
            (
                of_data(precision.standard_deviations()[k]),
                of_data(precision.conditional_sd(k)),
            )
        });
        let range = |median: f64, low: f64, high: f64| format!("{median:.3} ({low:.3} to {high:.3})");
        let prior = |z: f64| moved.prior.value(z);
        let cells = [
            format!("`{}`", moved.name),
            range(prior(0.0), prior(-1.645), prior(1.645)),
            range(at(0.5), at(0.05), at(0.95)),
            format!("{contraction:.2}"),
            profile,
            slice,
        ];
        line(&mut text, &cells);
    }
    let list = if still.is_empty() {
        "none".to_owned()
    } else {
        still.join(", ")
    };
    write!(text, "\nNot moved by the data (contraction below {MOVED}): {list}.\n").expect("text takes text");
    text
}

/// Numbers that the data see only together.
fn together(setup: &Setup, parameters: &Matrix) -> String {
    let spread = covariance(parameters);
    let n = parameters.n_columns();
    let correlation = |i: usize, j: usize| spread[(i, j)] / (spread[(i, i)] * spread[(j, j)]).sqrt();
    let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
    let mut strong: Vec<(f64, usize, usize)> = pairs.map(|(i, j)| (correlation(i, j), i, j)).collect();
    strong.retain(|(r, ..)| r.abs() >= STRONG);
    strong.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let words = strong
        .iter()
        .map(|(r, i, j)| format!("- {r:+.2}: `{}` with `{}`\n", setup.names[*i], setup.names[*j]));
    let list: String = words.collect();
    let chance = 2.0 / (parameters.n_rows() as f64).sqrt();
    format!(
        "\n## Seen only together\n\nPosterior correlations of {STRONG} or more (chance alone gives up to {chance:.2}):\n\n{}",
        if list.is_empty() { "- none\n".to_owned() } else { list }
    )
}

fn apart(setup: &Setup, last: &Iteration) -> String {
    let words = farthest(
        &setup.trials.targets,
        &setup.file.discrepancy,
        &mean_row(&last.predictions),
        5,
    );
    let list: String = words.iter().map(|words| format!("- {words}\n")).collect();
    format!("\n## Farthest from published\n\n{list}")
}

fn targets(setup: &Setup, first: &Iteration, last: &Iteration) -> String {
    let mut text = String::from(
        "\n## Targets\n\n| target | published | n | prior mean | posterior mean | 5 to 95 % of members |\n|---|---|---|---|---|---|\n",
    );
    let (before, after) = (mean_row(&first.predictions), mean_row(&last.predictions));
    for (k, target) in setup.trials.targets.iter().enumerate() {
        let members: Vec<f64> = last.predictions.rows().map(|row| row[k]).collect();
        let at = |p: f64| target.natural(quantile(&members, p).unwrap_or(f64::NAN));
        let cells = [
            target.words(),
            format!("{:.1}", target.published),
            format!("{:.0}", target.n),
            format!("{:.1}", target.natural(before[k])),
            format!("{:.1}", target.natural(after[k])),
            format!("{:.1} to {:.1}", at(0.05), at(0.95)),
        ];
        line(&mut text, &cells);
    }
    text
}

/// A line of a table.
fn line(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).expect("text takes text");
}
