//! Baskets: what each says of itself, and what it says with the help of the others.

use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::{BasketSummary, BorrowedSummary};

use super::table;

/// The section; empty without a basket analysis.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let baskets = &view.summary.baskets;
    if baskets.is_empty() {
        return String::new();
    }
    let headings = [
        "Arm",
        "Basket",
        "#Patients",
        "#Truth, %",
        "Estimated",
        "#Mean, %",
        "#Bias",
        "#Error",
        "#Coverage",
        "#Width",
        "#P(above null)",
    ];
    let rows: Vec<Vec<String>> = baskets.iter().flat_map(both).collect();
    format!(
        "<p class=\"read\">Responders of each basket, estimated from its own patients alone (uniform prior) and with the robust \
         meta-analytic predictive prior of the other baskets. The truth are the responders among the patients of all simulated trials; \
         error is the root mean squared distance of the estimate from it, in percentage points. Borrowing narrows intervals and draws \
         baskets towards each other: where they differ in truth, that is its bias.</p>{}",
        table("", &headings, &rows)
    )
}

fn both(basket: &BasketSummary) -> [Vec<String>; 2] {
    [("alone", &basket.alone), ("borrowing", &basket.borrowing)].map(|(how, found)| cells(basket, how, found))
}

fn cells(basket: &BasketSummary, how: &str, found: &BorrowedSummary) -> Vec<String> {
    vec![
        escape(&words::plain(&basket.arm)),
        escape(&words::plain(&basket.basket)),
        words::number(basket.n, 0),
        words::number(basket.truth, 1),
        how.to_owned(),
        words::number(found.estimate, 1),
        words::signed(found.bias, 1),
        words::number(found.error, 1),
        format!("{} %", words::number(100.0 * found.coverage, 0)),
        words::number(found.width, 1),
        words::number(found.above_null, 2),
    ]
}
