//! The shell of every page: note, heading, links to the sections, sections, foot.

use super::NOTE;
use super::words::escape;

/// A page to be put together; `top` and `foot` are HTML.
pub(super) struct Page<'a> {
    pub title: String,
    pub top: String,
    pub sections: &'a [Section<'a>],
    pub foot: String,
}

/// A section of the page: anchor, heading, and what it says; left out if that is empty.
pub(super) struct Section<'a> {
    pub anchor: &'a str,
    pub heading: &'a str,
    pub body: String,
}

impl Page<'_> {
    /// The whole document; works offline.
    pub fn html(&self) -> String {
        let shown = || self.sections.iter().filter(|section| !section.body.is_empty());
        let link = |s: &Section<'_>| format!("<li><a href=\"#{}\">{}</a></li>", s.anchor, escape(s.heading));
        let links: String = shown().map(link).collect();
        let bodies: String = shown().map(section).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n\
             <aside class=\"note\" aria-label=\"Limits of use\"><p>{note}</p></aside>\n\
             <header class=\"top\">{top}<nav aria-label=\"Sections\"><ul>{links}</ul></nav></header>\n\
             <main>\n{bodies}</main>\n<footer>{foot}</footer>\n</body>\n</html>\n",
            title = escape(&self.title),
            style = include_str!("style.css"),
            note = NOTE.replacen("Virtual patients.", "<strong>Virtual patients.</strong>", 1),
            top = self.top,
            foot = self.foot,
        )
    }
}

fn section(section: &Section<'_>) -> String {
    let Section { anchor, heading, body } = section;
    format!(
        "<section id=\"{anchor}\" aria-labelledby=\"{anchor}-heading\">\n<h2 id=\"{anchor}-heading\">{}</h2>\n{body}</section>\n",
        escape(heading)
    )
}
