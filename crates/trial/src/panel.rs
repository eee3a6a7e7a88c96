//! Many endpoints read off a patient's visits together. A rule that several endpoints share is looked at once, and over all
//! visits at once; what comes out is what [`Endpoint::respond`] says of each visit.

use malar_model::rule::Rule;

use crate::endpoint::{DISCONTINUED, FIRST_CRITERION, NOT_ASSESSED, RESPONDER, RESTRICTED, Verdict};
use crate::endpoint::{Endpoint, Intercurrent, Strategy};
use crate::instruments::{DISCONTINUED_AT, N_VARIABLES, RESTRICTED_AT, Variables};

/// Endpoints whose distinct rules are kept once, and what they say of the patient looked at last.
pub struct Panel {
    rules: Vec<Shared>,
    /// Variables that any rule reads.
    reads: Vec<usize>,
    endpoints: Vec<Plan>,
    n_visits: usize,
    /// Values by variable, then visit.
    columns: Vec<f64>,
    /// By rule, then visit.
    verdicts: Vec<Verdict>,
    /// Reason indices by endpoint, then visit.
    reasons: Vec<u16>,
    work: Vec<f64>,
    holds: Vec<bool>,
}

/// A rule and the variables it reads.
struct Shared {
    rule: Rule,
    reads: Vec<usize>,
}

/// An endpoint; its rules by position.
struct Plan {
    intercurrent: Intercurrent,
    /// Rule, and the week from which on it must hold.
    criteria: Vec<(usize, Option<f64>)>,
    event: Option<usize>,
}

impl Panel {
    /// A panel of these endpoints.
    pub fn new(endpoints: &[Endpoint]) -> Panel {
        let mut rules: Vec<Shared> = Vec::new();
        let mut shared = |rule: &Rule| {
            let known = rules.iter().position(|s| s.rule.text() == rule.text());
            known.unwrap_or_else(|| {
                let (rule, reads) = (rule.clone(), rule.positions());
                rules.push(Shared { rule, reads });
                rules.len() - 1
            })
        };
        let mut plan = |endpoint: &Endpoint| Plan {
            intercurrent: endpoint.intercurrent,
            criteria: endpoint
                .criteria
                .iter()
                .map(|c| (shared(&c.holds), c.from_week))
                .collect(),
            event: endpoint.event.as_ref().map(&mut shared),
        };
        let endpoints = endpoints.iter().map(&mut plan).collect();
        let mut reads: Vec<usize> = rules.iter().flat_map(|s| s.reads.iter().copied()).collect();
        reads.sort_unstable();
        reads.dedup();
        Panel {
            rules,
            reads,
            endpoints,
            n_visits: 0,
            columns: Vec::new(),
            verdicts: Vec::new(),
            reasons: Vec::new(),
            work: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// Looks at a patient's visits after baseline, in order of time.
    pub fn look(&mut self, visits: &[Variables]) {
        self.n_visits = visits.len();
        self.columns.resize(N_VARIABLES * visits.len(), f64::NAN);
        for &p in &self.reads {
            let column = &mut self.columns[p * visits.len()..][..visits.len()];
            column.iter_mut().zip(visits).for_each(|(x, visit)| *x = visit[p]);
        }
        self.judge_rules();
        self.reasons.resize(self.endpoints.len() * visits.len(), 0);
        for (plan, reasons) in self.endpoints.iter().zip(self.reasons.chunks_mut(visits.len().max(1))) {
            plan.respond(visits, &self.verdicts, reasons);
        }
    }

    fn judge_rules(&mut self) {
        let n = self.n_visits;
        self.verdicts.clear();
        self.holds.resize(n, false);
        for shared in &self.rules {
            shared
                .rule
                .hold_in_columns(&self.columns, &mut self.work, &mut self.holds);
            let is_missing = |visit: usize| shared.reads.iter().any(|&p| self.columns[p * n + visit].is_nan());
            let verdict = |(visit, &holds): (usize, &bool)| match holds {
                true => Verdict::Holds,
                false if is_missing(visit) => Verdict::Missing,
                false => Verdict::Fails,
            };
            self.verdicts.extend(self.holds.iter().enumerate().map(verdict));
        }
    }

    /// Reason index of an endpoint at a visit of the patient looked at last.
    pub fn reason(&self, endpoint: usize, visit: usize) -> usize {
        self.reasons[endpoint * self.n_visits + visit].into()
    }

    /// Whether the event of a rate is there at a visit; `None` if a value is missing. Panics for a response.
    pub fn event(&self, endpoint: usize, visit: usize) -> Option<bool> {
        let rule = self.endpoints[endpoint].event.expect("only a rate is asked for events");
        match self.verdicts[rule * self.n_visits + visit] {
            Verdict::Holds => Some(true),
            Verdict::Fails => Some(false),
            Verdict::Missing => None,
        }
    }
}

impl Plan {
    /// Reasons at all visits. What is asked first is written last: [`Endpoint::respond`] gives the first reason there is.
    fn respond(&self, visits: &[Variables], verdicts: &[Verdict], reasons: &mut [u16]) {
        reasons.fill(RESPONDER as u16);
        for (k, &(rule, from_week)) in self.criteria.iter().enumerate().rev() {
            let seen = &verdicts[rule * visits.len()..][..visits.len()];
            let mut since = Verdict::Holds;
            for ((reason, &now), visit) in reasons.iter_mut().zip(seen).zip(visits) {
                let verdict = from_week.map_or(now, |from| {
                    if visit[0] >= from {
                        since = since.max(now);
                    }
                    since
                });
                match verdict {
                    Verdict::Holds => {}
                    Verdict::Fails => *reason = (FIRST_CRITERION + k) as u16,
                    Verdict::Missing => *reason = NOT_ASSESSED as u16,
                }
            }
        }
        for (reason, visit) in reasons.iter_mut().zip(visits) {
            if visit[RESTRICTED_AT] != 0.0 && self.intercurrent.restricted_medication == Strategy::Composite {
                *reason = RESTRICTED as u16;
            }
            if visit[DISCONTINUED_AT] != 0.0 && self.intercurrent.discontinuation == Strategy::Composite {
                *reason = DISCONTINUED as u16;
            }
        }
    }
}
