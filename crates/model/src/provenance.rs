//! Every number of a model says where it comes from.

use crate::codes::NO_SOURCE;
use crate::diagnostic::{Diagnostic, Source};
use crate::expression::Node;
use crate::model::{Kind, Model, Variable};

impl Model {
    /// One error per constant number that has neither a source (`description`) nor a reason (`notes "assumed: ..."`).
    ///
    /// Asked of the library's models, not of every file: other people's SBML rarely says.
    pub fn check_sources(&self, source: &Source) -> Vec<Diagnostic> {
        let silent = |v: &&Variable| {
            self.is_constant_number(v)
                && v.annotation.sources().next().is_none()
                && v.annotation.assumptions().next().is_none()
        };
        let finding = |v: &Variable| {
            let name = self.arena.name(v.symbol);
            Diagnostic::error(
                NO_SOURCE,
                source,
                v.place.0.clone(),
                format!("number without source: `{name}`"),
            )
            .help(format!(
                "add `{name} description \"https://doi.org/...\"` or `{name} notes \"assumed: why\"`"
            ))
        };
        self.variables.iter().filter(silent).map(finding).collect()
    }

    fn is_constant_number(&self, variable: &Variable) -> bool {
        let number = |formula: &crate::infix::Formula| matches!(self.arena.node(formula.expr), Node::Number(_));
        variable.kind == Kind::Parameter && variable.change.is_none() && variable.initial.as_ref().is_some_and(number)
    }
}
