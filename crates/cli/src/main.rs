//! The `malar` command: words typed to workbench calls.
//!
//! stdout is data, stderr is talk. Exit status 0: good; 1: the run found a problem; 2: the input is wrong.

mod arguments;
mod calibrate;
mod credibility;
mod derive;
mod design;
mod export;
mod import;
mod page;
mod pharmacology;
mod placebo;
mod progress;
mod score;
mod sensitivity;
mod simulate;
mod subgroups;
mod tables;
mod variants;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Verb};

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Run(arguments) => verbs::run(&arguments),
        Verb::Design(arguments) => design::design(&arguments),
        Verb::Score(arguments) => score::score(&arguments),
        Verb::Calibrate(arguments) => calibrate::calibrate(&arguments),
        Verb::Derive(arguments) => derive::derive(&arguments),
        Verb::Export(arguments) => export::export(&arguments),
        Verb::Credibility(arguments) => credibility::credibility(&arguments),
        Verb::Sensitivity(arguments) => sensitivity::sensitivity(&arguments),
        Verb::Variants(arguments) => variants::variants(&arguments),
        Verb::Pharmacology(arguments) => pharmacology::pharmacology(&arguments),
        Verb::Placebo(arguments) => placebo::placebo(&arguments),
        Verb::Subgroups(arguments) => subgroups::subgroups(&arguments),
        Verb::Import(arguments) => import::import(&arguments),
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
