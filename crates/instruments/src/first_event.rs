//! Time to a first flare, seen at visits.

/// A first event, or the last day it was known not to have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstEvent {
    /// Seen at a visit; it happened after the last visit without it.
    Seen {
        /// Day of the last assessed visit before, or of the origin.
        after: i32,
        /// Day of the visit.
        day: i32,
    },
    /// Not seen until the last assessed visit.
    Censored {
        /// Day of that visit, or of the origin without one.
        day: i32,
    },
}

/// First event over visits in order of time, from `origin` (day 1 in trials); `None` is a visit at which it was not
/// assessed.
///
/// Visits after `end` (last day of the period or of treatment) do not count. Days are tied to visits, four weeks apart
/// in most trials: prefer methods for grouped or exact ties, or use the interval.
pub fn first_event(origin: i32, end: i32, visits: &[(i32, Option<bool>)]) -> FirstEvent {
    let mut last = origin;
    for &(day, event) in visits.iter().filter(|v| v.0 <= end) {
        match event {
            Some(true) => return FirstEvent::Seen { after: last, day },
            Some(false) => last = day,
            None => {}
        }
    }
    FirstEvent::Censored { day: last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_event_is_tied_to_its_visit() {
        let visits = [(29, Some(false)), (57, None), (85, Some(true)), (113, Some(true))];
        assert_eq!(first_event(1, 365, &visits), FirstEvent::Seen { after: 29, day: 85 });
    }

    #[test]
    fn without_an_event_the_last_assessed_visit_censors() {
        let visits = [(29, Some(false)), (57, None)];
        assert_eq!(first_event(1, 365, &visits), FirstEvent::Censored { day: 29 });
        assert_eq!(first_event(1, 365, &[]), FirstEvent::Censored { day: 1 });
        assert_eq!(first_event(1, 28, &[(29, Some(true))]), FirstEvent::Censored { day: 1 });
    }
}
