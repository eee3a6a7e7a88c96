//! Scores: endpoints whose value is compared by its mean.

use malar_model::codes::ENDPOINT;
use malar_model::diagnostic::{Diagnostic, Source};

use crate::endpoint::{DISCONTINUED, Endpoint, NOT_ASSESSED, SAME_WEEK, Strategy, held_until};
use crate::instruments::{DISCONTINUED_AT, Variables};

impl Endpoint {
    /// Value of a score at a visit; `None` if a variable that it reads is missing, for nothing is imputed.
    ///
    /// Panics if the endpoint is no score.
    pub fn score(&self, visit: &Variables) -> Option<f64> {
        let rule = self.value.as_ref().expect("a score has a value");
        let is_known = rule.positions().iter().all(|&p| !visit[p].is_nan());
        is_known.then(|| rule.evaluate(visit)).filter(|x| x.is_finite())
    }

    /// Value of a score at a week of a patient with `visits` after baseline, in order of time, or the reason why there is
    /// none; `absent` if no visit was held then. While on treatment, the last visit before leaving speaks for what follows.
    pub fn score_at(&self, visits: &[Variables], week: f64, absent: usize) -> Result<f64, usize> {
        let held = held_until(visits, week);
        let came = held.last().is_some_and(|v| v[0] >= week - SAME_WEEK);
        let left = held.last().is_some_and(|v| v[DISCONTINUED_AT] != 0.0) || (!came && absent == DISCONTINUED);
        let counted = if left && self.intercurrent.discontinuation == Strategy::WhileOnTreatment {
            &held[..held.partition_point(|v| v[DISCONTINUED_AT] == 0.0)]
        } else if came {
            held
        } else {
            return Err(absent);
        };
        let last = counted.last().ok_or(if left { DISCONTINUED } else { absent })?;
        self.score(last).ok_or(NOT_ASSESSED)
    }

    /// A failure has no value on a scale, so no intercurrent event can be one.
    pub(crate) fn check_score(&self, source: &Source, place: std::ops::Range<usize>) -> Result<(), Diagnostic> {
        let intercurrent = self.intercurrent;
        let is_possible = intercurrent.discontinuation != Strategy::Composite
            && intercurrent.restricted_medication == Strategy::TreatmentPolicy;
        if is_possible {
            return Ok(());
        }
        let message = format!(
            "endpoint `{}` is a score, and a failure has no value on its scale",
            self.id
        );
        Err(Diagnostic::error(ENDPOINT, source, place, message).help(
            "write `intercurrent = { discontinuation = \"treatment-policy\", restricted_medication = \"treatment-policy\" }`; \
             discontinuation may also be `while-on-treatment`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::{N_VARIABLES, VARIABLES};

    fn parse(intercurrent: &str, rest: &str) -> Result<Endpoint, String> {
        let text = format!(
            "id = \"points\"\nname = \"points\"\nkind = \"score\"\nunit = \"points\"\nsource = [\"own\"]\n\
             value = \"1 + 2 * pga_change\"\n{intercurrent}\n{rest}"
        );
        let source = Source {
            path: "points.toml".into(),
            text,
        };
        Endpoint::parse(&source).map_err(|e| e.render(&source.text))
    }

    fn endpoint(discontinuation: &str) -> Endpoint {
        let intercurrent = format!(
            "intercurrent = {{ discontinuation = \"{discontinuation}\", restricted_medication = \"treatment-policy\" }}"
        );
        parse(&intercurrent, "").unwrap_or_else(|e| panic!("{e}"))
    }

    /// A visit with its week, change of PGA, and whether study drug was stopped before.
    fn visit(week: f64, pga_change: f64, stopped: f64) -> Variables {
        let mut v = [0.0; N_VARIABLES];
        let mut set = |name: &str, x: f64| v[VARIABLES.iter().position(|v| v.0 == name).expect("a variable")] = x;
        set("week", week);
        set("pga_change", pga_change);
        set("discontinued", stopped);
        v
    }

    #[test]
    fn the_value_is_that_of_the_week_and_nothing_is_imputed() {
        let (policy, visits) = (
            endpoint("treatment-policy"),
            [visit(4.0, -1.0, 0.0), visit(8.0, 0.5, 1.0)],
        );
        assert_eq!(
            policy.score_at(&visits, 8.0, NOT_ASSESSED),
            Ok(2.0),
            "regardless of leaving"
        );
        assert_eq!(policy.score_at(&visits, 12.0, DISCONTINUED), Err(DISCONTINUED));
        assert_eq!(policy.score_at(&visits, 12.0, NOT_ASSESSED), Err(NOT_ASSESSED));
        let missing = [visit(4.0, f64::NAN, 0.0)];
        assert_eq!(policy.score_at(&missing, 4.0, DISCONTINUED), Err(NOT_ASSESSED));
    }

    #[test]
    fn while_on_treatment_the_last_visit_before_leaving_speaks() {
        let while_on = endpoint("while-on-treatment");
        let stopped = [visit(4.0, -1.0, 0.0), visit(8.0, 0.5, 1.0)];
        assert_eq!(while_on.score_at(&stopped, 8.0, NOT_ASSESSED), Ok(-1.0));
        assert_eq!(
            while_on.score_at(&stopped[..1], 12.0, DISCONTINUED),
            Ok(-1.0),
            "never seen again"
        );
        assert_eq!(
            while_on.score_at(&stopped[..1], 12.0, NOT_ASSESSED),
            Err(NOT_ASSESSED),
            "a visit missed while on treatment is missing"
        );
        assert_eq!(while_on.score_at(&stopped[1..], 8.0, NOT_ASSESSED), Err(DISCONTINUED));
    }

    #[test]
    fn a_score_cannot_be_a_failure_and_its_cases_have_values() {
        let composite = parse("", "").expect_err("composite is the default");
        assert!(composite.contains("a failure has no value on its scale"), "{composite}");
        let policy =
            "intercurrent = { discontinuation = \"treatment-policy\", restricted_medication = \"treatment-policy\" }";
        let case = |says: &str| {
            parse(
                policy,
                &format!("[[cases]]\nname = \"a\"\nvalues = {{ pga = 0.3 }}\n{says}\n"),
            )
        };
        assert!(case("value = 1.6").is_ok());
        let wrong = case("value = 1.5").expect_err("0.3 is up by 0.3");
        assert!(wrong.contains("expected `1.5`, the rules give `1.6`"), "{wrong}");
        let both = case("value = 1.6\nreason = \"scored\"").expect_err("one of them");
        assert!(both.contains("a worked case has a reason or a value"), "{both}");
        let criteria = "[[criteria]]\nid = \"a\"\nlabel = \"a\"\nholds = \"pga < 1\"\n";
        let two = parse(policy, criteria).expect_err("not both");
        assert!(two.contains("is incomplete"), "{two}");
    }
}
