//! Writing Antimony that reads back as the same model.

use std::fmt::Write as _;

use crate::infix_text::number_text;
use crate::model::{Annotation, Change, Kind, Model, Reaction, Variable};

/// The model as Antimony text: functions, units, quantities, rules, reactions, meanings. Comments and layout of a text it
/// was read from are gone, and function calls stand expanded.
pub fn print_antimony(model: &Model) -> String {
    let mut out = String::new();
    for function in &model.functions {
        let body = model.arena.text(function.body.expr);
        let _ = writeln!(
            out,
            "function {}({})\n  {body}\nend\n",
            function.name,
            function.parameters.join(", ")
        );
    }
    if !model.name.is_empty() {
        let _ = writeln!(out, "model {}", model.name);
    }
    for unit in &model.units {
        let _ = writeln!(out, "  unit {} = {}", unit.name, unit.text);
    }
    // Compartments first: a species that names its compartment would otherwise declare it too early.
    let (homes, others): (Vec<_>, Vec<_>) = model.variables.iter().partition(|v| v.kind == Kind::Compartment);
    for variable in homes.into_iter().chain(others) {
        print_variable(model, variable, &mut out);
        print_annotation(model.arena.name(variable.symbol), &variable.annotation, &mut out);
    }
    for reaction in &model.reactions {
        print_reaction(model, reaction, &mut out);
        print_annotation(model.arena.name(reaction.symbol), &reaction.annotation, &mut out);
    }
    print_annotation("model", &model.annotation, &mut out);
    if !model.name.is_empty() {
        out.push_str("end\n");
    }
    out
}

/// The declaration of a quantity with its value, and its rule.
fn print_variable(model: &Model, variable: &Variable, out: &mut String) {
    let mut words = Vec::new();
    match variable.declared_variable {
        Some(true) => words.push("var".to_owned()),
        Some(false) => words.push("const".to_owned()),
        None => {}
    }
    let name = model.arena.name(variable.symbol);
    match variable.kind {
        Kind::Parameter => words.push(name.to_owned()),
        Kind::Compartment => words.extend(["compartment".to_owned(), name.to_owned()]),
        Kind::Species {
            compartment,
            substance_only,
            boundary,
        } => {
            if substance_only {
                words.push("substanceOnly".to_owned());
            }
            words.push("species".to_owned());
            words.push(if boundary { format!("${name}") } else { name.to_owned() });
            words.extend(compartment.map(|home| format!("in {}", model.arena.name(home))));
        }
    }
    if let Some(initial) = &variable.initial {
        words.push(format!("= {}", model.arena.text(initial.expr)));
    }
    // A bare parameter is declared by its rule or its annotations.
    if words.len() > 1 {
        let _ = writeln!(out, "  {}", words.join(" "));
    }
    if let Some(change) = &variable.change {
        let sign = if matches!(change, Change::Rate(_)) {
            "' ="
        } else {
            " :="
        };
        let _ = writeln!(out, "  {name}{sign} {}", model.arena.text(change.formula().expr));
    }
}

fn print_reaction(model: &Model, reaction: &Reaction, out: &mut String) {
    let side = |species: &[(f64, crate::expression::SymbolId)]| {
        let term = |&(count, symbol): &(f64, _)| {
            let name = model.arena.name(symbol);
            if count.to_bits() == 1f64.to_bits() {
                name.to_owned()
            } else {
                format!("{} {name}", number_text(count))
            }
        };
        species.iter().map(term).collect::<Vec<_>>().join(" + ")
    };
    let (left, right) = (side(&reaction.reactants), side(&reaction.products));
    let arrow = if reaction.reversible { "->" } else { "=>" };
    let (name, rate) = (model.arena.name(reaction.symbol), model.arena.text(reaction.rate.expr));
    let _ = writeln!(out, "  {name}: {left} {arrow} {right}; {rate}");
}

fn print_annotation(name: &str, annotation: &Annotation, out: &mut String) {
    if let Some(unit) = &annotation.unit {
        let _ = writeln!(out, "  {name} has {}", unit.text);
    }
    if let Some(text) = &annotation.display_name {
        let _ = writeln!(out, "  {name} is {}", quoted(text));
    }
    for reference in &annotation.references {
        let _ = writeln!(out, "  {name} {} {}", reference.qualifier, quoted(&reference.resource));
    }
    for note in &annotation.notes {
        let _ = writeln!(out, "  {name} notes {}", quoted(note));
    }
}

fn quoted(text: &str) -> String {
    if text.contains('\n') {
        format!("```{text}```")
    } else {
        format!("\"{}\"", text.replace('"', "\\\""))
    }
}
