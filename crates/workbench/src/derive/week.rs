//! When a visit was: weeks since randomisation, from words or from days.

/// Time of a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    /// Weeks since randomisation; negative before.
    pub week: f64,
    /// Day of the study as it was, 1 on the day of randomisation; NaN if not given.
    pub day: f64,
    /// The week is that of a planned visit, not counted from the day.
    pub is_nominal: bool,
}

/// Weeks before a study day; day 1 is week 0, the day before it is day -1.
pub(super) fn week_of_day(day: f64) -> f64 {
    if day >= 1.0 { (day - 1.0) / 7.0 } else { day / 7.0 }
}

/// The first day of a week.
pub(super) fn day_of_week(week: f64) -> f64 {
    if week >= 0.0 { 7.0 * week + 1.0 } else { 7.0 * week }
}

/// Week of a visit by its name: `Week 12`, `WK12`, `Baseline`, `Day 1`. Screening without a week is a week before; other
/// names have none.
pub(super) fn week_of_text(text: &str) -> Option<f64> {
    let upper = text.trim().to_ascii_uppercase();
    if upper.contains("UNSCHED") {
        return None;
    }
    for word in ["WEEK", "WK"] {
        if let Some((_, rest)) = upper.split_once(word) {
            let rest = rest.trim_start();
            let end = rest
                .char_indices()
                .find(|&(k, c)| !(c.is_ascii_digit() || c == '.' || (k == 0 && c == '-')));
            let number = &rest[..end.map_or(rest.len(), |(k, _)| k)];
            return number.trim_end_matches('.').parse().ok();
        }
    }
    match upper.as_str() {
        "BASELINE" | "DAY 1" | "RANDOMIZATION" | "RANDOMISATION" => Some(0.0),
        "SCREENING" => Some(-1.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_have_weeks_by_name_or_day() {
        for (text, week) in [
            ("Week 12", Some(12.0)),
            ("WEEK 52/END OF TREATMENT", Some(52.0)),
            ("wk8", Some(8.0)),
            ("Week -2", Some(-2.0)),
            ("VISIT 3 (WEEK 4.)", Some(4.0)),
            (" baseline ", Some(0.0)),
            ("Screening", Some(-1.0)),
            ("Unscheduled Week 4.1", None),
            ("End of treatment", None),
            ("Week", None),
        ] {
            assert_eq!(week_of_text(text), week, "{text}");
        }
        assert_eq!([1.0, 29.0, -7.0, 365.0].map(week_of_day), [0.0, 4.0, -1.0, 52.0]);
        assert_eq!([0.0, 4.0, -1.0, 52.0].map(day_of_week), [1.0, 29.0, -7.0, 365.0]);
    }
}
