//! Findings: scores (RS), laboratory values (LB), steroid doses (ADCM).

use std::collections::BTreeMap;

use malar_instruments::bilag::grade::Domain;
use malar_instruments::sledai::descriptors::Descriptor;
use malar_trial::results::VisitRow;

use super::{Exported, study_day, visit_name, yes};
use crate::dataset::Dataset;
use crate::derive::codes::{self, Codes};

/// One finding at one visit.
struct Finding<'a> {
    visit: &'a VisitRow,
    slot: usize,
    category: &'static str,
    text: String,
    number: f64,
    unit: &'static str,
    limits: [f64; 2],
    is_derived: bool,
}

impl<'a> Finding<'a> {
    fn number(
        visit: &'a VisitRow,
        slot: usize,
        category: &'static str,
        number: f64,
        unit: &'static str,
    ) -> Finding<'a> {
        Finding {
            visit,
            slot,
            category,
            text: number.to_string(),
            number,
            unit,
            limits: [f64::NAN; 2],
            is_derived: false,
        }
    }
}

/// SLEDAI-2K, BILAG-2004, PGA, CLASI and joints.
pub(super) fn scores(exported: &Exported) -> Dataset {
    let mut findings = Vec::new();
    for visit in &exported.replicate.visits {
        sledai(visit, &mut findings);
        for (k, domain) in Domain::ALL.into_iter().enumerate() {
            let Some(grade) = visit.components.grades.of(domain) else {
                continue;
            };
            let text = grade.letter().to_string();
            let number = Finding::number(visit, codes::BILAG_GRADE + k, "BILAG-2004", f64::NAN, "");
            findings.push(Finding { text, ..number });
        }
        let c = &visit.components;
        let others = [
            (codes::PGA, "PGA", c.pga.map(|pga| pga.to_f64())),
            (codes::CLASI, "CLASI", c.clasi_activity),
            (codes::ACTIVE_JOINTS, "28-JOINT COUNT", c.active_joints),
            (codes::TENDER_JOINTS, "28-JOINT COUNT", c.tender_joints),
            (codes::SWOLLEN_JOINTS, "28-JOINT COUNT", c.swollen_joints),
        ];
        for (slot, category, value) in others {
            findings.extend(value.map(|x| Finding::number(visit, slot, category, x, "")));
        }
    }
    table(
        exported,
        "RS",
        "Disease Response and Clinical Classification",
        &findings,
    )
}

fn sledai<'a>(visit: &'a VisitRow, findings: &mut Vec<Finding<'a>>) {
    let c = &visit.components;
    for descriptor in Descriptor::ALL {
        let Some(present) = c.descriptors.state(descriptor) else {
            continue;
        };
        let points = if present { f64::from(descriptor.weight()) } else { 0.0 };
        findings.push(Finding::number(
            visit,
            codes::SLEDAI + descriptor as usize,
            "SLEDAI-2K",
            points,
            "",
        ));
    }
    for descriptor in Descriptor::ALL {
        let half_better = c.half_better.state(descriptor);
        findings.extend(half_better.map(|half| Finding {
            text: yes(half).into(),
            ..Finding::number(
                visit,
                codes::HALF_BETTER + descriptor as usize,
                "S2K RI-50",
                f64::NAN,
                "",
            )
        }));
    }
    let totals = [
        (codes::SLEDAI_TOTAL, "SLEDAI-2K", c.sledai_2k),
        (codes::SELENA_TOTAL, "SELENA-SLEDAI", c.selena_sledai),
    ];
    for (slot, category, total) in totals {
        let finding = total.map(|total| Finding::number(visit, slot, category, total.into(), ""));
        findings.extend(finding.map(|f| Finding { is_derived: true, ..f }));
    }
}

/// Complement, anti-dsDNA; urine, creatinine and filtration rate where the trial measures them.
pub(super) fn laboratory(exported: &Exported) -> Dataset {
    let mut findings = Vec::new();
    for visit in &exported.replicate.visits {
        let blood = |slot, value, unit| Finding::number(visit, slot, "CHEMISTRY", value, unit);
        findings.push(blood(codes::C3, visit.c3_g_per_l, "g/L"));
        findings.push(blood(codes::C4, visit.c4_g_per_l, "g/L"));
        findings.push(blood(codes::DSDNA, visit.anti_dsdna_iu_per_ml, "IU/mL"));
        let r = &visit.components.renal;
        let limit = r.creatinine_upper_limit.unwrap_or(f64::NAN);
        findings.extend(r.creatinine.map(|x| Finding {
            limits: [f64::NAN, limit],
            ..blood(codes::CREATININE, x, "mg/dL")
        }));
        findings.extend(r.egfr.map(|x| blood(codes::EGFR, x, "mL/min/1.73m2")));
        findings.extend(
            r.egfr_pre_flare
                .map(|x| blood(codes::EGFR_PRE_FLARE, x, "mL/min/1.73m2")),
        );
        let urine = |slot, value, unit| Finding::number(visit, slot, "URINALYSIS", value, unit);
        findings.extend(r.upcr.map(|x| urine(codes::UPCR, x, "g/g")));
        findings.extend(r.urine_red_cells.map(|x| urine(codes::URINE_RED_CELLS, x, "/HPF")));
        findings.extend(r.red_cell_casts.map(|seen| Finding {
            text: yes(seen).into(),
            ..urine(codes::CASTS, f64::NAN, "")
        }));
    }
    table(exported, "LB", "Laboratory Test Results", &findings)
}

/// Prednisone-equivalent before each visit's decision, as ADaM has it.
pub(super) fn steroids(exported: &Exported) -> Dataset {
    let visits: Vec<&VisitRow> = exported
        .replicate
        .visits
        .iter()
        .filter(|v| v.components.prednisone.is_some())
        .collect();
    let code = Codes::all().of_slot(codes::PREDNISONE);
    exported
        .table(
            "ADCM",
            "Prednisone-Equivalent Dose by Visit",
            visits.iter().map(|v| &v.patient),
        )
        .with_texts("PARAMCD", "Parameter Code", visits.iter().map(|_| code.code))
        .with_texts(
            "PARAM",
            "Parameter",
            visits.iter().map(|_| "Prednisone-equivalent before the visit (mg/day)"),
        )
        .with_numbers(
            "AVAL",
            "Analysis Value",
            visits
                .iter()
                .map(|v| v.components.prednisone.unwrap_or(f64::NAN))
                .collect(),
        )
        .with_texts("AVISIT", "Analysis Visit", visits.iter().map(|v| visit_name(v.week)))
        .with_numbers("AVISITN", "Analysis Visit (N)", visits.iter().map(|v| v.week).collect())
        .with_numbers(
            "ADY",
            "Analysis Relative Day",
            visits.iter().map(|v| study_day(v.week)).collect(),
        )
        .with_texts(
            "ABLFL",
            "Baseline Record Flag",
            visits.iter().map(|v| if v.week == 0.0 { "Y" } else { "" }),
        )
}

/// Findings as SDTM has them.
fn table(exported: &Exported, domain: &str, label: &str, findings: &[Finding]) -> Dataset {
    let code = |f: &Finding| Codes::all().of_slot(f.slot);
    let column = |suffix: &str| format!("{domain}{suffix}");
    let mut of_patient: BTreeMap<u32, f64> = BTreeMap::new();
    let number = |f: &Finding| {
        let n = of_patient.entry(f.visit.patient).or_default();
        *n += 1.0;
        *n
    };
    let sequence: Vec<f64> = findings.iter().map(number).collect();
    let mut visits: Vec<u64> = findings.iter().map(|f| f.visit.week.to_bits()).collect();
    visits.sort_unstable();
    visits.dedup();
    let position = |f: &Finding| {
        visits
            .binary_search(&f.visit.week.to_bits())
            .map_or(f64::NAN, |k| k as f64 + 1.0)
    };
    let texts = findings.iter().map(|f| f.text.as_str());
    let mut table = exported
        .table(domain, label, findings.iter().map(|f| &f.visit.patient))
        .with_numbers(&column("SEQ"), "Sequence Number", sequence)
        .with_texts(&column("TESTCD"), "Short Name", findings.iter().map(|f| code(f).code))
        .with_texts(&column("TEST"), "Name", findings.iter().map(|f| code(f).meaning))
        .with_texts(&column("CAT"), "Category", findings.iter().map(|f| f.category))
        .with_texts(&column("ORRES"), "Result or Finding in Original Units", texts.clone())
        .with_texts(&column("ORRESU"), "Original Units", findings.iter().map(|f| f.unit))
        .with_texts(&column("STRESC"), "Character Result/Finding in Std Format", texts)
        .with_numbers(
            &column("STRESN"),
            "Numeric Result/Finding in Standard Units",
            findings.iter().map(|f| f.number).collect(),
        )
        .with_texts(&column("STRESU"), "Standard Units", findings.iter().map(|f| f.unit));
    if domain == "LB" {
        let limit = |k: usize| findings.iter().map(|f| f.limits[k]).collect();
        table = table
            .with_numbers("LBSTNRLO", "Reference Range Lower Limit-Std Units", limit(0))
            .with_numbers("LBSTNRHI", "Reference Range Upper Limit-Std Units", limit(1));
    }
    table
        .with_texts(
            &column("LOBXFL"),
            "Last Observation Before Exposure Flag",
            findings.iter().map(|f| if f.visit.week == 0.0 { "Y" } else { "" }),
        )
        .with_texts(
            &column("DRVFL"),
            "Derived Flag",
            findings.iter().map(|f| if f.is_derived { "Y" } else { "" }),
        )
        .with_numbers("VISITNUM", "Visit Number", findings.iter().map(position).collect())
        .with_texts("VISIT", "Visit Name", findings.iter().map(|f| visit_name(f.visit.week)))
        .with_numbers(
            "VISITDY",
            "Planned Study Day of Visit",
            findings.iter().map(|f| study_day(f.visit.week)).collect(),
        )
        .with_numbers(
            &column("DY"),
            "Study Day",
            findings.iter().map(|f| study_day(f.visit.week)).collect(),
        )
}
