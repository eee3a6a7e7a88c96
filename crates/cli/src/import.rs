//! `malar import`: a study definition to a draft of a protocol file.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::read_source;
use malar_workbench::usdm::{Design, draft};

use crate::export::put;
use crate::verbs::{Result, wrong};

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Study definition, USDM 4 JSON
    pub study: PathBuf,
    /// Protocol file to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(crate) fn import(arguments: &ImportArguments) -> Result {
    let source = read_source(&arguments.study).map_err(wrong)?;
    let design = Design::read(&source.text, &source.path).map_err(wrong)?;
    put(&draft(&design).map_err(wrong)?, arguments.out.as_deref())
}
