//! Ids to words, numbers to text, text to HTML.

/// `text` safe inside HTML elements and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// Name of an endpoint as clinicians write it: `sri-4` is SRI-4, `flare-rate` is Flare rate.
pub(super) fn endpoint(id: &str) -> String {
    const ACRONYMS: [&str; 6] = ["bicla", "sri", "lldas", "doris", "bilag", "sledai"];
    // Renal responses differ between trials, so the trial is part of the name.
    const RENAL: [&str; 3] = ["crr", "orr", "perr"];
    let mut parts = id.splitn(2, '-');
    let (first, rest) = (parts.next().unwrap_or(id), parts.next());
    if ACRONYMS.contains(&first) {
        return rest.map_or_else(
            || first.to_uppercase(),
            |rest| format!("{}-{rest}", first.to_uppercase()),
        );
    }
    if let Some(trial) = rest.filter(|_| RENAL.contains(&first)) {
        return format!("{} as in {}", first.to_uppercase(), trial.to_uppercase());
    }
    match id {
        "upcr-below-half" => "UPCR below 0.5".into(),
        "upcr-50-reduction" => "UPCR down by half".into(),
        "clasi-50" | "clasi-50-any" => id.replace("clasi", "CLASI"),
        "gc-taper" => "Steroid taper".into(),
        "lumos" => "LuMOS".into(),
        "sfi-flare-rate" => "SELENA flares".into(),
        "sfi-severe-flare-rate" => "Severe SELENA flares".into(),
        "sfi-severe-flare-rate-bliss" => "Severe SELENA flares as in BLISS".into(),
        _ => capitalised(&plain(id)),
    }
}

/// A result as people say it: `bicla difference at 52` is BICLA difference at week 52.
pub(super) fn result(target: &str) -> String {
    let (name, rest) = target.split_once(' ').unwrap_or((target, ""));
    let name = endpoint(name);
    // Only acronyms keep their capitals within a sentence.
    let is_acronym = name.chars().filter(|letter| letter.is_uppercase()).count() > 1;
    let name = if is_acronym { name } else { name.to_lowercase() };
    format!("{name} {}", rest.replace(" at ", " at week "))
        .trim_end()
        .to_owned()
}

/// Ids as plain words: `lack-of-efficacy` is lack of efficacy, `a+b` a + b; known abbreviations in capitals.
pub(super) fn plain(id: &str) -> String {
    const CAPITALS: [&str; 25] = [
        "bilag", "sledai", "pga", "cns", "2k", "bicla", "sri", "lldas", "doris", "upcr", "iv", "sc", "crr", "orr",
        "perr", "clasi", "cd19", "cd22", "bcma", "car", "t", "uc", "msc", "amg", "il2",
    ];
    let word = |word: &str| match word {
        "mrna" => "mRNA".to_string(),
        known if CAPITALS.contains(&known) => known.to_uppercase(),
        other => other.to_string(),
    };
    let ids = id.replace('+', " + ");
    ids.split(['-', '_', ' ']).map(word).collect::<Vec<_>>().join(" ")
}

/// The first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// An analysis population in words, empty for everybody.
pub(super) fn population(id: &str) -> String {
    match id {
        "all" => String::new(),
        "ifngs-high" => "interferon signature high".into(),
        "ifngs-low" => "interferon signature low".into(),
        "sledai-lt10" => "SLEDAI-2K below 10".into(),
        "sledai-ge10" => "SLEDAI-2K 10 or more".into(),
        "gc-lt10" => "prednisone below 10 mg/day".into(),
        "gc-ge10" => "prednisone 10 mg/day or more".into(),
        other => plain(other),
    }
}

/// `value` with `decimals` digits, a real minus sign, never `-0`; an en dash if not defined.
pub(super) fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if is_zero {
        text.trim_start_matches('-').into()
    } else {
        text.replace('-', "−")
    }
}

/// The same with a plus sign for positive values.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let positive = value > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    if positive { format!("+{text}") } else { text }
}

/// A share between 0 and 1 with at most two decimals.
pub(super) fn share(value: f64) -> String {
    format!("{}", (100.0 * value).round() / 100.0)
}

/// A whole number with narrow spaces between groups of three digits.
pub(super) fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A week without needless decimals.
pub(super) fn week(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// Decimals that suit a value in this unit: percentages one, rates two.
pub(super) fn decimals(unit: &str) -> usize {
    if unit.starts_with("percent") { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_read_as_clinicians_write_them() {
        assert_eq!(endpoint("bicla"), "BICLA");
        assert_eq!(endpoint("sri-4"), "SRI-4");
        assert_eq!(endpoint("flare-rate"), "Flare rate");
        assert_eq!(result("bicla placebo at 52"), "BICLA placebo at week 52");
        assert_eq!(result("lumos difference at 52"), "LuMOS difference at week 52");
        assert_eq!(
            result("gc-taper difference at 52"),
            "steroid taper difference at week 52"
        );
    }

    #[test]
    fn numbers_have_real_minus_signs_and_no_negative_zero() {
        assert_eq!(number(-1.25, 1), "−1.2");
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!((share(1.0), share(1.0 / 3.0)), ("1".into(), "0.33".into()));
        assert_eq!(signed(3.0, 1), "+3.0");
        assert_eq!(signed(0.01, 1), "0.0");
        assert_eq!(number(f64::NAN, 1), "–");
        assert_eq!(count(1_234_567.0), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn text_cannot_break_out_of_the_page() {
        assert_eq!(escape("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
    }
}
