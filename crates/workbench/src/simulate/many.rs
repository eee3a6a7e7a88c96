//! Many simulations of one model: compiled once, on all cores, the same numbers in whatever company.

use std::ops::Range;

use malar_model::codes::TABLE_NAME;
use malar_model::network::Dosed;
use malar_model::{Network, Source};
use malar_tape::network::{Many, Outcome, Patient, Varied};

use super::doses::DoseTable;
use super::patients::Repeated;
use super::series::{Series, Unsolved};
use super::table::wrong;
use super::{Settled, SimulateError, check};
use crate::finding::InputError;
use crate::network::{self, Prepared};
use crate::run::Progress;
use crate::run::order::in_order;

/// Share of the accuracy asked for that a single step in lanes may use up; errors of many steps add up. Measured on QSPB51:
/// see `docs/simulate.md`.
const LANE_SHARE: f64 = 0.1;
/// Local relative errors below this are rounding.
const LEAST_RELATIVE: f64 = 1e-12;
/// Patients that a thread takes at a time where lanes are to be kept full.
const CHUNK: usize = 64;

/// Simulates the model in `source` once per row of `repeated` (once if there is none), with doses, on `threads` threads (0: one per
/// core).
pub fn simulate_many(
    source: &Source,
    settings: &Settled,
    repeated: Option<&Repeated>,
    doses: Option<&DoseTable>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Series, SimulateError> {
    check(settings)?;
    let (mut network, usual) = network::read(source)?;
    network::set(&mut network, &settings.set)?;
    let mut doses = doses.cloned();
    let mut warnings = Vec::new();
    let repeated = rows(repeated, doses.as_ref(), &mut warnings)?;
    let given = given(&mut network, &repeated)?;
    let dosed = match &mut doses {
        Some(doses) => dosed(&mut network, doses)?,
        None => Vec::new(),
    };
    let prepared = network::prepare(source, &network, &usual, settings)?;
    let varied = Varied {
        given: &given,
        dosed: &dosed,
        relative: (settings.relative * LANE_SHARE).max(LEAST_RELATIVE),
        absolute: settings.absolute * LANE_SHARE,
    };
    let many = Many::new(&prepared.dynamics, &prepared.plan, &varied).map_err(|name| InputError::Unknown {
        kind: "quantity that takes doses",
        name,
        help: "dose a species that reactions or a rate rule change".into(),
    })?;
    // The values of a scan are no patients: the doses of the only one there is are for all of them.
    let is_scan = repeated.origin.is_none() && !repeated.names.is_empty();
    let only = doses
        .as_ref()
        .filter(|_| is_scan)
        .and_then(|doses| doses.ids().first().copied());
    let mut patients = Vec::new();
    for (id, values) in &repeated.rows {
        let end = settings.start + settings.duration;
        let doses = doses
            .as_ref()
            .map(|doses| doses.schedule(only.unwrap_or(*id), settings.start, end));
        patients.push(Patient {
            given: values.clone(),
            doses: doses.transpose()?.unwrap_or_default(),
        });
    }
    if let Some(doses) = doses.as_ref().filter(|_| !many.is_plain()) {
        doses.refuse_steady("events, delays, algebraic rules, fast reactions or compartments that grow")?;
    }
    let mut series = table(&prepared, &repeated.label);
    series.warnings = warnings;
    run(&many, &patients, threads, progress, |at, outcome| {
        add(&mut series, &prepared, repeated.rows[at].0, outcome);
    })?;
    Ok(series)
}

/// Simulations to run: as asked for, or one per patient who has doses.
fn rows(
    repeated: Option<&Repeated>,
    doses: Option<&DoseTable>,
    warnings: &mut Vec<String>,
) -> Result<Repeated, InputError> {
    let ids = doses
        .filter(|doses| doses.has_ids)
        .map(DoseTable::ids)
        .unwrap_or_default();
    if let Some(doses) = doses.filter(|doses| !doses.unread.is_empty()) {
        warnings.push(format!("columns of the doses not read: {}", doses.unread.join(", ")));
    }
    let Some(repeated) = repeated else {
        let label = if ids.is_empty() { "" } else { "patient" };
        let ids = if ids.is_empty() { vec![1.0] } else { ids };
        return Ok(Repeated {
            label: label.into(),
            rows: ids.into_iter().map(|id| (id, Vec::new())).collect(),
            ..Repeated::default()
        });
    };
    let mut repeated = repeated.clone();
    if repeated.origin.is_none() && !ids.is_empty() {
        // A scan: the doses of the one patient there is go to every value.
        let [_] = ids[..] else {
            return Err(InputError::Value {
                what: "the table of doses of a scan",
                value: format!("{} patients", ids.len()),
                help: "leave the ID column out, so that all values get the same doses",
            });
        };
    }
    let known: std::collections::BTreeSet<u64> = repeated.rows.iter().map(|row| row.0.to_bits()).collect();
    let strangers: Vec<String> = ids
        .iter()
        .filter(|id| repeated.origin.is_some() && !known.contains(&id.to_bits()))
        .map(f64::to_string)
        .collect();
    if !strangers.is_empty() {
        let shown = strangers.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        warnings.push(format!(
            "{} patients have doses but no line among the patients: {shown}",
            strangers.len()
        ));
    }
    repeated.label = if repeated.label.is_empty() {
        "patient".into()
    } else {
        repeated.label
    };
    Ok(repeated)
}

/// Lets the network take the values that rows give; the names that stand for them.
fn given(network: &mut Network, repeated: &Repeated) -> Result<Vec<String>, InputError> {
    let mut given = Vec::new();
    for (at, name) in repeated.names.iter().enumerate() {
        let reason = match network.set_later(name) {
            Ok(stand_in) => {
                given.push(stand_in);
                continue;
            }
            Err(reason) => reason,
        };
        let help = network::settable(network, name);
        return Err(match &repeated.origin {
            Some((source, spans)) => {
                let message = format!("`{name}` cannot be set: {reason}");
                wrong(TABLE_NAME, source, &spans[at], message, help)
            }
            None => InputError::Unknown {
                kind: "quantity that could be set",
                name: name.clone(),
                help,
            },
        });
    }
    Ok(given)
}

/// Lets the network take the doses.
fn dosed(network: &mut Network, doses: &mut DoseTable) -> Result<Vec<Dosed>, InputError> {
    let names: Vec<String> = network.names().map(str::to_owned).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let order: Vec<String> = network.dose_order().into_iter().map(str::to_owned).collect();
    let order: Vec<&str> = order.iter().map(String::as_str).collect();
    let mut dosed = Vec::new();
    for (into, name) in doses.aim(&order, &known)?.iter().enumerate() {
        let one = network
            .take_doses(name)
            .map_err(|reason| doses.refuse(into, name, &reason.to_string()))?;
        if one.is_rate {
            doses.refuse_bolus(into, name)?;
        }
        dosed.push(one);
    }
    Ok(dosed)
}

/// Runs everybody on threads; `take` sees outcomes in the order of the patients.
fn run(
    many: &Many<'_>,
    patients: &[Patient],
    threads: usize,
    progress: &dyn Progress,
    mut take: impl FnMut(usize, Outcome),
) -> Result<(), SimulateError> {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    };
    let size = if many.is_plain() { CHUNK } else { 1 };
    let size = size.min(patients.len().div_ceil(threads)).max(1);
    let n_chunks = patients.len().div_ceil(size);
    let chunk = |at: usize| -> Range<usize> { at * size..((at + 1) * size).min(patients.len()) };
    let total = u32::try_from(patients.len()).unwrap_or(u32::MAX);
    let done = std::cell::Cell::new(0);
    let count = u32::try_from(n_chunks).expect("a table has fewer than four billion lines");
    in_order(
        count,
        threads.min(n_chunks).max(1),
        |at| many.run(&patients[chunk(at as usize)]),
        |outcomes| {
            for outcome in outcomes {
                take(done.get() as usize, outcome);
                done.set(done.get() + 1);
            }
            Ok(())
        },
        || progress.tick(done.get(), total, SimulateError::Cancelled),
    )
}

/// A table without rows.
fn table(prepared: &Prepared, label: &str) -> Series {
    let mut series = Series {
        names: prepared.names.clone(),
        units: prepared.units.clone(),
        leading: 1,
        ..Series::default()
    };
    if !label.is_empty() {
        // Beside what is shown under the same name, the leading column says what it is.
        let is_shown = series.names.iter().any(|name| name == label);
        let label = if is_shown {
            format!("{label} at start")
        } else {
            label.to_owned()
        };
        series.names.insert(0, label);
        series.units.insert(0, String::new());
        series.leading = 2;
    }
    series
}

/// Adds the rows of one simulation.
fn add(series: &mut Series, prepared: &Prepared, who: f64, outcome: Outcome) {
    let n = prepared.plan.shown.len();
    let first = series.rows.len();
    let n_rows = prepared.plan.steps as usize + 1;
    // With nothing to show every row is there and empty.
    let n_seen = outcome
        .values
        .len()
        .checked_div(n)
        .unwrap_or(if outcome.failure.is_some() { 0 } else { n_rows });
    for row in 0..n_rows {
        let mut values = Vec::with_capacity(series.names.len());
        if series.leading == 2 {
            values.push(who);
        }
        values.push(prepared.plan.time(row as u32));
        if row < n_seen {
            values.extend_from_slice(&outcome.values[row * n..(row + 1) * n]);
        } else {
            values.resize(series.names.len(), f64::NAN);
        }
        series.rows.push(values);
    }
    if let Some(failure) = outcome.failure {
        series.unsolved.push(Unsolved {
            who,
            time: failure.time,
            state: failure.name,
            reason: failure.reason,
            rows: first + n_seen..first + n_rows,
        });
    }
}
