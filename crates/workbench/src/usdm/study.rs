//! A protocol as a study definition.

use malar_trial::{Arm, Endpoint, Kind, Protocol, Strategy};
use serde_json::{Value, json};

use super::draft::PLACEBO_ARM;
use super::{PROTOCOL, RULE, duration};

/// Version of CDISC's controlled terminology whose codes are used, as in CDISC's pilot study.
const TERMINOLOGY: &str = "2024-09-27";

/// The study definition of a protocol; `text` is the protocol file, which travels along, and `endpoints` those it reads.
///
/// USDM has no words for what the simulation assumes (populations, rescue, tapers): they are in the protocol file only.
pub fn study(protocol: &Protocol, text: &str, endpoints: &[Endpoint]) -> Value {
    let mut ids = Ids::default();
    let visits = visits(protocol);
    let design = design(protocol, text, endpoints, &visits, &mut ids);
    let criteria: Vec<Value> = (protocol.criteria.iter().enumerate())
        .map(|(k, criterion)| {
            json!({
                "id": format!("EligibilityCriterionItem_{}", k + 1),
                "name": criterion.id,
                "text": criterion.rule.text(),
                "extensionAttributes": [ids.extension(RULE, criterion.rule.text())],
                "instanceType": "EligibilityCriterionItem",
            })
        })
        .collect();
    let interventions: Vec<Value> = therapies(protocol)
        .iter()
        .map(|id| intervention(protocol, id, &mut ids))
        .collect();
    let registry = if protocol.registry.is_empty() {
        &protocol.id
    } else {
        &protocol.registry
    };
    json!({
        "study": {
            "id": null,
            "name": protocol.name,
            "label": protocol.name,
            "description": "A virtual trial; its patients are simulated",
            "versions": [{
                "id": "StudyVersion_1",
                "versionIdentifier": "1",
                "rationale": "Protocol of a virtual trial",
                "studyIdentifiers": [{
                    "id": "StudyIdentifier_1", "text": registry, "scopeId": "Organization_1", "instanceType": "StudyIdentifier",
                }],
                "titles": [{
                    "id": "StudyTitle_1", "text": protocol.name, "type": ids.code("C94108", "Study Acronym"), "instanceType": "StudyTitle",
                }],
                "organizations": [{
                    "id": "Organization_1", "name": "Malar", "label": "Malar",
                    "type": ids.code("C70793", "Clinical Study Sponsor"),
                    "identifierScheme": "URL", "identifier": env!("CARGO_PKG_REPOSITORY"), "instanceType": "Organization",
                }],
                "eligibilityCriterionItems": criteria,
                "studyInterventions": interventions,
                "studyDesigns": [design],
                "instanceType": "StudyVersion",
            }],
            "instanceType": "Study",
        },
        "usdmVersion": "4.0.0",
        "systemName": "Malar",
        "systemVersion": env!("CARGO_PKG_VERSION"),
    })
}

/// Numbers for the parts that have no id of their own.
#[derive(Default)]
struct Ids {
    codes: u32,
    extensions: u32,
    quantities: u32,
}

impl Ids {
    fn code(&mut self, code: &str, decode: &str) -> Value {
        self.codes += 1;
        json!({
            "id": format!("Code_{}", self.codes), "code": code, "codeSystem": "http://www.cdisc.org",
            "codeSystemVersion": TERMINOLOGY, "decode": decode, "instanceType": "Code",
        })
    }

    fn extension(&mut self, url: &str, text: &str) -> Value {
        self.extensions += 1;
        json!({
            "id": format!("ExtensionAttribute_{}", self.extensions), "url": url, "valueString": text,
            "instanceType": "ExtensionAttribute",
        })
    }

    /// A number; its unit, if it is not one of CDISC's, stands in the text beside it.
    fn quantity(&mut self, value: f64) -> Value {
        self.quantities += 1;
        json!({ "id": format!("Quantity_{}", self.quantities), "value": value, "unit": null, "instanceType": "Quantity" })
    }
}

/// A planned visit: id, name, epoch number, days since randomisation, window.
struct Visit {
    name: String,
    epoch: usize,
    day: f64,
    window: Option<[f64; 2]>,
}

/// Epochs that every virtual trial has, if its file lists no others.
const EPOCHS: [(&str, &str, &str); 2] = [
    ("Screening", "C202487", "Screening Epoch"),
    ("Treatment", "C101526", "Treatment Epoch"),
];

/// Visits of the file if it lists any, else screening, baseline and one every interval.
fn visits(protocol: &Protocol) -> Vec<Visit> {
    let position = |id: &Option<String>| {
        protocol
            .epochs
            .iter()
            .position(|e| Some(&e.id) == id.as_ref())
            .unwrap_or(0)
    };
    let listed = protocol.encounters.iter().filter_map(|e| {
        let (name, epoch, window) = (e.name.clone(), position(&e.epoch), e.window_days);
        Some(Visit {
            name,
            epoch,
            day: e.day?,
            window,
        })
    });
    let listed: Vec<Visit> = listed.collect();
    if !listed.is_empty() && !protocol.epochs.is_empty() {
        return listed;
    }
    let visit = |name: String, epoch, week: f64| Visit {
        name,
        epoch,
        day: 7.0 * week,
        window: None,
    };
    let mut all = vec![
        visit("Screening".into(), 0, -protocol.visit_every_weeks),
        visit("Baseline".into(), 1, 0.0),
    ];
    let weeks = (1..=protocol.n_visits()).map(|k| k as f64 * protocol.visit_every_weeks);
    all.extend(weeks.map(|week| visit(format!("Week {week}"), 1, week)));
    all
}

fn design(protocol: &Protocol, text: &str, endpoints: &[Endpoint], visits: &[Visit], ids: &mut Ids) -> Value {
    let epochs = epochs(protocol, ids);
    let n_epochs = epochs.len();
    let arms: Vec<Value> = protocol.arms.iter().enumerate().map(|(k, a)| arm(k, a, ids)).collect();
    let elements: Vec<Value> = (0..n_epochs).flat_map(|e| elements(protocol, e)).collect();
    let cells: Vec<Value> = (0..arms.len())
        .flat_map(|a| (0..n_epochs).map(move |e| (a, e)))
        .map(|(a, e)| {
            json!({
                "id": format!("StudyCell_{}", a * n_epochs + e + 1),
                "armId": format!("StudyArm_{}", a + 1),
                "epochId": format!("StudyEpoch_{}", e + 1),
                "elementIds": [element_id(e, a)],
                "instanceType": "StudyCell",
            })
        })
        .collect();
    let criteria: Vec<Value> = (protocol.criteria.iter().enumerate())
        .map(|(k, criterion)| {
            json!({
                "id": format!("EligibilityCriterion_{}", k + 1), "name": criterion.id, "identifier": format!("{}", k + 1),
                "category": ids.code("C25532", "Inclusion Criteria"),
                "criterionItemId": format!("EligibilityCriterionItem_{}", k + 1),
                "previousId": (k > 0).then(|| format!("EligibilityCriterion_{k}")),
                "nextId": (k + 1 < protocol.criteria.len()).then(|| format!("EligibilityCriterion_{}", k + 2)),
                "instanceType": "EligibilityCriterion",
            })
        })
        .collect();
    let (objectives, estimands) = objectives(protocol, endpoints, ids);
    let given = therapies(protocol);
    json!({
        "id": "InterventionalStudyDesign_1",
        "name": protocol.id,
        "label": protocol.name,
        "rationale": "A virtual trial",
        "model": ids.code("C82639", "Parallel Study"),
        "studyType": ids.code("C98388", "Interventional Study"),
        "arms": arms,
        "epochs": epochs,
        "elements": elements,
        "studyCells": cells,
        "encounters": visits.iter().enumerate().map(|(k, v)| encounter(k, v, visits.len(), ids)).collect::<Vec<_>>(),
        "activities": [{ "id": "Activity_1", "name": "Assessment", "label": protocol.instruments.join(", "), "instanceType": "Activity" }],
        "scheduleTimelines": [timeline(visits, ids)],
        "population": {
            "id": "StudyDesignPopulation_1", "name": protocol.population, "includesHealthySubjects": false,
            "plannedEnrollmentNumber": ids.quantity(f64::from(protocol.n_patients())),
            "criterionIds": (1..=protocol.criteria.len()).map(|k| format!("EligibilityCriterion_{k}")).collect::<Vec<_>>(),
            "instanceType": "StudyDesignPopulation",
        },
        "eligibilityCriteria": criteria,
        "studyInterventionIds": (1..=given.len()).map(|k| format!("StudyIntervention_{k}")).collect::<Vec<_>>(),
        "objectives": objectives,
        "estimands": estimands,
        "analysisPopulations": [{
            "id": "AnalysisPopulation_1", "name": "all", "text": "All randomised patients", "instanceType": "AnalysisPopulation",
        }],
        "extensionAttributes": [ids.extension(PROTOCOL, text)],
        "instanceType": "InterventionalStudyDesign",
    })
}

fn epochs(protocol: &Protocol, ids: &mut Ids) -> Vec<Value> {
    let listed = protocol.epochs.iter().map(|e| {
        let is_screening = e.name.to_lowercase().contains("screening");
        let (_, code, decode) = EPOCHS[usize::from(!is_screening)];
        (e.name.as_str(), code, decode)
    });
    let listed: Vec<(&str, &str, &str)> = if protocol.epochs.is_empty() {
        EPOCHS.to_vec()
    } else {
        listed.collect()
    };
    let n = listed.len();
    let epoch = |(k, (name, code, decode)): (usize, (&str, &str, &str))| {
        json!({
            "id": format!("StudyEpoch_{}", k + 1), "name": name, "label": name, "type": ids.code(code, decode),
            "previousId": (k > 0).then(|| format!("StudyEpoch_{k}")),
            "nextId": (k + 1 < n).then(|| format!("StudyEpoch_{}", k + 2)),
            "instanceType": "StudyEpoch",
        })
    };
    listed.into_iter().enumerate().map(epoch).collect()
}

fn arm(number: usize, arm: &Arm, ids: &mut Ids) -> Value {
    let (code, decode) = match (arm.control, arm.therapies.is_empty()) {
        (_, true) => (PLACEBO_ARM, "Placebo Control Arm"),
        (true, false) => ("C174267", "Active Comparator Arm"),
        (false, false) => ("C174266", "Investigational Arm"),
    };
    json!({
        "id": format!("StudyArm_{}", number + 1), "name": arm.id, "label": arm.id,
        "description": format!("{} virtual patients", arm.n),
        "type": ids.code(code, decode),
        "dataOriginType": ids.code("C188866", "Data Generated Within Study"),
        "dataOriginDescription": "Simulated",
        "instanceType": "StudyArm",
    })
}

fn element_id(epoch: usize, arm: usize) -> String {
    if epoch == 0 {
        "StudyElement_1".into()
    } else {
        format!("StudyElement_{}_{}", epoch + 1, arm + 1)
    }
}

/// Before treatment all arms share one element; later each has its own.
fn elements(protocol: &Protocol, epoch: usize) -> Vec<Value> {
    let given = therapies(protocol);
    if epoch == 0 {
        return vec![json!({ "id": element_id(0, 0), "name": "Before treatment", "instanceType": "StudyElement" })];
    }
    let element = |(k, arm): (usize, &Arm)| {
        let own = arm
            .therapies
            .iter()
            .filter_map(|(usage, _)| given.iter().position(|id| *id == usage.id));
        let mut own: Vec<String> = own.map(|k| format!("StudyIntervention_{}", k + 1)).collect();
        own.dedup();
        json!({
            "id": element_id(epoch, k), "name": arm.id, "studyInterventionIds": own, "instanceType": "StudyElement",
        })
    };
    protocol.arms.iter().enumerate().map(element).collect()
}

fn encounter(number: usize, visit: &Visit, n: usize, ids: &mut Ids) -> Value {
    json!({
        "id": format!("Encounter_{}", number + 1), "name": format!("E{}", number + 1), "label": visit.name,
        "type": ids.code("C25716", "Visit"),
        "previousId": (number > 0).then(|| format!("Encounter_{number}")),
        "nextId": (number + 1 < n).then(|| format!("Encounter_{}", number + 2)),
        "scheduledAtId": format!("Timing_{}", number + 1),
        "instanceType": "Encounter",
    })
}

/// One instance and one timing per visit; the first visit on day 0 is the anchor, or the first of all.
fn timeline(visits: &[Visit], ids: &mut Ids) -> Value {
    let anchor = visits.iter().position(|v| v.day == 0.0).unwrap_or(0);
    let instance = |(k, visit): (usize, &Visit)| {
        let is_last = k + 1 == visits.len();
        json!({
            "id": format!("ScheduledActivityInstance_{}", k + 1), "name": format!("I{}", k + 1), "label": visit.name,
            "encounterId": format!("Encounter_{}", k + 1), "epochId": format!("StudyEpoch_{}", visit.epoch + 1),
            "activityIds": ["Activity_1"],
            "defaultConditionId": (!is_last).then(|| format!("ScheduledActivityInstance_{}", k + 2)),
            "timelineExitId": is_last.then_some("ScheduleTimelineExit_1"),
            "instanceType": "ScheduledActivityInstance",
        })
    };
    let instances: Vec<Value> = visits.iter().enumerate().map(instance).collect();
    let anchor_day = visits[anchor].day;
    let timings: Vec<Value> = (visits.iter().enumerate())
        .map(|(k, visit)| {
            let (code, decode) = match visit.day - anchor_day {
                _ if k == anchor => ("C201358", "Fixed Reference"),
                day if day < 0.0 => ("C201357", "Before"),
                _ => ("C201356", "After"),
            };
            let length = duration::text(visit.day - anchor_day);
            json!({
                "id": format!("Timing_{}", k + 1), "name": format!("TIM{}", k + 1), "label": visit.name,
                "type": ids.code(code, decode), "value": length, "valueLabel": length,
                "relativeToFrom": ids.code("C201355", "Start to Start"),
                "relativeFromScheduledInstanceId": format!("ScheduledActivityInstance_{}", k + 1),
                "relativeToScheduledInstanceId": format!("ScheduledActivityInstance_{}", anchor + 1),
                "windowLower": visit.window.map(|w| duration::text(w[0])),
                "windowUpper": visit.window.map(|w| duration::text(w[1])),
                "instanceType": "Timing",
            })
        })
        .collect();
    json!({
        "id": "ScheduleTimeline_1", "name": "Main Timeline", "label": "Main timeline", "mainTimeline": true,
        "entryCondition": "Patient enters screening", "entryId": "ScheduledActivityInstance_1",
        "instances": instances, "timings": timings,
        "exits": [{ "id": "ScheduleTimelineExit_1", "instanceType": "ScheduleTimelineExit" }],
        "instanceType": "ScheduleTimeline",
    })
}

/// A primary objective for the deciding endpoint, a secondary one for all others; an estimand for each binary endpoint.
fn objectives(protocol: &Protocol, endpoints: &[Endpoint], ids: &mut Ids) -> (Vec<Value>, Vec<Value>) {
    let (mut primary, mut secondary, mut estimands) = (Vec::new(), Vec::new(), Vec::new());
    for (k, (usage, _)) in protocol.endpoints.iter().enumerate() {
        let Some(endpoint) = endpoints.iter().find(|e| e.id == usage.id) else {
            continue;
        };
        let is_primary = usage.primary_week.is_some();
        let (code, decode) = if is_primary {
            ("C94496", "Primary Endpoint")
        } else {
            ("C139173", "Secondary Endpoint")
        };
        let weeks: Vec<String> = usage.weeks.iter().map(f64::to_string).collect();
        let id = format!("Endpoint_{}", k + 1);
        let value = json!({
            "id": id, "name": endpoint.id, "label": endpoint.name,
            "text": format!("{} ({}) at weeks {}", endpoint.name, endpoint.unit, weeks.join(", ")),
            "purpose": "Efficacy", "level": ids.code(code, decode), "instanceType": "Endpoint",
        });
        if is_primary { &mut primary } else { &mut secondary }.push(value);
        if endpoint.kind == Kind::Binary && !therapies(protocol).is_empty() {
            estimands.push(estimand(protocol, endpoint, &id, k));
        }
    }
    let levels = [
        (primary, "C85826", "Primary Objective"),
        (secondary, "C85827", "Secondary Objective"),
    ];
    let objective = |(k, (endpoints, code, decode)): (usize, (Vec<Value>, &str, &str))| {
        json!({
            "id": format!("Objective_{}", k + 1), "name": format!("OBJ{}", k + 1),
            "text": "Compare each arm with control", "level": ids.code(code, decode), "endpoints": endpoints,
            "instanceType": "Objective",
        })
    };
    let kept = levels.into_iter().filter(|(endpoints, ..)| !endpoints.is_empty());
    (kept.enumerate().map(objective).collect(), estimands)
}

fn estimand(protocol: &Protocol, endpoint: &Endpoint, id: &str, number: usize) -> Value {
    let name = |strategy| match strategy {
        Strategy::Composite => "Composite",
        Strategy::TreatmentPolicy => "Treatment policy",
        Strategy::WhileOnTreatment => "While on treatment",
    };
    let events = [
        ("Discontinuation of study drug", endpoint.intercurrent.discontinuation),
        ("Restricted medication", endpoint.intercurrent.restricted_medication),
    ];
    let event = |(k, (text, strategy)): (usize, (&str, Strategy))| {
        json!({
            "id": format!("IntercurrentEvent_{}_{}", number + 1, k + 1), "name": text, "text": text, "strategy": name(strategy),
            "instanceType": "IntercurrentEvent",
        })
    };
    json!({
        "id": format!("Estimand_{}", number + 1), "name": endpoint.id,
        "populationSummary": "Difference in the share of responders, all randomised patients",
        "analysisPopulationId": "AnalysisPopulation_1", "variableOfInterestId": id,
        "interventionIds": (1..=therapies(protocol).len()).map(|k| format!("StudyIntervention_{k}")).collect::<Vec<_>>(),
        "intercurrentEvents": events.into_iter().enumerate().map(event).collect::<Vec<_>>(),
        "instanceType": "Estimand",
    })
}

/// Therapies of all arms, each once.
fn therapies(protocol: &Protocol) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (usage, _) in protocol.arms.iter().flat_map(|arm| &arm.therapies) {
        if !found.contains(&usage.id) {
            found.push(usage.id.clone());
        }
    }
    found
}

fn intervention(protocol: &Protocol, id: &str, ids: &mut Ids) -> Value {
    let number = therapies(protocol)
        .iter()
        .position(|known| known == id)
        .map_or(0, |k| k + 1);
    let uses = protocol
        .arms
        .iter()
        .flat_map(|arm| arm.therapies.iter().map(move |(usage, _)| (arm, usage)));
    let mut administrations = Vec::new();
    for (arm, usage) in uses.filter(|(_, usage)| usage.id == id) {
        let amount = usage.amount();
        let dose = amount.map(|a| a.value).or(usage.daily_dose);
        let unit = amount.map_or("mg/day".to_owned(), |a| {
            format!("{}{}", a.unit.text(), if a.per_kg { "/kg" } else { "" })
        });
        let days = usage
            .days
            .as_ref()
            .map(|days| days.list().iter().map(f64::to_string).collect::<Vec<_>>().join(", "));
        let when = days.map_or("every day".to_owned(), |days| format!("on days {days}"));
        let at = format!("{number}_{}", administrations.len() + 1);
        administrations.push(json!({
            "id": format!("Administration_{at}"), "name": format!("{} {id}", arm.id),
            "description": format!("{} {unit} {when}", dose.unwrap_or(0.0)),
            "dose": dose.map(|dose| ids.quantity(dose)),
            "duration": {
                "id": format!("Duration_{at}"), "text": format!("{} weeks", protocol.duration_weeks), "durationWillVary": false,
                "instanceType": "Duration",
            },
            "instanceType": "Administration",
        }));
    }
    json!({
        "id": format!("StudyIntervention_{number}"), "name": id, "label": id,
        "role": ids.code("C41161", "Experimental Intervention"),
        "type": ids.code("C1909", "Pharmacologic Substance"),
        "administrations": administrations,
        "instanceType": "StudyIntervention",
    })
}
