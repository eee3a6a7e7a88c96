//! Simulates the type-I error of every test and design and prints the table of validation/stats/type-one-error.md:
//! `cargo run --release -p malar-stats --example type-one-error > validation/stats/type-one-error.md`.
//!
//! The numbers are the same each time. A thousandth of the run: `-- 1`, in parts per thousand.

#[path = "../tests/type_one_error/mod.rs"]
mod simulated;

use simulated::{Method, Verdict, methods};

fn main() {
    let parts: u32 = std::env::args()
        .nth(1)
        .map_or(1000, |text| text.parse().expect("parts per thousand"));
    let methods = methods();
    println!("# Type-I error by simulation\n");
    println!(
        "Trials without an effect, analysed by every test and run under every design of `malar-stats`. Repeat with\n\
         `cargo run --release -p malar-stats --example type-one-error`; the numbers come out the same. A hundredth of it is a test\n\
         (`crates/stats/tests/type_one_error.rs`). Of methods with exactly nominal error about one row in twenty should lie outside\n\
         two Monte-Carlo standard errors.\n"
    );
    println!("| method | simulated trials | nominal | error | MC error | verdict | why |");
    println!("|---|---|---|---|---|---|---|");
    let mut strays = Vec::new();
    for method in &methods {
        let trials = (method.thousands * parts).max(200);
        let found = method.simulate(trials);
        let verdict = match method.verdict(found, 2.0) {
            Verdict::Within => "within 2",
            Verdict::Explained => "explained",
            Verdict::Unexplained => {
                strays.push(method);
                "outside 2"
            }
        };
        let lost = if found.without_result > 0 {
            format!(", {} without result", found.without_result)
        } else {
            String::new()
        };
        println!(
            "| {}: {} | {trials}{lost} | {:.4} | {:.4} | {:.4} | {verdict} | {} |",
            method.name,
            method.setting,
            method.nominal,
            found.error,
            found.standard_error,
            method.why()
        );
    }
    println!(
        "\n{} methods, {} outside two standard errors without an explanation{}",
        methods.len(),
        strays.len(),
        names(&strays)
    );
}

fn names(strays: &[&Method]) -> String {
    if strays.is_empty() {
        return ".".to_owned();
    }
    let names: Vec<&str> = strays.iter().map(|m| m.name).collect();
    format!(": {}.", names.join(", "))
}
