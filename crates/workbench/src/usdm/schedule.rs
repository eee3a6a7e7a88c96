//! When encounters are planned: the main timeline's timings followed back to their anchor.

use super::document::{Design, Timeline, Timing, UsdmError, dangling};
use super::duration::days;

/// One encounter as planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id of the encounter.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Id of the epoch in which it begins.
    pub epoch: Option<String>,
    /// Days since the anchor; `None` if no timing leads to it.
    pub day: Option<f64>,
    /// Days by which it may be early and late.
    pub window_days: Option<[f64; 2]>,
}

/// Codes of the types of timings (CDISC, as in the pilot study).
const BEFORE: &str = "C201357";
const AFTER: &str = "C201356";
const ANCHOR: &str = "C201358";

/// Every encounter of the design, in its order, with the day of the first instance that holds it.
pub fn schedule(design: &Design) -> Result<Vec<Planned>, UsdmError> {
    let main = design.parts.schedule_timelines.iter().find(|t| t.main_timeline);
    let mut planned = Vec::new();
    for encounter in &design.parts.encounters {
        let named = &encounter.named;
        let of_encounter = |t: &&Timeline| {
            t.instances
                .iter()
                .find(|i| i.encounter_id.as_ref() == Some(&named.id))
                .cloned()
        };
        let instance = main.as_ref().and_then(of_encounter);
        let day = match (main, &instance) {
            (Some(main), Some(instance)) => day_of(design, main, &instance.id, main.instances.len())?,
            _ => None,
        };
        let timing = main
            .zip(instance.as_ref())
            .and_then(|(main, instance)| timing_of(main, &instance.id));
        planned.push(Planned {
            id: named.id.clone(),
            name: named.title().to_owned(),
            epoch: instance.and_then(|i| i.epoch_id),
            day,
            window_days: timing.map(|t| window(design, t)).transpose()?.flatten(),
        });
    }
    Ok(planned)
}

fn timing_of<'a>(timeline: &'a Timeline, instance: &str) -> Option<&'a Timing> {
    timeline
        .timings
        .iter()
        .find(|t| t.relative_from_scheduled_instance_id == instance)
}

/// Days from the anchor to an instance; `steps` more timings may be followed.
fn day_of(design: &Design, timeline: &Timeline, instance: &str, steps: usize) -> Result<Option<f64>, UsdmError> {
    let Some(timing) = timing_of(timeline, instance) else {
        return Ok(None);
    };
    if timing.kind.code == ANCHOR {
        return Ok(Some(0.0));
    }
    let wrong = |message: String, help| UsdmError {
        place: format!("{}, {}", design.path, timing.id),
        message,
        help,
    };
    let Some(to) = &timing.relative_to_scheduled_instance_id else {
        return Err(wrong(
            "the timing is relative to nothing".into(),
            "give `relativeToScheduledInstanceId`",
        ));
    };
    if timeline.instances.iter().all(|i| i.id != *to) {
        return Err(dangling(&design.path, &timing.id, to));
    }
    if steps == 0 {
        return Err(wrong(
            "timings lead in a circle".into(),
            "let one of them be a fixed reference",
        ));
    }
    let length = length(design, &timing.id, &timing.value)?;
    let length = match timing.kind.code.as_str() {
        BEFORE => -length,
        AFTER => length,
        other => {
            let message = format!("the timing is of the unknown type `{other}` ({})", timing.kind.decode);
            return Err(wrong(
                message,
                "use Before C201357, After C201356 or Fixed Reference C201358",
            ));
        }
    };
    Ok(day_of(design, timeline, to, steps - 1)?.map(|anchor| anchor + length))
}

fn window(design: &Design, timing: &Timing) -> Result<Option<[f64; 2]>, UsdmError> {
    let side = |side: &Option<String>| match side.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => length(design, &timing.id, text).map(|days| Some(days.abs())),
        None => Ok(None),
    };
    Ok(match (side(&timing.window_lower)?, side(&timing.window_upper)?) {
        (None, None) => None,
        (early, late) => Some([early.unwrap_or(0.0), late.unwrap_or(0.0)]),
    })
}

fn length(design: &Design, place: &str, text: &str) -> Result<f64, UsdmError> {
    days(text).ok_or_else(|| UsdmError {
        place: format!("{}, {place}", design.path),
        message: format!("`{text}` is no length in days"),
        help: "write weeks, days or hours, as P2W, P3D or PT4H; months and years have no fixed length",
    })
}
