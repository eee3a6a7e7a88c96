//! Networks from Antimony models.

use std::collections::BTreeMap;

use super::math::Math;
use super::parts::{
    BaseUnit, Compartment, InitialAssignment, Modifier, NamedFunction, Network, Parameter, Participant, Reaction,
    Remarks, Rule, RuleKind, Species, UnitDefinition,
};
use crate::expression::{ExprId, SymbolId};
use crate::model::{Annotation, Change, Kind, Model, Variable};
use crate::units::Unit;

/// Species that name no compartment live here; its size is 1.
const NOWHERE: &str = "default_compartment";
/// Qualifiers of Antimony that are elements of BioModels' biology namespace, and those elements.
pub(crate) const QUALIFIERS: [(&str, &str); 13] = [
    ("identity", "is"),
    ("part", "hasPart"),
    ("parthood", "isPartOf"),
    ("hypernym", "isVersionOf"),
    ("version", "hasVersion"),
    ("homolog", "isHomologTo"),
    ("description", "isDescribedBy"),
    ("container", "occursIn"),
    ("encoder", "isEncodedBy"),
    ("encodement", "encodes"),
    ("property", "hasProperty"),
    ("propertyBearer", "isPropertyOf"),
    ("taxon", "hasTaxon"),
];

impl Network {
    /// The same model as a network. `Err` holds the name of something whose formula is too large to be written out.
    pub fn from_model(model: &Model) -> Result<Network, String> {
        let mut builder = Builder {
            model,
            network: Network::default(),
            units: BTreeMap::new(),
        };
        builder.network.level = (3, 2);
        builder.network.id = model.name.clone();
        builder.network.remarks = builder.remarks(&model.annotation, &model.name);
        builder.units();
        builder.functions()?;
        for variable in &model.variables {
            builder.variable(variable)?;
        }
        for reaction in &model.reactions {
            builder.reaction(reaction)?;
        }
        Ok(builder.network)
    }
}

struct Builder<'a> {
    model: &'a Model,
    network: Network,
    /// Unit as written to the id of its definition.
    units: BTreeMap<String, String>,
}

impl Builder<'_> {
    fn name(&self, symbol: SymbolId) -> String {
        self.model.arena.name(symbol).to_owned()
    }

    fn math(&self, expr: ExprId, what: &str) -> Result<Math, String> {
        Math::from_arena(&self.model.arena, expr).ok_or_else(|| what.to_owned())
    }

    /// Units that the model names.
    fn units(&mut self) {
        for definition in &self.model.units {
            self.units.insert(definition.name.clone(), definition.name.clone());
            self.network.units.push(unit_definition(
                &definition.name,
                &definition.unit,
                Some(definition.text.clone()),
            ));
        }
    }

    /// The id of a unit used; one that is written out becomes a definition.
    fn unit(&mut self, annotation: &Annotation) -> Option<String> {
        let unit = annotation.unit.as_ref()?;
        if let Some(known) = self.units.get(&unit.text) {
            return Some(known.clone());
        }
        if Unit::sbml_kind(&unit.text).is_some() {
            return Some(unit.text.clone());
        }
        let id = format!("unit_{}", self.units.len() + 1);
        self.units.insert(unit.text.clone(), id.clone());
        self.network
            .units
            .push(unit_definition(&id, &unit.unit, Some(unit.text.clone())));
        Some(id)
    }

    fn functions(&mut self) -> Result<(), String> {
        for function in &self.model.functions {
            self.network.functions.push(NamedFunction {
                id: function.name.clone(),
                parameters: function.parameters.clone(),
                body: Some(self.math(function.body.expr, &function.name)?),
                remarks: Remarks::default(),
                place: crate::model::Place::default(),
            });
        }
        Ok(())
    }

    /// Remarks with links as an annotation that Antimony and BioModels share.
    fn remarks(&self, annotation: &Annotation, id: &str) -> Remarks {
        let metaid = format!("meta_{}", if id.is_empty() { "model" } else { id });
        let mut links = String::new();
        for reference in &annotation.references {
            let element = QUALIFIERS
                .iter()
                .find(|q| q.0 == reference.qualifier)
                .map_or("is", |q| q.1);
            let address = super::escaped(&reference.resource);
            links += &format!(
                "<bqbiol:{element}><rdf:Bag><rdf:li rdf:resource=\"{address}\"/></rdf:Bag></bqbiol:{element}>"
            );
        }
        let has_links = !links.is_empty();
        let annotated = has_links.then(|| {
            format!(
                "<annotation><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
                 xmlns:bqbiol=\"http://biomodels.net/biology-qualifiers/\"><rdf:Description rdf:about=\"#{metaid}\">{links}\
                 </rdf:Description></rdf:RDF></annotation>"
            )
        });
        let paragraph =
            |note: &String| format!("<p xmlns=\"http://www.w3.org/1999/xhtml\">{}</p>", super::escaped(note));
        let notes: String = annotation.notes.iter().map(paragraph).collect();
        Remarks {
            name: annotation.display_name.clone(),
            metaid: has_links.then_some(metaid),
            notes: (!notes.is_empty()).then(|| format!("<notes>{notes}</notes>")),
            annotation: annotated,
            ..Remarks::default()
        }
    }

    fn variable(&mut self, variable: &Variable) -> Result<(), String> {
        let id = self.name(variable.symbol);
        let number = variable
            .initial
            .as_ref()
            .and_then(|f| self.model.arena.constant(f.expr));
        if let (Some(formula), None) = (&variable.initial, number) {
            let math = self.math(formula.expr, &id)?;
            let place = variable.place.clone();
            self.network.initial_assignments.push(InitialAssignment {
                symbol: id.clone(),
                math,
                remarks: Remarks::default(),
                place,
            });
        }
        if let Some(change) = &variable.change {
            let kind = if matches!(change, Change::Rate(_)) {
                RuleKind::Rate
            } else {
                RuleKind::Assignment
            };
            let math = self.math(change.formula().expr, &id)?;
            let place = variable.place.clone();
            self.network.rules.push(Rule {
                kind,
                variable: id.clone(),
                math,
                remarks: Remarks::default(),
                place,
            });
        }
        let constant = variable.change.is_none() && variable.declared_variable != Some(true);
        let (remarks, units) = (self.remarks(&variable.annotation, &id), self.unit(&variable.annotation));
        let place = variable.place.clone();
        match variable.kind {
            Kind::Parameter => self.network.parameters.push(Parameter {
                id,
                value: number,
                constant,
                units,
                remarks,
                place,
            }),
            Kind::Compartment => {
                let size = number.or_else(|| variable.initial.is_none().then_some(1.0));
                self.network.compartments.push(Compartment {
                    id,
                    dimensions: Some(3.0),
                    size,
                    constant,
                    units,
                    remarks,
                    place,
                });
            }
            Kind::Species {
                compartment,
                substance_only,
                boundary,
            } => {
                let home = compartment.map_or_else(|| NOWHERE.to_owned(), |home| self.name(home));
                if compartment.is_none() && !self.network.compartments.iter().any(|c| c.id == NOWHERE) {
                    self.network.compartments.push(Compartment {
                        id: NOWHERE.into(),
                        dimensions: Some(3.0),
                        size: Some(1.0),
                        constant: true,
                        ..Compartment::default()
                    });
                }
                self.network.species.push(Species {
                    id,
                    compartment: home,
                    initial_amount: number.filter(|_| substance_only),
                    initial_concentration: number.filter(|_| !substance_only),
                    substance_only,
                    boundary: boundary || variable.change.is_some(),
                    constant: false,
                    substance_units: units,
                    conversion_factor: None,
                    remarks,
                    place,
                });
            }
        }
        Ok(())
    }

    fn reaction(&mut self, reaction: &crate::model::Reaction) -> Result<(), String> {
        let id = self.name(reaction.symbol);
        let side = |list: &[(f64, SymbolId)]| -> Vec<Participant> {
            let one = |&(count, symbol): &(f64, SymbolId)| Participant {
                species: self.name(symbol),
                stoichiometry: Some(count),
                constant: true,
                ..Participant::default()
            };
            list.iter().map(one).collect()
        };
        let (reactants, products) = (side(&reaction.reactants), side(&reaction.products));
        let rate = self.math(reaction.rate.expr, &id)?;
        let mut modifiers: Vec<String> = rate
            .names()
            .into_iter()
            .filter(|name| self.network.species.iter().any(|s| s.id == *name))
            .filter(|name| !reactants.iter().chain(&products).any(|p| p.species == *name))
            .map(str::to_owned)
            .collect();
        modifiers.sort();
        modifiers.dedup();
        self.network.reactions.push(Reaction {
            reversible: reaction.reversible,
            reactants,
            products,
            modifiers: modifiers.into_iter().map(Modifier::from).collect(),
            rate: Some(rate),
            remarks: self.remarks(&reaction.annotation, &id),
            place: reaction.place.clone(),
            id,
            ..Reaction::default()
        });
        Ok(())
    }
}

/// A unit in SBML's base units; the text it was written as becomes its name.
fn unit_definition(id: &str, unit: &Unit, text: Option<String>) -> UnitDefinition {
    // In the order of the exponents; international units and scores are counted, for SBML has no word for them.
    let kinds = [
        "metre", "kilogram", "second", "ampere", "kelvin", "mole", "candela", "item", "item", "item",
    ];
    let powers = kinds
        .iter()
        .zip(unit.exponents)
        .filter(|(_, exponent)| exponent.abs() > 0.0);
    let base = |(kind, exponent): (&&str, f64)| BaseUnit {
        kind: (*kind).to_owned(),
        exponent,
        scale: 0,
        multiplier: 1.0,
    };
    let mut units: Vec<BaseUnit> = powers.map(base).collect();
    let factor = unit.factor;
    if (factor - 1.0).abs() > 1e-15 || units.is_empty() {
        units.insert(
            0,
            BaseUnit {
                kind: "dimensionless".into(),
                exponent: 1.0,
                scale: 0,
                multiplier: factor,
            },
        );
    }
    UnitDefinition {
        id: id.to_owned(),
        units,
        remarks: Remarks {
            name: text.filter(|t| t != id),
            ..Remarks::default()
        },
    }
}
