//! Every diagnostic code of the house, with an explanation and an example of wrong and right.
//!
//! M0xx model text, U0xx units, D0xx data files, P0xx populations, T0xx trials and therapies, E0xx evidence,
//! S0xx tables of patients and doses for `malar simulate`, V0xx tables of trial data for `malar derive`.

/// One code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, such as `M003`.
    pub code: &'static str,
    /// A few words: lower case, no full stop.
    pub title: &'static str,
    /// What it means, why it is refused, what to write instead.
    pub explanation: &'static str,
}

/// The code as listed, letters in any case.
///
/// ```
/// assert_eq!(malar_model::codes::explain("m003").map(|c| c.title), Some("undefined symbol"));
/// ```
pub fn explain(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code.eq_ignore_ascii_case(code.trim()))
}

/// Declares the constants and the table together, so that neither can miss one.
macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $title, ".")]
            pub const $name: &str = $code;
        )*
        /// All codes, sorted by family and number.
        pub const CODES: &[Code] = &[$(Code { code: $code, title: $title, explanation: $explanation }),*];
    };
}

codes! {
    MODEL_SYNTAX = "M001", "not Antimony",
"The text is not what Antimony expects at this place: a bracket, a `;` or an operator is missing, or a word is misspelt.

wrong:  B' = production - loss*B)
right:  B' = production - loss*B";

    MODEL_TOO_LARGE = "M002", "too deep or too large",
"Brackets, signs or powers are nested more than 100 deep, or the file is larger than 16 MiB. Give parts of the expression
a name of their own.

wrong:  x := ((((((((...))))))))
right:  inner := a + b;  x := inner*c";

    UNDEFINED = "M003", "undefined symbol",
"An equation uses a name that has no value, no rule and no reaction, and that is not a function's argument.

wrong:  B' = -los*B;  B = 1;  loss = 0.1
right:  B' = -loss*B; B = 1;  loss = 0.1";

    DEFINED_TWICE = "M004", "defined twice",
"A name may have one value, and either one rate, one assignment or reactions. Otherwise the order of lines would decide.

wrong:  k = 0.1;  k = 0.2
right:  k = 0.1";

    CYCLE = "M005", "definitions in a circle",
"Assignments (or initial values) refer to each other in a circle, so that none of them can be computed first. Break the
circle with a state: something that takes time to follow.

wrong:  a := b + 1;  b := a/2
right:  a := b + 1;  b' = (a/2 - b)/delay;  b = 0";

    UNSUPPORTED = "M006", "not supported",
"The construct is legal Antimony that Malar does not read. It is refused by name and never skipped, because a skipped
line is another model. Events are part of the therapy and protocol files: doses, rescue and stopping rules live there.

wrong:  at (time > 28): dose = 300
right:  (in the therapy's TOML)  a dose of 300 mg on day 28";

    ARGUMENTS = "M007", "wrong number of arguments",
"A function got more or fewer arguments than it takes. `piecewise` needs a value for every case, the last one without a
condition.

wrong:  piecewise(1, x > 2)
right:  piecewise(1, x > 2, 0)";

    UNKNOWN_FUNCTION = "M008", "unknown function",
"A name followed by `(` is neither a function of SBML nor one defined above with `function ... end`.

wrong:  x := hil(y, k)
right:  function hill(a, b) a/(a + b) end
        x := hill(y, k)";

    NO_VALUE = "M009", "no initial value",
"A state or a constant has no value. Zero is a value too, and has to be written.

wrong:  B' = -loss*B;  loss = 0.1
right:  B' = -loss*B;  loss = 0.1;  B = 1";

    INITIAL_VALUE = "M010", "value changes while the model runs",
"The value of a constant is computed once, from other constants. A quantity that follows a state, an assignment or time
is an assignment, written `:=`.

wrong:  S' = k;  S = 0;  k = 1;  total = S + 1
right:  S' = k;  S = 0;  k = 1;  total := S + 1";

    RESERVED_NAME = "M011", "reserved name",
"The name already means something (`time`, `pi`, `exp`, a keyword) or holds a double underscore, which Malar uses for the
quantities of a therapy inside the model (`belimumab__central`).

wrong:  exp = 3
right:  exponent = 3";

    RATE_OF_ASSIGNED = "M012", "rate and assignment for one quantity",
"A quantity either changes at a rate (`x' = ...`, or as a species of a reaction) or always equals an expression
(`x := ...`).

wrong:  x := 2*y;  x' = -k*x
right:  x' = -k*x";

    CONSTANT_CHANGES = "M013", "constant that changes",
"A quantity declared `const` has a rate or an assignment.

wrong:  const x = 1;  x' = -k*x
right:  var x = 1;  x' = -k*x";

    UNDETERMINED = "M014", "nothing to determine",
"Each algebraic rule determines one quantity: one that it uses, that is not constant and that no other rule, reaction or
algebraic rule determines.

wrong:  0 = x - y       with x := 1 and y := 2
right:  0 = x - y       with x := 1 and y free";

    NOT_SBML = "M015", "not SBML",
"The file is not well-formed XML, or an element or attribute that SBML needs is missing or has a value it cannot have.

wrong:  <species id=\"S1\"/>
right:  <species id=\"S1\" compartment=\"cell\" .../>";

    PACKAGE = "M016", "SBML package not supported",
"The file needs an SBML package that Malar does not read. Read are the core of Level 2 and 3, and hierarchical models (comp).
Flux balance (fbc) has no course over time.

wrong:  <sbml ... fbc:required=\"true\">
right:  <sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\">";

    COMPOSITION = "M017", "submodels do not fit together",
"A submodel, replacement, deletion or port refers to something that does not exist, models contain each other in a circle, or
an external model cannot be read.

wrong:  <comp:submodel comp:id=\"a\" comp:modelRef=\"enzyme\"/>   without a model `enzyme`
right:  <comp:modelDefinition id=\"enzyme\"> ... </comp:modelDefinition>";

    WRONG_KIND = "M018", "two kinds of thing in one name",
"A name stands for one thing: a species, a compartment, a number, a reaction, an event, a submodule. The text uses it as two
that do not go together.

wrong:  J0: A -> B; k*A;  J0' = 3
right:  J0: A -> B; k*A;  rate' = 3";

    UNKNOWN_UNIT = "U001", "unknown unit",
"The unit cannot be read. Units are products, quotients and whole powers of names: `1/day`, `mg/L`, `IU/mL`, `cells/uL`,
`nM`, `L/day`, `kg`, `week`, `percent`, `score`, and `1` for a number without dimension.

wrong:  unit = \"per diem\"
right:  unit = \"1/day\"";

    WRONG_DIMENSION = "U002", "dimensions do not agree",
"The two sides of a sum, a comparison or an equation measure different things, or the argument of `exp`, `ln` or a power
has a dimension. The rate of a state has the state's unit divided by time.

wrong:  B' = -loss*B + 1        loss in 1/day, B in cells/uL
right:  B' = -loss*B + inflow   inflow in cells/uL/day";

    NO_UNIT = "U003", "no unit",
"A constant has no unit, so that the equations using it cannot be checked. This is a warning.

wrong:  loss = 0.1
right:  unit per_day = 1/(86400 second);  loss = 0.1;  loss has per_day";

    UNIT_CONFLICT = "U004", "unit does not fit",
"The unit measures something else than what is wanted here, as a mass where a rate is wanted.

wrong:  half_life = { value = 19, unit = \"mg\", source = \"...\" }
right:  half_life = { value = 19, unit = \"day\", source = \"...\" }";

    TOML = "D001", "not valid TOML, or unknown key",
"The file is not TOML, a key is misspelt, missing or given twice, or a value has another type than expected. Unknown keys
are errors, because a misspelt key would otherwise be a silent default.

wrong:  durration_weeks = 52
right:  duration_weeks = 52";

    NO_SOURCE = "D002", "number without source",
"Every number says where it comes from (`source`), or that it was assumed and why (`assumed`). Exactly one of the two.

wrong:  half_life = { value = 19, unit = \"day\" }
right:  half_life = { value = 19, unit = \"day\", source = \"https://doi.org/...\" }
right:  half_life = { value = 19, unit = \"day\", assumed = \"as for other IgG1 antibodies\" }";

    DATA_UNIT = "D003", "wrong unit",
"The unit of a number cannot be read or measures something else than this key wants.

wrong:  clearance = { value = 0.2, unit = \"L\", source = \"...\" }
right:  clearance = { value = 0.2, unit = \"L/day\", source = \"...\" }";

    DATA_VALUE = "D004", "impossible value",
"The number is outside what the key can be: a negative duration, a fraction above 1, a number that is not finite.

wrong:  bioavailability = { value = 7.6, unit = \"1\", source = \"...\" }
right:  bioavailability = { value = 0.76, unit = \"1\", source = \"...\" }";

    DATA_ID = "D005", "id and file name differ",
"Things are found by their id, and the id is the name of the file or folder, in kebab-case.

wrong:  data/trials/tulip2.toml with id = \"tulip-2\"
right:  data/trials/tulip-2.toml with id = \"tulip-2\"";

    DATA_NOT_FOUND = "D006", "no such thing in the library",
"A file refers to a model, therapy, population, trial or study that is not in the library.

wrong:  population = \"adults\"
right:  population = \"sle-active\"";

    POPULATION = "P001", "impossible population",
"No virtual patient drawn passes the entry criteria, or so few that a trial cannot be filled.

wrong:  holds = \"pga > 3\"  (the scale ends at 3)
right:  holds = \"pga >= 1\"";

    CORRELATION = "P002", "impossible correlation",
"The correlation matrix is not square, symmetric, with ones on the diagonal and positive definite, or its size is not that of
the variables.

wrong:  correlation = [[1, 1.2], [1.2, 1]]
right:  correlation = [[1, 0.5], [0.5, 1]]";

    DISTRIBUTION = "P003", "parameter is not drawn in one possible way",
"Every parameter of a population has exactly one way of being drawn, with arguments the distribution allows.

wrong:  { name = \"K_Tfh\", loguniform = [0.6, 0.1], ... }
right:  { name = \"K_Tfh\", loguniform = [0.1, 0.6], ... }";

    POPULATION_LACKS = "P004", "population lacks a parameter",
"The trial layer needs a value of every virtual patient that this population does not draw.

wrong:  a population without `weight`
right:  { name = \"weight\", unit = \"kg\", lognormal = [69.1, 0.22], assumed = \"...\" }";

    POPULATION_BASE = "P005", "population without what it rests on",
"A population may be `based_on` another and name only what differs. That other population stands alone and has every section.

wrong:  based_on = \"sle-nephritis\"      (which is itself based on another)
right:  based_on = \"sle-trial\"";

    UNKNOWN_THERAPY = "T001", "unknown therapy",
"An arm gives a therapy that is not in the library.

wrong:  therapies = [{ id = \"belimumap\", ... }]
right:  therapies = [{ id = \"belimumab\", ... }]";

    NOT_MEASURED = "T002", "endpoint needs an instrument the trial does not measure",
"A composite endpoint is made from instruments. Each has to be in the trial's visit schedule.

wrong:  [[endpoints]] id = \"bicla\" with instruments = [\"sledai-2k\", \"pga\"]
right:  [[endpoints]] id = \"bicla\" with instruments = [\"bilag-2004\", \"sledai-2k\", \"pga\"]";

    RULE_UNDEFINED = "T003", "undefined symbol in a rule",
"The rule uses a name that is not among the values known at this place.

wrong:  holds = \"sledai2k >= 6\"
right:  holds = \"sledai_2k >= 6\"";

    RULE_SYNTAX = "T004", "rule cannot be read",
"Rules are SBML L3 infix: `+ - * / ^ %`, `< <= > >= == !=`, `&& || !`, `min max abs exp ln sqrt floor ceil piecewise`.

wrong:  \"pga = 2 and week > 12\"
right:  \"pga == 2 && week > 12\"";

    SCHEDULE = "T005", "impossible schedule",
"Visits, doses or windows are out of order, negative, or after the end of the trial.

wrong:  visit_every_weeks = 4 with an endpoint read at weeks = [6]
right:  visit_every_weeks = 4 with an endpoint read at weeks = [8]";

    ARMS = "T006", "arms cannot be compared",
"An arm has no patients, two arms share an id, or there are no arms.

wrong:  [[arms]] id = \"placebo\", n = 0
right:  [[arms]] id = \"placebo\", n = 182";

    MECHANISM = "T007", "mechanism does not fit the model",
"A therapy acts through a parameter or shares a quantity that the model does not have.

wrong:  drives = [\"ifnar_blok\"]
right:  drives = [\"ifnar_block\"]";

    ENDPOINT = "T008", "endpoint is incomplete",
"A `binary` endpoint has criteria, a `rate` has an event, a `score` has a value; a score cannot count an event as failure.

wrong:  kind = \"rate\" with [[criteria]] and no event
right:  kind = \"rate\", event = \"bilag_flare == 1\"";

    WORKED_CASE = "T009", "worked case fails",
"The worked cases in an endpoint file are run whenever it is read. The rules gave another reason than the case expects, or the
case cannot be read.

wrong:  values = { sledai_baseline = 10, sledai = 7 }, reason = \"responder\" for SRI-4
right:  values = { sledai_baseline = 10, sledai = 6 }, reason = \"responder\" for SRI-4";

    ESTIMAND = "T011", "estimand without a meaning",
"An estimand names a variable, a strategy for each intercurrent event, a summary measure and estimators that fit each other: a
failure (`composite`) has no value on a scale, and Cox regression estimates no difference of shares.

wrong:  variable = { change = \"sledai\" }, discontinuation = \"composite\", summary = \"mean-difference\"
right:  variable = { change = \"sledai\" }, discontinuation = \"hypothetical\", summary = \"mean-difference\"";

    DESIGN = "T012", "design that cannot be",
"Looks are fractions of the patients that rise to 1. Their boundaries together are crossed with probability alpha if the drug does
nothing: bounds that spend more are refused, and so is a spending function that leaves nothing for some look.

wrong:  looks = [0.5, 1.0], bounds = [2.0, 2.0]
right:  looks = [0.5, 1.0], spending = \"obrien-fleming\"";

    MULTIPLICITY = "T013", "hypotheses that cannot share an error",
"Each hypothesis names an endpoint of the trial, one of its weeks, and, where there are several, an arm. Weights are shares of alpha: none
below 0, together at most 1; so are the parts that a hypothesis passes on once it is rejected. One that never gets a weight can
never be rejected.

wrong:  weight = 0.8 and weight = 0.4
right:  weight = 0.8 with passes = { other = 1 }, and weight = 0.2";

    DOSING = "T010", "dosing is incomplete or does not fit the therapy",
"A therapy in an arm needs exactly one of `dose_mg`, `dose_mg_per_kg`, `dose_cells`, `dose_cells_per_kg`, `dose_ml` (with a route
and `days`) or `daily_dose`, as its file allows. Days may be negative only if they count from the day a product is ready (`when_made`).

wrong:  { id = \"anifrolumab\", route = \"iv\", days = { at = [0] } }
right:  { id = \"anifrolumab\", route = \"iv\", dose_mg = 300, days = { at = [0] } }";

    EVIDENCE = "E001", "impossible evidence",
"A published result contradicts itself: more responders than patients, an interval that does not hold its estimate.

wrong:  n = 180, responders = 181
right:  n = 180, responders = 81";

    EVIDENCE_UNVERIFIED = "E002", "unverified number used for fitting",
"A number marked `verified = false` was not checked against its source and may not be fitted.

wrong:  verified = false, use = \"fit\"
right:  verified = true, use = \"fit\"";

    TABLE = "S001", "not a table of numbers",
"A table of patients or doses has a line of names and then lines of numbers, as many as there are names. A cell that is not
a number is refused, and so is a line that is too short or too long. In tables of doses `.` and nothing mean missing.

wrong:  patient,CL,V
        1,0.2,three
right:  patient,CL,V
        1,0.2,3";

    TABLE_NAME = "S002", "a column or a row that names nothing",
"A column of a table of patients is a quantity of the model that can be set, or `patient` or `ID`. A table of doses has columns
TIME, AMT and, where needed, ID, EVID, CMT, RATE, DUR, II, ADDL, SS.

wrong:  patient,Clearence
right:  patient,Clearance";

    DOSE = "S003", "a dose that cannot be given",
"The numbers of a dose contradict each other, or ask for what is not supported: RATE = -1 or -2 (rates and durations that the model
computes), negative CMT (compartments switched off), times that go back, ADDL or SS without II.

wrong:  TIME,EVID,AMT,CMT,ADDL
        0,1,100,1,5
right:  TIME,EVID,AMT,CMT,ADDL,II
        0,1,100,1,5,24";

    DATASET = "V001", "not a table of trial data",
"A table of trial data is CSV, Parquet (Snappy or not compressed), Dataset-JSON 1.1 (JSON, a line per row, or compressed as .dsjc or with
gzip) or a SAS transport file of version 5, whole and with rows that fit its columns.

wrong:  USUBJID,PARAMCD,AVAL
        01-001,PGA0101
right:  USUBJID,PARAMCD,AVAL
        01-001,PGA0101,1.5";

    DATASET_COLUMN = "V002", "a column of trial data is missing",
"Findings need USUBJID, a code (PARAMCD or --TESTCD), a value (AVAL, AVALC, --STRESN, --STRESC or --ORRES) and a time (AVISIT or VISIT with
a week, AVISITN, VISITDY, ADY or --DY). docs/derive.md lists what is read.

wrong:  USUBJID,PARAMCD,AVAL
right:  USUBJID,PARAMCD,AVAL,AVISIT";

    ITEM = "V003", "impossible item",
"A value that its item cannot have, or that another item contradicts: a score outside its range, proteinuria without urine data, a grade without
its items, a total that is not the sum. Nothing is corrected silently. Give what is missing, correct the value, or say `--as-recorded` if
descriptors and grades are to be taken as somebody recorded them.

wrong:  SLED0113 = 4 and no urine protein at that visit
right:  SLED0113 = 4 and PROTCRT = 0.9 g/g";

    ITEM_TWICE = "V004", "two values of one item",
"A patient has two different values of one item at one visit. In ADaM data mark the one to analyse (ANL01FL = Y); else remove one.

wrong:  01-001,WEEK 12,PGA0101,1.2
        01-001,WEEK 12,PGA0101,1.5
right:  01-001,WEEK 12,PGA0101,1.2";

    ITEM_UNIT = "V005", "unit of a measured item",
"A quantity that laboratories report in several units needs one that is known here: --STRESU, --ORRESU, AVALU, or in brackets at the end of
PARAM. docs/derive.md lists them.

wrong:  CREAT,88
right:  CREAT,88,umol/L";

    USDM_FILE = "V006", "not a study of USDM 4",
"A study definition is JSON by the Unified Study Definitions Model, version 4: `study`, `versions`, `studyDesigns` with `arms`, `epochs`,
`encounters` and `scheduleTimelines`, whose ids all lead somewhere.

wrong:  {\"study\": {\"versions\": []}}
right:  {\"study\": {\"versions\": [{\"studyDesigns\": [{ ... }]}]}, \"usdmVersion\": \"4.0.0\"}";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_one_shows_wrong_and_right() {
        for (i, code) in CODES.iter().enumerate() {
            assert!(
                CODES[..i].iter().all(|earlier| earlier.code != code.code),
                "{} twice",
                code.code
            );
            assert!(
                code.explanation.contains("wrong:  ") && code.explanation.contains("right:  "),
                "{}",
                code.code
            );
            assert!(!code.title.ends_with('.'));
        }
        assert_eq!(explain("X999"), None);
    }
}
