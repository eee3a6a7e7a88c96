//! What hazards may look at: the words of their rules, and the values at one moment of one patient.

/// Declares the words once: name, meaning; and where it is watched, the name in the joined equations.
macro_rules! signals {
    (known { $($name:ident: $meaning:literal;)* } watched { $($state:ident: $from:literal, $words:literal;)* }) => {
        #[allow(non_camel_case_types, clippy::enum_variant_names)]
        #[derive(Clone, Copy)]
        pub(super) enum Signal { $($name,)* $($state,)* }
        /// Name and meaning of every word.
        const SIGNALS: &[(&str, &str)] = &[$((stringify!($name), $meaning),)* $((stringify!($state), $words),)*];
        /// Words that are watched in the disease model, with its name for them.
        pub(super) const WATCHED: &[(Signal, &str)] = &[$((Signal::$state, $from),)*];
    };
}

signals! {
    known {
        day: "days since randomisation";
        sledai_2k: "SLEDAI-2K at the last visit, points";
        prednisone: "prednisone-equivalent now, mg/day";
        prednisone_peak: "highest prednisone-equivalent so far, mg/day";
        damage: "points of organ damage since randomisation";
        antimalarial: "1 if on an antimalarial at randomisation";
        immunosuppressant: "1 if on an immunosuppressant at randomisation";
        car_growth: "CAR cells added by division, cells/uL per day, all products together";
        thrombosis_hazard: "hazard of thrombosis that products add, per day";
    }
    watched {
        igg: "IgG_serum", "total IgG, g/L";
        b_cells: "B_cells_relative", "B cells in blood, fold of baseline";
        t_cells: "T_cells", "T lymphocytes in blood, fold of baseline";
        ifnar_block: "ifnar_block", "interferon receptor blockade, 0-1";
        naive: "B_naive", "naive B cells, accessible, fold of baseline";
        naive_deep: "B_naive_deep", "naive B cells, deep, fold of baseline";
        plasmablasts: "plasmablast", "protective plasmablasts, fold of baseline";
        plasma_cells: "plasma_dynamic", "protective CD19+ plasma cells, fold of baseline";
        kill_naive: "kill_B_accessible", "kill of accessible B cells, per day";
        kill_naive_deep: "kill_B_deep", "kill of deep B cells, per day";
        kill_plasmablasts: "kill_plasmablast", "kill of plasmablasts, per day";
        kill_plasma_cells: "kill_plasma_dynamic", "kill of CD19+ plasma cells, per day";
    }
}

/// Number of words.
pub(super) const N_SIGNALS: usize = SIGNALS.len();

/// Values of all words at one moment.
pub(super) type Signals = [f64; N_SIGNALS];

/// Names of all words, for parsing rules.
pub(super) fn names() -> [&'static str; N_SIGNALS] {
    std::array::from_fn(|k| SIGNALS[k].0)
}

/// Words that rules of hazards may use, with their meaning, for documentation.
pub fn signals() -> impl Iterator<Item = (&'static str, &'static str)> {
    SIGNALS.iter().copied()
}

/// One moment of one patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    pub(super) values: Signals,
}

impl Moment {
    pub(super) fn new() -> Self {
        Moment {
            values: [0.0; N_SIGNALS],
        }
    }

    pub(super) fn get(&self, signal: Signal) -> f64 {
        self.values[signal as usize]
    }

    pub(super) fn set(&mut self, signal: Signal, value: f64) {
        self.values[signal as usize] = value;
    }
}
