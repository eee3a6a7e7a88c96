//! What the page says, part by part. Each function gives HTML, empty if there is nothing to say.

pub(super) mod baskets;
pub(super) mod estimands;
pub(super) mod headline;
pub(super) mod kinetics;
pub(super) mod multiplicity;
pub(super) mod patients;
pub(super) mod record;
pub(super) mod results;
pub(super) mod safety;
pub(super) mod survival;
pub(super) mod trial_effect;

use super::words::escape;

/// A table with a caption; the first cell of each row is its heading, cells are HTML. Columns whose heading starts with
/// `#` hold numbers and are set flush right.
pub(super) fn table(caption: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    let class = |heading: &str| if heading.starts_with('#') { " class=\"n\"" } else { "" };
    let head: String = headings
        .iter()
        .map(|h| {
            format!(
                "<th scope=\"col\"{}>{}</th>",
                class(h),
                escape(h.trim_start_matches('#'))
            )
        })
        .collect();
    let row = |cells: &Vec<String>| -> String {
        let cells = cells.iter().zip(headings).enumerate().map(|(at, (cell, heading))| {
            if at == 0 {
                format!("<th scope=\"row\">{cell}</th>")
            } else {
                format!("<td{}>{cell}</td>", class(heading))
            }
        });
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let body: String = rows.iter().map(row).collect();
    let caption = if caption.is_empty() {
        String::new()
    } else {
        format!("<caption>{}</caption>", escape(caption))
    };
    format!("<div class=\"scroll\"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n")
}

/// A part that opens when asked.
pub(super) fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>{body}</details>\n", escape(summary))
}
