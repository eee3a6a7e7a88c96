//! What becomes of cells and of drugs that lead T cells: their course in blood, and that of B cells, in arms that give them.

use crate::product::Product;
use crate::program::Dose;
use crate::results::TraceLabel;

/// Days after the first dose on which is looked more than once a day: cells made in the body come and go within two days.
const FIRST: [f64; 3] = [0.0, 0.25, 0.5];
/// Looked at every day up to here, every week after.
const DAILY: f64 = 60.0;
const WEEK: f64 = 7.0;

/// What is followed in one arm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    /// Place among the watched quantities, and number of the label.
    pub places: Vec<(usize, u16)>,
    /// Ids of the products from whose first dose days count.
    products: Vec<String>,
}

impl Traces {
    /// What is followed of `products`; adds it to what is `watch`ed, and its names to `labels`.
    pub fn of(products: &[&Product], watch: &mut Vec<String>, labels: &mut Vec<TraceLabel>) -> Traces {
        let mut traces = Traces::default();
        for product in products {
            let therapy = &product.therapy;
            let Some((name, label)) = followed(product) else {
                continue;
            };
            if traces.products.contains(&therapy.id) {
                continue;
            }
            traces.products.push(therapy.id.clone());
            traces.add(format!("{}__{name}", therapy.id), label, watch, labels);
        }
        if !traces.products.is_empty() {
            traces.add(
                "B_cells_blood".to_owned(),
                label("", "B cells", "cells/uL"),
                watch,
                labels,
            );
        }
        traces
    }

    fn add(&mut self, name: String, label: TraceLabel, watch: &mut Vec<String>, labels: &mut Vec<TraceLabel>) {
        let known = labels.iter().position(|other| *other == label);
        let number = known.unwrap_or(labels.len());
        if known.is_none() {
            labels.push(label);
        }
        self.places.push((watch.len(), number as u16));
        watch.push(name);
    }

    /// Day of the first dose of a product that is followed; `is_of` tells whose a dose is. None if there is none.
    pub fn first_day<'a>(&self, doses: &[Dose], is_of: impl Fn(&Dose) -> &'a str) -> Option<f64> {
        let mut own = doses
            .iter()
            .filter(|dose| self.products.iter().any(|id| id == is_of(dose)));
        own.next().map(|dose| dose.day)
    }
}

/// Days after the first dose on which is looked, up to `last`.
pub(crate) fn days(last: f64) -> Vec<f64> {
    let daily = (1..=DAILY as u32).map(f64::from);
    let weekly = (1..)
        .map(|k| DAILY + WEEK * f64::from(k))
        .take_while(|&day| day <= last);
    let days = FIRST.into_iter().chain(daily).chain(weekly);
    days.take_while(|&day| day <= last).collect()
}

/// Name in a product's equations and label of what is followed of it: cells with a receptor, an engager in plasma, stromal cells.
fn followed(product: &Product) -> Option<(&'static str, TraceLabel)> {
    let therapy = &product.therapy;
    let has = |name: &str| super::layer::has(product, name);
    if has("CAR_cells") {
        return Some(("CAR_cells", label(&therapy.id, "CAR cells", "cells/uL")));
    }
    match therapy.class.as_str() {
        "t-cell-engager" if has("concentration") => Some(("concentration", label(&therapy.id, "engager", "mg/L"))),
        "stem-cell" if has("cells") => {
            let cells = therapy.routes.iter().any(|route| route.state == "cells");
            let (name, label) = match cells {
                true => ("cells", label(&therapy.id, "stromal cells", "cells")),
                false => ("depot", label(&therapy.id, "secretome", "mL")),
            };
            Some((name, label))
        }
        _ => None,
    }
}

fn label(therapy: &str, quantity: &str, unit: &str) -> TraceLabel {
    TraceLabel {
        therapy: therapy.to_owned(),
        quantity: quantity.to_owned(),
        unit: unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    #[test]
    fn looks_are_close_at_first_and_weekly_later() {
        assert_eq!(days(1.5), [0.0, 0.25, 0.5, 1.0]);
        let days = days(365.0);
        assert!(days.is_sorted() && days.contains(&60.0) && days.contains(&67.0) && !days.contains(&61.0));
        assert!(*days.last().unwrap() <= 365.0);
    }

    #[test]
    fn cells_engagers_and_stromal_cells_are_followed_and_drugs_are_not() {
        let products = library::products();
        let of = |id: &str| followed(&products[id]).map(|(name, _)| name);
        assert_eq!(of("cd19-car-t-autologous"), Some("CAR_cells"));
        assert_eq!(of("in-vivo-cd19-car-t-mrna-lnp"), Some("CAR_cells"));
        assert_eq!(of("teclistamab"), Some("concentration"));
        assert_eq!(of("uc-msc"), Some("cells"));
        assert_eq!(of("uc-msc-secretome"), Some("depot"));
        assert_eq!(of("rituximab"), None);
    }
}
