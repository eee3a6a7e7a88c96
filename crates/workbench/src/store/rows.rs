//! Columns of the tables, and how a trial's rows fill them. Names carry the unit.

use malar_trial::results::{
    BasketRow, EndpointRow, EstimandRow, EstimateRow, EventRow, HypothesisRow, KineticsRow, Labels, MultiplicityLabel,
    OutcomeRow, PatientRow, PatientStatus, Replicate, VisitRow,
};
use parquet::errors::ParquetError;

use super::table::{Cell, Column, Holds, Table};

const fn int(name: &'static str) -> Column {
    Column {
        name,
        holds: Holds::Int,
        optional: false,
    }
}
const fn float(name: &'static str) -> Column {
    Column {
        name,
        holds: Holds::Float,
        optional: false,
    }
}
const fn single(name: &'static str) -> Column {
    Column {
        name,
        holds: Holds::Single,
        optional: false,
    }
}
const fn flag(name: &'static str) -> Column {
    Column {
        name,
        holds: Holds::Flag,
        optional: false,
    }
}
const fn text(name: &'static str) -> Column {
    Column {
        name,
        holds: Holds::Text,
        optional: false,
    }
}
const fn optional(column: Column) -> Column {
    Column {
        optional: true,
        ..column
    }
}

/// One row per patient, day and quantity that is followed; only for trials with cells or engagers.
pub(super) const KINETICS: &[Column] = &[
    int("replicate"),
    int("patient"),
    text("arm"),
    float("day"),
    float("day_since_first_dose"),
    text("therapy"),
    text("quantity"),
    text("unit"),
    single("value"),
];

/// One row per estimand, comparison and estimator; only for trials that have estimands.
pub(super) const ESTIMANDS: &[Column] = &[
    int("replicate"),
    text("estimand"),
    text("estimator"),
    text("arm"),
    text("control"),
    optional(float("estimate")),
    optional(float("low95")),
    optional(float("high95")),
    optional(float("p_value")),
    int("patients"),
    int("missing"),
    text("problem"),
];

/// One row per arm and basket; only for trials with a basket analysis. Percentages, and probabilities of exceeding the null.
pub(super) const BASKETS: &[Column] = &[
    int("replicate"),
    text("arm"),
    text("basket"),
    int("n"),
    int("responders"),
    float("alone_percent"),
    float("alone_low95"),
    float("alone_high95"),
    float("alone_above_null"),
    float("borrowing_percent"),
    float("borrowing_low95"),
    float("borrowing_high95"),
    float("borrowing_above_null"),
];

/// One row per hypothesis; only for trials that list them. P values are one-sided.
pub(super) const HYPOTHESES: &[Column] = &[
    int("replicate"),
    text("hypothesis"),
    text("arm"),
    text("control"),
    text("endpoint"),
    float("week"),
    text("population"),
    float("p_value"),
    float("adjusted_p_value"),
    flag("rejected"),
];

/// One row per randomised patient. The region is missing where regions do not differ.
pub(super) const PATIENTS: &[Column] = &[
    int("replicate"),
    int("patient"),
    text("arm"),
    text("stratum"),
    optional(text("region")),
    int("screening_attempts"),
    float("weight_kg"),
    int("sledai_2k"),
    float("pga"),
    int("bilag_a"),
    int("bilag_b"),
    float("prednisone_mg_per_day"),
    flag("ifn_signature_high"),
    flag("anti_dsdna_positive"),
    flag("low_complement"),
    flag("antimalarial"),
    flag("immunosuppressant"),
    text("status"),
    float("last_week"),
    optional(float("restricted_week")),
    int("flares"),
    int("retreatments"),
    optional(text("failure")),
];

/// One row per patient and visit. Laboratory values are single precision: assays have fewer digits. Single organs are missing where
/// the trial does not measure them.
pub(super) const VISITS: &[Column] = &[
    int("replicate"),
    int("patient"),
    text("arm"),
    float("week"),
    int("sledai_2k"),
    int("sledai_items"),
    text("bilag"),
    single("pga"),
    single("prednisone_mg_per_day"),
    single("anti_dsdna_iu_per_ml"),
    optional(float("iga2_anti_dsdna_au")),
    optional(float("iga1_anti_dsdna_au")),
    single("c3_g_per_l"),
    single("c4_g_per_l"),
    single("ifn_signature_fold"),
    single("concentration_mg_per_l"),
    optional(single("upcr_g_per_g")),
    optional(single("egfr_ml_per_min_per_173m2")),
    optional(single("clasi_activity")),
    optional(single("tender_joints")),
    optional(single("swollen_joints")),
    flag("on_study"),
    flag("restricted"),
];

/// One row per patient, endpoint and week; `value` is that of a score.
pub(super) const OUTCOMES: &[Column] = &[
    int("replicate"),
    int("patient"),
    text("arm"),
    text("endpoint"),
    float("week"),
    flag("responded"),
    text("reason"),
    optional(float("value")),
];

/// One row per arm, endpoint, week and analysis population. `value` is missing where nobody was counted.
pub(super) const ENDPOINTS: &[Column] = &[
    int("replicate"),
    text("arm"),
    text("endpoint"),
    float("week"),
    text("population"),
    text("unit"),
    float("n"),
    float("count"),
    optional(float("value")),
];

/// One row per comparison.
pub(super) const ESTIMATES: &[Column] = &[
    int("replicate"),
    text("arm"),
    text("control"),
    text("endpoint"),
    float("week"),
    text("population"),
    optional(float("difference")),
    optional(float("low95")),
    optional(float("high95")),
    optional(float("p_value")),
];

/// One row per adverse event.
pub(super) const EVENTS: &[Column] = &[
    int("replicate"),
    int("patient"),
    text("arm"),
    float("day"),
    text("event"),
    text("term"),
    int("grade"),
    flag("serious"),
    text("cause"),
];

/// The word in the `status` column.
pub(super) fn status_word(status: PatientStatus) -> &'static str {
    match status {
        PatientStatus::Completed => "completed",
        PatientStatus::DroppedOutAdministrative => "dropped-out-administrative",
        PatientStatus::DroppedOutLackOfEfficacy => "dropped-out-lack-of-efficacy",
        PatientStatus::DroppedOutAdverseEvent => "dropped-out-adverse-event",
        PatientStatus::SolverFailed => "solver-failed",
    }
}

pub(super) fn push_patient(table: &mut Table, at: i32, row: &PatientRow, labels: &Labels) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        index(row.patient),
        name(&labels.arms, row.arm),
        name(&labels.strata, row.stratum),
        row.region.map_or(Cell::Missing, |region| name(&labels.regions, region)),
        Cell::Int(i32::from(row.screening_attempts)),
        Cell::Float(row.weight_kg),
        Cell::Int(i32::from(row.sledai_2k)),
        Cell::Float(row.pga),
        Cell::Int(i32::from(row.bilag_a)),
        Cell::Int(i32::from(row.bilag_b)),
        Cell::Float(row.prednisone_mg_per_day),
        Cell::Flag(row.ifn_signature_high),
        Cell::Flag(row.anti_dsdna_positive),
        Cell::Flag(row.low_complement),
        Cell::Flag(row.antimalarial),
        Cell::Flag(row.immunosuppressant),
        Cell::Text(status_word(row.status)),
        Cell::Float(row.last_week),
        row.restricted_week.map_or(Cell::Missing, Cell::Float),
        Cell::Int(i32::from(row.flares)),
        Cell::Int(i32::from(row.retreatments)),
        if row.failure.is_empty() {
            Cell::Missing
        } else {
            Cell::Text(&row.failure)
        },
    ])
}

pub(super) fn push_visit(table: &mut Table, at: i32, row: &VisitRow, labels: &Labels) -> Result<(), ParquetError> {
    let single = |value: f64| Cell::Single(value as f32);
    let measured = |value: Option<f64>| value.map_or(Cell::Missing, single);
    table.push(&[
        Cell::Int(at),
        index(row.patient),
        name(&labels.arms, row.arm),
        Cell::Float(row.week),
        Cell::Int(i32::from(row.sledai_2k)),
        Cell::Int(row.sledai_items as i32),
        Cell::Text(std::str::from_utf8(&row.bilag).expect("grades are the letters A to E")),
        single(row.pga),
        single(row.prednisone_mg_per_day),
        single(row.anti_dsdna_iu_per_ml),
        Cell::defined(row.iga2_anti_dsdna_au),
        Cell::defined(row.iga1_anti_dsdna_au),
        single(row.c3_g_per_l),
        single(row.c4_g_per_l),
        single(row.ifn_signature_fold),
        single(row.concentration_mg_per_l),
        measured(row.upcr_g_per_g),
        measured(row.egfr_ml_per_min),
        measured(row.clasi_activity),
        measured(row.tender_joints),
        measured(row.swollen_joints),
        Cell::Flag(row.on_study),
        Cell::Flag(row.restricted),
    ])
}

pub(super) fn push_outcome(table: &mut Table, at: i32, row: &OutcomeRow, labels: &Labels) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        index(row.patient),
        name(&labels.arms, row.arm),
        name(&labels.endpoints, row.endpoint),
        Cell::Float(row.week),
        Cell::Flag(row.responded),
        name(&labels.reasons, row.reason),
        row.value.map_or(Cell::Missing, Cell::Float),
    ])
}

pub(super) fn push_endpoint(
    table: &mut Table,
    at: i32,
    row: &EndpointRow,
    labels: &Labels,
) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        name(&labels.arms, row.arm),
        name(&labels.endpoints, row.endpoint),
        Cell::Float(row.week),
        name(&labels.populations, row.population),
        name(&labels.endpoint_units, row.endpoint),
        Cell::Float(row.n),
        Cell::Float(row.count),
        Cell::defined(row.value),
    ])
}

pub(super) fn push_estimate(
    table: &mut Table,
    at: i32,
    row: &EstimateRow,
    labels: &Labels,
) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        name(&labels.arms, row.arm),
        name(&labels.arms, row.control),
        name(&labels.endpoints, row.endpoint),
        Cell::Float(row.week),
        name(&labels.populations, row.population),
        Cell::defined(row.difference),
        Cell::defined(row.low95),
        Cell::defined(row.high95),
        Cell::defined(row.p_value),
    ])
}

pub(super) fn push_estimand(
    table: &mut Table,
    at: i32,
    row: &EstimandRow,
    labels: &Labels,
) -> Result<(), ParquetError> {
    let estimand = &labels.estimands[usize::from(row.estimand)];
    table.push(&[
        Cell::Int(at),
        Cell::Text(&estimand.id),
        name(&estimand.estimators, row.estimator),
        name(&labels.arms, row.arm),
        name(&labels.arms, row.control),
        Cell::defined(row.estimate),
        Cell::defined(row.low95),
        Cell::defined(row.high95),
        Cell::defined(row.p_value),
        index(row.patients),
        index(row.missing),
        Cell::Text(&row.problem),
    ])
}

pub(super) fn push_basket(table: &mut Table, at: i32, row: &BasketRow, labels: &Labels) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        name(&labels.arms, row.arm),
        name(&labels.baskets, row.basket),
        index(row.n),
        index(row.responders),
        Cell::Float(row.alone.percent),
        Cell::Float(row.alone.low95),
        Cell::Float(row.alone.high95),
        Cell::Float(row.alone.above_null),
        Cell::Float(row.borrowing.percent),
        Cell::Float(row.borrowing.low95),
        Cell::Float(row.borrowing.high95),
        Cell::Float(row.borrowing.above_null),
    ])
}

pub(super) fn push_hypothesis(
    table: &mut Table,
    at: i32,
    row: &HypothesisRow,
    (multiplicity, labels): (&MultiplicityLabel, &Labels),
) -> Result<(), ParquetError> {
    let hypothesis = &multiplicity.hypotheses[usize::from(row.hypothesis)];
    table.push(&[
        Cell::Int(at),
        Cell::Text(&hypothesis.id),
        name(&labels.arms, hypothesis.arm),
        name(&labels.arms, hypothesis.control),
        name(&labels.endpoints, hypothesis.endpoint),
        Cell::Float(hypothesis.week),
        name(&labels.populations, hypothesis.population),
        Cell::Float(row.p_value),
        Cell::Float(row.adjusted),
        Cell::Flag(row.rejected),
    ])
}

pub(super) fn push_kinetics(
    table: &mut Table,
    at: i32,
    row: &KineticsRow,
    labels: &Labels,
) -> Result<(), ParquetError> {
    let trace = &labels.traces[usize::from(row.trace)];
    table.push(&[
        Cell::Int(at),
        index(row.patient),
        name(&labels.arms, row.arm),
        Cell::Float(row.day),
        Cell::Float(row.since_dose),
        Cell::Text(&trace.therapy),
        Cell::Text(&trace.quantity),
        Cell::Text(&trace.unit),
        Cell::Single(row.value as f32),
    ])
}

pub(super) fn push_event(table: &mut Table, at: i32, row: &EventRow, labels: &Labels) -> Result<(), ParquetError> {
    table.push(&[
        Cell::Int(at),
        index(row.patient),
        name(&labels.arms, row.arm),
        Cell::Float(row.day),
        name(&labels.events, row.event),
        name(&labels.event_terms, row.event),
        Cell::Int(i32::from(row.grade)),
        Cell::Flag(row.grade >= labels.event_serious_from[usize::from(row.event)]),
        name(&labels.causes, row.cause),
    ])
}

/// The replicate's number as the tables hold it.
pub(super) fn replicate_number(replicate: &Replicate) -> i32 {
    i32::try_from(replicate.index).expect("fewer than two billion replicates")
}

fn index(number: u32) -> Cell<'static> {
    Cell::Int(i32::try_from(number).expect("fewer than two billion patients"))
}

fn name(names: &[String], index: u16) -> Cell<'_> {
    Cell::Text(&names[usize::from(index)])
}
