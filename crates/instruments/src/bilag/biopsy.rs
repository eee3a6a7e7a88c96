//! How long a renal biopsy counts.

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1–12.
    pub month: u8,
    /// Day, 1–31.
    pub day: u8,
}

/// True if a biopsy counts at a visit: not later, and at most three calendar months before, the day held to the end of
/// a shorter month.
pub fn biopsy_counts(visit: Date, biopsy: Date) -> bool {
    let months = visit.year * 12 + i32::from(visit.month) - 1 - 3;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u8 + 1);
    let earliest = Date {
        year,
        month,
        day: visit.day.min(days_in(year, month)),
    };
    earliest <= biopsy && biopsy <= visit
}

fn days_in(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_biopsy_counts_for_three_calendar_months() {
        let date = |year, month, day| Date { year, month, day };
        let visit = date(2024, 5, 31);
        assert!(biopsy_counts(visit, date(2024, 2, 29)), "held to the end of February");
        assert!(!biopsy_counts(visit, date(2024, 2, 28)));
        assert!(biopsy_counts(date(2024, 1, 15), date(2023, 10, 15)));
        assert!(!biopsy_counts(date(2024, 1, 15), date(2023, 10, 14)));
        assert!(!biopsy_counts(visit, date(2024, 6, 1)));
    }
}
