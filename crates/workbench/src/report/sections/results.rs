//! Response over time, differences with power, activity and serology.

use crate::report::figures::response::Size;
use crate::report::figures::{forest, response as response_figure, trajectory};
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::{ContrastSummary, TrajectorySummary};

use super::{details, table};

const WIDE: Size = Size {
    width: 760.0,
    height: 330.0,
    names: true,
};
const PANEL: Size = Size {
    width: 340.0,
    height: 220.0,
    names: false,
};

/// The first endpoint large, the others as small multiples.
pub(in crate::report) fn response(view: &View<'_>) -> String {
    let drawn = |(at, id): (usize, &'_ str)| {
        response_figure::figure(view, id, if at == 0 { WIDE } else { PANEL }).map(|svg| (id.to_string(), svg))
    };
    let figures: Vec<(String, String)> = view.endpoint_ids().into_iter().enumerate().filter_map(drawn).collect();
    let Some(((first, large), rest)) = figures.split_first() else {
        return String::new();
    };
    let panels: String = rest
        .iter()
        .map(|(id, svg)| panel(&words::endpoint(id), unit(view, id), svg))
        .collect();
    let panels = if rest.is_empty() {
        panels
    } else {
        format!("{}<div class=\"panels\">{panels}</div>\n", arm_key(view))
    };
    format!(
        "<p class=\"read\">Lines: mean over simulated trials. Bands: the middle 90 % of them. Diamonds: published values, \
         hollow if not fitted to, filled if fitted; at the last visit with their 95 % interval.</p>\n\
         <figure class=\"wide\"><figcaption><h3>{}, {}</h3></figcaption>{large}</figure>\n{panels}{}",
        escape(&words::endpoint(first)),
        escape(unit(view, first)),
        details("The numbers behind the figures", &rates(view)),
    )
}

fn unit<'a>(view: &View<'a>, endpoint: &str) -> &'a str {
    let of = view.summary.endpoints.iter().find(|rate| rate.endpoint == endpoint);
    match of.map_or("", |rate| rate.unit.as_str()) {
        "percent" => "percent of patients",
        other => other,
    }
}

fn panel(title: &str, unit: &str, svg: &str) -> String {
    format!(
        "<figure><figcaption>{} <span>{}</span></figcaption>{svg}</figure>\n",
        escape(title),
        escape(unit)
    )
}

/// Names of the arms in their colours, once for all panels below.
fn arm_key(view: &View<'_>) -> String {
    let items = view.arms().iter().map(|arm| {
        format!(
            "<li class=\"{}\">{}</li>",
            arm.class,
            escape(&words::capitalised(&arm.name))
        )
    });
    format!(
        "<ul class=\"arm-key\" aria-label=\"Arms\">{}</ul>\n",
        items.collect::<String>()
    )
}

fn rates(view: &View<'_>) -> String {
    let row = |rate: &crate::summary::EndpointSummary| {
        let number = |value| words::number(value, words::decimals(&rate.unit));
        vec![
            escape(&words::endpoint(&rate.endpoint)),
            words::week(rate.week),
            escape(&rate.population),
            escape(&view.arm(&rate.arm).name),
            format!(
                "{} <small>({} to {})</small>",
                number(rate.mean),
                number(rate.low90),
                number(rate.high90)
            ),
            rate.published.map_or("–".into(), number),
        ]
    };
    let rows: Vec<_> = view.summary.endpoints.iter().map(row).collect();
    table(
        "",
        &[
            "Endpoint",
            "#Week",
            "Population",
            "Arm",
            "#Simulated (90 % of trials)",
            "#Published",
        ],
        &rows,
    )
}

/// A forest plot per unit and the table with power.
pub(in crate::report) fn differences(view: &View<'_>) -> String {
    let contrasts = view.final_contrasts();
    if contrasts.is_empty() {
        return String::new();
    }
    let mut units: Vec<&str> = Vec::new();
    for contrast in &contrasts {
        if !units.contains(&contrast.unit.as_str()) {
            units.push(&contrast.unit);
        }
    }
    let plots: String = units
        .iter()
        .map(|unit| {
            let of_unit: Vec<_> = contrasts.iter().copied().filter(|c| c.unit == *unit).collect();
            format!(
                "<figure class=\"wide long\">{}</figure>\n",
                forest::figure(view, &of_unit)
            )
        })
        .collect();
    let computed = if contrasts.iter().any(|c| c.published_computed) {
        " Published differences marked * were not printed but computed from the published rates."
    } else {
        ""
    };
    format!(
        "<p class=\"read\">At the last visit of each endpoint. Power: the share of simulated trials that were significant \
         in favour of the arm (two-sided p &lt; 0.05).{computed}</p>\n{plots}{}",
        power_table(view, &contrasts)
    )
}

fn power_table(view: &View<'_>, contrasts: &[&ContrastSummary]) -> String {
    let pair = |contrast: &ContrastSummary| (contrast.arm.clone(), contrast.control.clone());
    let one_pair = contrasts.iter().all(|contrast| pair(contrast) == pair(contrasts[0]));
    let row = |contrast: &&ContrastSummary| {
        let decimals = words::decimals(&contrast.unit);
        let population = words::population(&contrast.population);
        let population = if population.is_empty() {
            "everybody".to_string()
        } else {
            population
        };
        let (arm, control) = (view.arm(&contrast.arm).name, view.arm(&contrast.control).name);
        let name = escape(&words::endpoint(&contrast.endpoint));
        let star = if contrast.published_computed { "*" } else { "" };
        let published = contrast.published.map_or("–".into(), |value| {
            let limits = contrast.published_low95.zip(contrast.published_high95);
            let text = limits.map_or_else(
                || words::signed(value, decimals),
                |(low, high)| forest::interval(value, low, high, decimals),
            );
            text + star
        });
        let who = if one_pair {
            population
        } else {
            format!("{arm} against {control}, {population}")
        };
        vec![
            format!(
                "{name}<br><small>week {}, {}</small>",
                words::week(contrast.week),
                escape(&who)
            ),
            forest::interval(contrast.difference, contrast.low90, contrast.high90, decimals),
            published,
            power_bar(contrast.power, &view.arm(&contrast.arm).class),
        ]
    };
    let rows: Vec<_> = contrasts.iter().map(row).collect();
    table(
        "Difference between arms",
        &["Endpoint", "#Simulated", "#Published", "#Power"],
        &rows,
    )
}

/// A small bar with its percentage.
fn power_bar(power: f64, class: &str) -> String {
    let width = 60.0 * power.clamp(0.0, 1.0);
    format!(
        "<span class=\"power\"><svg class=\"inline {class}\" width=\"60\" height=\"9\" viewBox=\"0 0 60 9\" aria-hidden=\"true\">\
         <rect width=\"60\" height=\"9\" fill=\"var(--grid)\"/><rect width=\"{width:.1}\" height=\"9\" fill=\"var(--c)\"/></svg>\
         <span>{:.0} %</span></span>",
        100.0 * power
    )
}

/// Activity, serology and drug as small multiples.
pub(in crate::report) fn course(view: &View<'_>) -> String {
    let mut variables: Vec<&str> = Vec::new();
    for trajectory in &view.summary.trajectories {
        if !variables.contains(&trajectory.variable.as_str()) {
            variables.push(&trajectory.variable);
        }
    }
    if variables.is_empty() {
        return String::new();
    }
    let of = |variable: &str| -> Vec<&TrajectorySummary> {
        view.summary
            .trajectories
            .iter()
            .filter(|t| t.variable == variable)
            .collect()
    };
    let panels: String = variables
        .iter()
        .map(|variable| {
            let arms = of(variable);
            panel(&arms[0].label, &arms[0].unit, &trajectory::figure(view, &arms))
        })
        .collect();
    format!(
        "<p class=\"read\">Lines: the median patient on study drug. Bands: the middle 90 % of patients, all simulated trials \
         together.</p>\n{}<div class=\"panels\">{panels}</div>\n{}",
        arm_key(view),
        details("The numbers behind the figures", &course_table(view))
    )
}

fn course_table(view: &View<'_>) -> String {
    let mut rows = Vec::new();
    for t in &view.summary.trajectories {
        for (at, week) in t.weeks.iter().enumerate() {
            rows.push(vec![
                escape(&t.label),
                escape(&view.arm(&t.arm).name),
                words::week(*week),
                trajectory::short(t.median[at]),
                format!(
                    "{} to {}",
                    trajectory::short(t.low90[at]),
                    trajectory::short(t.high90[at])
                ),
            ]);
        }
    }
    table("", &["Variable", "Arm", "#Week", "#Median", "#Middle 90 %"], &rows)
}
