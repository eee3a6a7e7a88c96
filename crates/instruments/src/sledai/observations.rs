//! From what was seen and measured to descriptors.
//!
//! Descriptors that rest on a laboratory value are derived from it; a form that ticks them present without the value is
//! refused, and so is a tick that the value contradicts. Clinical descriptors are taken as ticked.

use crate::decimal::Decimal;
use crate::error::{ItemError, plausible};

use super::descriptors::{Descriptor, Descriptors, N_DESCRIPTORS};

const INSTRUMENT: &str = "SLEDAI-2K";

/// How many inflamed joints make arthritis. Published forms differ, so there is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArthritisThreshold {
    /// Two or more (one published calculator; the wording of the SLEDAI-2K paper, unverified).
    TwoOrMore,
    /// More than two (two published copies of the form).
    MoreThanTwo,
}

impl ArthritisThreshold {
    /// Smallest number of joints that counts.
    pub fn joints(self) -> u8 {
        match self {
            ArthritisThreshold::TwoOrMore => 2,
            ArthritisThreshold::MoreThanTwo => 3,
        }
    }
}

/// How far back a finding counts: 10 days in the original, 28 or 30 in the month form. The two windows agreed in 148 of
/// 149 patients (Touma 2010, doi:10.1177/0961203309346505).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookBack {
    /// Days before the visit that still count.
    pub days: u16,
}

impl LookBack {
    /// The original window.
    pub const TEN_DAYS: LookBack = LookBack { days: 10 };
    /// Four weeks, as in EULAR's monitoring text.
    pub const FOUR_WEEKS: LookBack = LookBack { days: 28 };
    /// The 30-day form.
    pub const THIRTY_DAYS: LookBack = LookBack { days: 30 };

    /// True if a finding last seen on `last_seen` counts at a visit on `visit` (days of one calendar). Fails if the
    /// finding lies after the visit.
    pub fn covers(self, visit: i32, last_seen: i32, item: Descriptor) -> Result<bool, ItemError> {
        if last_seen > visit {
            return Err(ItemError::Impossible {
                instrument: INSTRUMENT,
                item: item.id(),
                conflict: "is dated after the visit",
            });
        }
        Ok(visit - last_seen <= i32::from(self.days))
    }
}

/// A limit of the laboratory's normal range, with the value measured; same unit for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgainstLimit {
    /// Measured.
    pub value: Decimal,
    /// Limit of normal.
    pub limit: Decimal,
}

/// What was seen and measured within the look-back window; `None` is not assessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observations {
    /// Ticks of the form, in the order of the instrument.
    pub ticked: [Option<bool>; N_DESCRIPTORS],
    /// Findings with another cause than active lupus (infection, drug, stone, damage): they do not count.
    pub other_cause: Descriptors,
    /// Joints with pain and signs of inflammation, 0–28 or more.
    pub inflamed_joints: Option<u8>,
    /// Highest temperature, °C.
    pub temperature: Option<Decimal>,
    /// Urine protein, g in 24 hours.
    pub urine_protein: Option<Decimal>,
    /// Red cells per high-power field.
    pub urine_red_cells: Option<Decimal>,
    /// White cells per high-power field.
    pub urine_white_cells: Option<Decimal>,
    /// Haem-granular or red-cell casts seen.
    pub urine_casts: Option<bool>,
    /// C3 against its lower limit.
    pub c3: Option<AgainstLimit>,
    /// C4 against its lower limit.
    pub c4: Option<AgainstLimit>,
    /// CH50 against its lower limit.
    pub ch50: Option<AgainstLimit>,
    /// Anti-dsDNA against its upper limit.
    pub anti_dsdna: Option<AgainstLimit>,
    /// Platelets, 10⁹/L.
    pub platelets: Option<Decimal>,
    /// Leukocytes, 10⁹/L.
    pub leukocytes: Option<Decimal>,
}

impl Observations {
    /// Nothing assessed, no other causes.
    pub fn none() -> Observations {
        Observations {
            ticked: [None; N_DESCRIPTORS],
            other_cause: Descriptors::none(),
            inflamed_joints: None,
            temperature: None,
            urine_protein: None,
            urine_red_cells: None,
            urine_white_cells: None,
            urine_casts: None,
            c3: None,
            c4: None,
            ch50: None,
            anti_dsdna: None,
            platelets: None,
            leukocytes: None,
        }
    }

    /// Descriptors by the rules of SLEDAI-2K.
    ///
    /// A laboratory descriptor without its value is not assessed. Complement is low if one fraction is, and normal only
    /// if C3 and C4 are both known. Fails, naming the item, on impossible values, on a laboratory descriptor ticked
    /// present without its value, and on a tick that the value contradicts.
    pub fn descriptors(&self, arthritis: ArthritisThreshold) -> Result<Descriptors, ItemError> {
        self.check_ranges()?;
        let mut set = Descriptors::not_assessed();
        for descriptor in Descriptor::ALL {
            let ticked = self.ticked[descriptor as usize];
            let counts = self.other_cause.state(descriptor) != Some(true);
            let state = match self.measured(descriptor, arthritis) {
                Some(found) => agree(descriptor, ticked, found && counts)?,
                None if ticked == Some(true) && needs_laboratory(descriptor) => return Err(without_value(descriptor)),
                None if needs_laboratory(descriptor) => None,
                None => ticked.map(|present| present && counts),
            };
            set = set.with_state(descriptor, state);
        }
        Ok(set)
    }

    /// What the measured value says of a descriptor; `None` without a value.
    fn measured(&self, descriptor: Descriptor, arthritis: ArthritisThreshold) -> Option<bool> {
        let above = |value: Option<Decimal>, limit: Decimal| value.map(|v| v > limit);
        match descriptor {
            Descriptor::Arthritis => self.inflamed_joints.map(|n| n >= arthritis.joints()),
            Descriptor::Fever => above(self.temperature, Decimal::whole(38)),
            Descriptor::Casts => self.urine_casts,
            Descriptor::Haematuria => above(self.urine_red_cells, Decimal::whole(5)),
            Descriptor::Pyuria => above(self.urine_white_cells, Decimal::whole(5)),
            Descriptor::Proteinuria => above(self.urine_protein, Decimal::tenths(5)),
            Descriptor::LowComplement => self.low_complement(),
            Descriptor::AntiDsDna => self.anti_dsdna.map(|a| a.value > a.limit),
            Descriptor::Thrombocytopenia => self.platelets.map(|p| p < Decimal::whole(100)),
            Descriptor::Leukopenia => self.leukocytes.map(|l| l < Decimal::whole(3)),
            _ => None,
        }
    }

    fn low_complement(&self) -> Option<bool> {
        let low = |fraction: Option<AgainstLimit>| fraction.map(|f| f.value < f.limit);
        let fractions = [low(self.c3), low(self.c4), low(self.ch50)];
        if fractions.contains(&Some(true)) {
            return Some(true);
        }
        (fractions[0].is_some() && fractions[1].is_some()).then_some(false)
    }

    fn check_ranges(&self) -> Result<(), ItemError> {
        let value = |a: Option<AgainstLimit>| a.map(|a| a.value);
        plausible(
            INSTRUMENT,
            &[
                ("temperature", self.temperature, 45),
                ("urine_protein", self.urine_protein, 100),
                ("urine_red_cells", self.urine_red_cells, 100_000),
                ("urine_white_cells", self.urine_white_cells, 100_000),
                ("c3", value(self.c3), 10_000),
                ("c4", value(self.c4), 10_000),
                ("ch50", value(self.ch50), 10_000),
                ("anti_dsdna", value(self.anti_dsdna), 1_000_000),
                ("platelets", self.platelets, 5_000),
                ("leukocytes", self.leukocytes, 1_000),
            ],
        )
    }
}

/// Descriptors that cannot be present without a laboratory value.
fn needs_laboratory(descriptor: Descriptor) -> bool {
    use Descriptor::*;
    matches!(
        descriptor,
        Casts | Haematuria | Proteinuria | Pyuria | LowComplement | AntiDsDna | Thrombocytopenia | Leukopenia
    )
}

/// The tick beside what the value and its cause say. "Absent" beside a value that crosses the limit may mean another
/// cause; then that must be said.
fn agree(descriptor: Descriptor, ticked: Option<bool>, found: bool) -> Result<Option<bool>, ItemError> {
    match ticked {
        Some(tick) if tick != found => Err(ItemError::Impossible {
            instrument: INSTRUMENT,
            item: descriptor.id(),
            conflict: if found {
                "is ticked absent, but the measured value says present; help: name the other cause, or correct one of them"
            } else {
                "is ticked present, but the measured value does not cross the limit or has another cause"
            },
        }),
        _ => Ok(Some(found)),
    }
}

fn without_value(descriptor: Descriptor) -> ItemError {
    ItemError::Impossible {
        instrument: INSTRUMENT,
        item: descriptor.id(),
        conflict: match descriptor.system() {
            super::descriptors::System::Renal => "is ticked present without urine data",
            _ => "is ticked present without a laboratory value",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ArthritisThreshold::*;
    use Descriptor::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn with(change: impl FnOnce(&mut Observations)) -> Result<Descriptors, ItemError> {
        let mut seen = Observations::none();
        change(&mut seen);
        seen.descriptors(MoreThanTwo)
    }

    fn conflict(result: Result<Descriptors, ItemError>) -> String {
        result.expect_err("must be refused").to_string()
    }

    #[test]
    fn two_joints_are_arthritis_by_one_form_and_not_by_the_other() {
        let mut seen = Observations::none();
        seen.inflamed_joints = Some(2);
        assert_eq!(seen.descriptors(TwoOrMore).map(|d| d.state(Arthritis)), Ok(Some(true)));
        assert_eq!(
            seen.descriptors(MoreThanTwo).map(|d| d.state(Arthritis)),
            Ok(Some(false))
        );
        seen.inflamed_joints = Some(3);
        assert_eq!(
            seen.descriptors(MoreThanTwo).map(|d| d.state(Arthritis)),
            Ok(Some(true))
        );
    }

    #[test]
    fn limits_are_strict() {
        let state = |change: fn(&mut Observations), d| with(change).expect("possible").state(d);
        assert_eq!(
            state(|s| s.urine_protein = Some(Decimal::tenths(5)), Proteinuria),
            Some(false)
        );
        assert_eq!(
            state(|s| s.urine_protein = Some(Decimal::thousandths(501)), Proteinuria),
            Some(true)
        );
        assert_eq!(
            state(|s| s.urine_red_cells = Some(Decimal::whole(5)), Haematuria),
            Some(false)
        );
        assert_eq!(
            state(|s| s.urine_white_cells = Some(Decimal::whole(6)), Pyuria),
            Some(true)
        );
        assert_eq!(state(|s| s.temperature = Some(Decimal::whole(38)), Fever), Some(false));
        assert_eq!(
            state(|s| s.platelets = Some(Decimal::whole(100)), Thrombocytopenia),
            Some(false)
        );
        assert_eq!(
            state(|s| s.platelets = Some(Decimal::tenths(999)), Thrombocytopenia),
            Some(true)
        );
        assert_eq!(
            state(|s| s.leukocytes = Some(Decimal::whole(3)), Leukopenia),
            Some(false)
        );
    }

    #[test]
    fn an_infection_takes_pyuria_away() {
        let set = with(|s| {
            s.urine_white_cells = Some(Decimal::whole(40));
            s.other_cause = Descriptors::none().with(Pyuria);
            s.ticked[Pyuria as usize] = Some(false);
        });
        assert_eq!(set.expect("possible").state(Pyuria), Some(false));
    }

    #[test]
    fn complement_is_low_by_one_fraction_and_normal_only_by_both() {
        let limit = |value: &str, limit: &str| {
            Some(AgainstLimit {
                value: decimal(value),
                limit: decimal(limit),
            })
        };
        let c3_low = with(|s| s.c3 = limit("0.7", "0.9")).expect("possible");
        assert_eq!(c3_low.state(LowComplement), Some(true));
        let c4_unknown = with(|s| s.c3 = limit("0.9", "0.9")).expect("possible");
        assert_eq!(c4_unknown.state(LowComplement), None);
        let both = with(|s| (s.c3, s.c4) = (limit("1", "0.9"), limit("0.1", "0.1"))).expect("possible");
        assert_eq!(both.state(LowComplement), Some(false));
    }

    #[test]
    fn a_laboratory_tick_without_its_value_is_impossible() {
        let proteinuria = conflict(with(|s| s.ticked[Proteinuria as usize] = Some(true)));
        assert_eq!(
            proteinuria,
            "SLEDAI-2K: item `proteinuria` is ticked present without urine data"
        );
        let leukopenia = conflict(with(|s| s.ticked[Leukopenia as usize] = Some(true)));
        assert!(leukopenia.contains("without a laboratory value"), "{leukopenia}");
        let absent = with(|s| s.ticked[Proteinuria as usize] = Some(false)).expect("possible");
        assert_eq!(absent.state(Proteinuria), None, "absent without data is not assessed");
    }

    #[test]
    fn ticks_and_values_must_agree() {
        let said_present = conflict(with(|s| {
            s.ticked[Fever as usize] = Some(true);
            s.temperature = Some(decimal("37.5"));
        }));
        assert!(said_present.contains("`fever`"), "{said_present}");
        let negative = conflict(with(|s| s.platelets = Some(Decimal::whole(-1))));
        assert_eq!(negative, "SLEDAI-2K: item `platelets` must lie in 0 to 5000, found -1");
    }

    #[test]
    fn windows_reach_back_their_days_and_no_further() {
        let ten = |seen| LookBack::TEN_DAYS.covers(100, seen, Rash);
        assert_eq!((ten(90), ten(89)), (Ok(true), Ok(false)));
        assert_eq!(LookBack::THIRTY_DAYS.covers(100, 70, Rash), Ok(true));
        assert!(ten(101).is_err());
    }
}
