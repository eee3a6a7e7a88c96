//! The whole form, graded visit by visit.

use crate::error::ItemError;

use super::blood::Blood;
use super::grade::{Domain, Grade, Grades, N_DOMAINS};
use super::items::{self, Finding, Marks, N_CLINICAL};
use super::renal::{Convention, Previous, Renal};

/// A BILAG-2004 form as entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The 77 clinical items.
    pub clinical: Marks,
    /// The kidney.
    pub renal: Renal,
    /// The blood.
    pub blood: Blood,
}

impl Form {
    /// A form of which nothing was done.
    pub const NOT_DONE: Form = Form {
        clinical: [None; N_CLINICAL],
        renal: Renal {
            systolic: None,
            diastolic: None,
            accelerated_hypertension: None,
            dipstick: None,
            albumin_creatinine: None,
            protein_creatinine: None,
            protein_24h: None,
            nephrotic: None,
            creatinine: None,
            gfr: None,
            active_sediment: None,
            active_biopsy: None,
            other_cause: super::renal::OtherCause {
                pressure: false,
                protein: false,
                function: false,
            },
        },
        blood: Blood {
            haemoglobin: None,
            leukocytes: None,
            neutrophils: None,
            lymphocytes: None,
            platelets: None,
            ttp: None,
            active_haemolysis: None,
            isolated_coombs: None,
            other_cause: super::blood::OtherCause {
                haemoglobin: false,
                leukocytes: false,
                lymphocytes: false,
                platelets: false,
            },
        },
    };
}

/// What a patient's earlier visits leave for the next one: where lupus ever was, and the kidney's last values.
///
/// Start with [`History::none`], or with [`History::involved_in`] for a patient whose disease before the first form is
/// known, and grade the forms in order of time.
///
/// ```
/// use malar_instruments::bilag::index::{Form, History};
/// use malar_instruments::bilag::items::{Mark, N_CLINICAL, position};
/// use malar_instruments::bilag::renal::Convention;
///
/// let mut form = Form { clinical: [Some(Mark::Absent); N_CLINICAL], ..Form::NOT_DONE };
/// form.clinical[position("arthritis_severe").expect("an item")] = Some(Mark::New);
/// let mut history = History::none();
/// assert_eq!(history.grade(&form, Convention::Written)?.letters(), "EEEAEEE--");
/// form.clinical[position("arthritis_severe").expect("an item")] = Some(Mark::Absent);
/// assert_eq!(history.grade(&form, Convention::Written)?.letters(), "EEEDEEE--");
/// # Ok::<(), malar_instruments::ItemError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    involved: [bool; N_DOMAINS],
    renal: Option<Renal>,
}

impl History {
    /// No earlier visit, never involved.
    pub const fn none() -> History {
        History {
            involved: [false; N_DOMAINS],
            renal: None,
        }
    }

    /// No earlier form, but lupus was known in these domains.
    pub fn involved_in(domains: &[Domain]) -> History {
        let mut history = History::none();
        for &domain in domains {
            history.involved[domain as usize] = true;
        }
        history
    }

    /// Grades a form and remembers it.
    ///
    /// A is tried first, then B, then C. Nothing firing is D if the domain was involved at an earlier date, E if never.
    /// Items that were not done count as absent; a domain of which nothing was done has no grade (unverified). Fails,
    /// naming the item, on impossible values; the history is then unchanged.
    pub fn grade(&mut self, form: &Form, convention: Convention) -> Result<Grades, ItemError> {
        let previous = self.renal.as_ref().map_or(Previous::FirstVisit, Previous::Visit);
        let renal = form.renal.finding(previous, convention)?;
        let blood = form.blood.finding()?;
        let mut grades = [None; N_DOMAINS];
        for domain in Domain::ALL {
            let finding = match domain {
                Domain::Renal => renal,
                Domain::Haematological => blood,
                _ => items::finding(domain, &form.clinical),
            };
            grades[domain as usize] = self.letter(domain, finding);
            self.involved[domain as usize] |= finding.present;
        }
        self.renal = Some(form.renal);
        Ok(Grades(grades))
    }

    fn letter(&self, domain: Domain, finding: Finding) -> Option<Grade> {
        let inactive = if self.involved[domain as usize] {
            Grade::D
        } else {
            Grade::E
        };
        finding.done.then(|| finding.active.unwrap_or(inactive))
    }
}

/// Fails, naming the domain, if a recorded grade has no items behind it or is not the grade the items give.
///
/// D and E are told apart only by what happened before the first form, so they agree with each other.
pub fn check_recorded(recorded: &Grades, graded: &Grades) -> Result<(), ItemError> {
    for domain in Domain::ALL {
        let conflict = match (recorded.of(domain), graded.of(domain)) {
            (None, _) => continue,
            (Some(_), None) => "has a recorded grade without its items",
            (Some(letter), Some(found)) if letter == found || letter.max(found) <= Grade::D => continue,
            _ => "has a recorded grade that its items do not give",
        };
        return Err(ItemError::Impossible {
            instrument: "BILAG-2004",
            item: domain.id(),
            conflict,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::items::{Mark, position};
    use super::*;
    use crate::Decimal;

    fn absent() -> Form {
        Form {
            clinical: [Some(Mark::Absent); N_CLINICAL],
            renal: Renal {
                protein_24h: Some(Decimal::ZERO),
                ..Renal::default()
            },
            blood: Blood {
                haemoglobin: Some(Decimal::whole(13)),
                ..Blood::default()
            },
        }
    }

    fn with(id: &str, mark: Mark) -> Form {
        let mut form = absent();
        form.clinical[position(id).expect("an item")] = Some(mark);
        form
    }

    fn letters(history: &mut History, form: &Form) -> String {
        history.grade(form, Convention::Written).expect("possible").letters()
    }

    #[test]
    fn a_domain_is_d_after_any_involvement_and_e_before() {
        let mut history = History::none();
        assert_eq!(letters(&mut history, &absent()), "EEEEEEEEE");
        assert_eq!(
            letters(&mut history, &with("alopecia_mild", Mark::Improving)),
            "ECEEEEEEE"
        );
        assert_eq!(letters(&mut history, &absent()), "EDEEEEEEE");
        assert_eq!(letters(&mut history, &absent()), "EDEEEEEEE", "for good");
        let mut known = History::involved_in(&[Domain::Renal]);
        assert_eq!(letters(&mut known, &absent()), "EEEEEEEDE");
    }

    #[test]
    fn the_kidney_compares_with_the_visit_before() {
        let with_protein = |tenths| Form {
            renal: Renal {
                protein_24h: Some(Decimal::tenths(tenths)),
                ..Renal::default()
            },
            ..absent()
        };
        let mut history = History::none();
        assert_eq!(letters(&mut history, &with_protein(20)), "EEEEEEEBE");
        assert_eq!(letters(&mut history, &with_protein(14)), "EEEEEEECE", "down by 30 %");
        assert_eq!(
            letters(&mut history, &with_protein(14)),
            "EEEEEEEBE",
            "no longer falling"
        );
    }

    #[test]
    fn what_was_not_done_has_no_grade() {
        assert_eq!(letters(&mut History::none(), &Form::NOT_DONE), "---------");
    }

    #[test]
    fn a_recorded_grade_needs_items_that_give_it() {
        let grades = |text| Grades::from_letters(text).expect("letters");
        let check = |recorded, graded| check_recorded(&grades(recorded), &grades(graded));
        assert!(check("EEEBEEEEE", "EEEBEEEEE").is_ok());
        assert!(check("DEEBEEEEE", "EEEBEEEEE").is_ok(), "D and E agree");
        let without = check("EEEBEEEBE", "EEEBEEE-E").expect_err("no items").to_string();
        assert_eq!(
            without,
            "BILAG-2004: item `renal` has a recorded grade without its items"
        );
        assert!(check("EEEAEEEEE", "EEEBEEEEE").is_err());
        assert!(check("EEEDEEEEE", "EEECEEEEE").is_err());
    }

    #[test]
    fn an_impossible_form_leaves_the_history_alone() {
        let mut history = History::none();
        let mut wrong = with("psychosis", Mark::New);
        wrong.blood.haemoglobin = Some(Decimal::whole(-1));
        assert!(history.grade(&wrong, Convention::Written).is_err());
        assert_eq!(history, History::none());
    }
}
