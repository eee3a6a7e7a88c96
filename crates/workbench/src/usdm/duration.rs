//! ISO 8601 durations in days.

/// Days of a duration such as `P2W`, `P1DT12H` or `-PT4H`. Months and years have no fixed length: `None`, as for what is no
/// duration.
pub(super) fn days(text: &str) -> Option<f64> {
    let (sign, text) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.trim()),
    };
    let text = text.strip_prefix('P')?;
    let (date, time) = text
        .split_once('T')
        .map_or((text, None), |(date, time)| (date, Some(time)));
    let days = part(date, &[('W', 7.0), ('D', 1.0)])?;
    let hours = match time {
        Some(time) if !time.is_empty() => part(time, &[('H', 1.0 / 24.0), ('M', 1.0 / 1440.0), ('S', 1.0 / 86_400.0)])?,
        Some(_) => return None,
        None if date.is_empty() => return None,
        None => 0.0,
    };
    Some(sign * (days + hours))
}

/// Sum of numbers with their units, which come in this order and at most once.
fn part(text: &str, units: &[(char, f64)]) -> Option<f64> {
    let (mut rest, mut units, mut sum) = (text, units.iter(), 0.0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let unit = rest[end..].chars().next()?;
        let (_, factor) = units.find(|(known, _)| *known == unit)?;
        sum += factor * rest[..end].replace(',', ".").parse::<f64>().ok()?;
        rest = &rest[end + unit.len_utf8()..];
    }
    Some(sum)
}

/// The duration of a number of days, in weeks where they are whole.
pub(super) fn text(days: f64) -> String {
    let days = days.abs();
    if days > 0.0 && days % 7.0 == 0.0 {
        format!("P{}W", days / 7.0)
    } else {
        format!("P{days}D")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_days_unless_their_length_is_not_fixed() {
        for (text, expected) in [
            ("P2W", Some(14.0)),
            ("P3D", Some(3.0)),
            ("P1W2D", Some(9.0)),
            ("PT4H", Some(4.0 / 24.0)),
            ("P1DT12H", Some(1.5)),
            ("-P1D", Some(-1.0)),
            ("P0,5D", Some(0.5)),
            ("P1M", None),
            ("P1Y", None),
            ("P", None),
            ("PT", None),
            ("P2D1W", None),
            ("2W", None),
            ("", None),
            ("PéD", None),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
        assert_eq!([0.0, 28.0, -3.0].map(super::text), ["P0D", "P4W", "P3D"]);
    }
}
