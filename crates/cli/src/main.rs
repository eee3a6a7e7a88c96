//! The `malar` command: words typed to workbench calls.
//!
//! stdout is data, stderr is talk. Exit status 0: good; 1: the run found a problem; 2: the input is wrong.

mod arguments;
mod calibrate;
mod derive;
mod export;
mod progress;
mod score;
mod simulate;
mod tables;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Verb};

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Run(arguments) => verbs::run(&arguments),
        Verb::Score(arguments) => score::score(&arguments),
        Verb::Calibrate(arguments) => calibrate::calibrate(&arguments),
        Verb::Derive(arguments) => derive::derive(&arguments),
        Verb::Export(arguments) => export::export(&arguments),
        Verb::Simulate(arguments) => simulate::simulate(&arguments),
        Verb::Convert(arguments) => verbs::convert(&arguments),
        Verb::Check(arguments) => verbs::check(&arguments),
        Verb::List(arguments) => verbs::list(&arguments),
        Verb::Show(arguments) => verbs::show(&arguments),
        Verb::Explain(arguments) => verbs::explain(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("{}", failure.message.trim_end());
            }
            ExitCode::from(failure.status)
        }
    }
}
