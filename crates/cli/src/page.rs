//! Options of verbs that write a page with a drawing, and the writing.

use std::path::PathBuf;

use clap::Args;

use crate::verbs::{Result, print, write};

/// A page, its drawing, or its numbers.
#[derive(Debug, Args)]
pub(crate) struct Page {
    /// File to write the page to [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File to draw it into, SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Print the numbers as JSON
    #[arg(long, conflicts_with = "out")]
    pub json: bool,
}

impl Page {
    /// Name of the drawing beside the page.
    pub fn drawing(&self) -> Option<&str> {
        self.plot.as_ref()?.file_name()?.to_str()
    }

    /// Writes what was asked for.
    pub fn give(&self, json: impl FnOnce() -> String, page: &str, figure: impl FnOnce() -> String) -> Result {
        if let Some(path) = &self.plot {
            write(path, figure())?;
        }
        match &self.out {
            _ if self.json => print(&json()),
            Some(path) => write(path, page),
            None => print(page),
        }
    }
}
