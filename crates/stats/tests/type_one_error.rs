//! Type-I error of every test and design, in short. The long run is `cargo run --release -p malar-stats --example
//! type-one-error`; what it said stands in validation/stats/type-one-error.md.

#[path = "type_one_error/mod.rs"]
mod simulated;

use simulated::{Verdict, methods};

/// A hundredth of the long run, at least 200 trials. Seventy methods and four standard errors: one in 250 runs would fail by
/// chance if the numbers were not the same each time.
#[test]
fn no_method_strays_from_its_expected_error() {
    for method in methods() {
        let found = method.simulate((10 * method.thousands).max(200));
        let verdict = method.verdict(found, 4.0);
        assert_ne!(
            verdict,
            Verdict::Unexplained,
            "{}: {found:?} for {}",
            method.name,
            method.nominal
        );
    }
}

/// The rows that show what goes wrong do show it, beyond any noise.
#[test]
fn inflated_methods_are_inflated() {
    for method in methods() {
        if !matches!(method.expectation, simulated::Expectation::Inflated(_)) {
            continue;
        }
        let found = method.simulate(1000 * method.thousands);
        let excess = (found.error - method.nominal) / found.standard_error;
        assert!(excess > 2.0, "{}: {found:?}", method.name);
    }
}
