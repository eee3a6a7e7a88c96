//! Functions, units, compartments, species, parameters.

use roxmltree::Node;

use super::{Reader, attribute};
use crate::network::{BaseUnit, Compartment, NamedFunction, Parameter, Species, UnitDefinition};
use crate::sbml::{mathml, xml};

impl Reader<'_> {
    pub(super) fn function(&mut self, node: Node) -> NamedFunction {
        let (parameters, body) = match xml::child(node, "math").map(mathml::lambda) {
            None => (Vec::new(), None),
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                self.report(
                    error.span,
                    error.message,
                    "see the MathML subset in the SBML specification",
                );
                (Vec::new(), None)
            }
        };
        NamedFunction {
            id: self.id(node),
            parameters,
            body,
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    pub(super) fn unit(&mut self, node: Node) -> UnitDefinition {
        let units = xml::items(node, "listOfUnits", "unit")
            .into_iter()
            .map(|unit| BaseUnit {
                kind: self.required(unit, "kind"),
                exponent: self.number(unit, "exponent").unwrap_or(1.0),
                scale: self.number(unit, "scale").map_or(0, |s| s as i32),
                multiplier: self.number(unit, "multiplier").unwrap_or(1.0),
            });
        let units = units.collect();
        UnitDefinition {
            id: self.id(node),
            units,
            remarks: self.remarks(node),
        }
    }

    pub(super) fn compartment(&mut self, node: Node) -> Compartment {
        let size = self.number(node, if self.level.0 == 1 { "volume" } else { "size" });
        let old = self.level.0 < 3;
        Compartment {
            id: self.id(node),
            dimensions: self.number(node, "spatialDimensions").or_else(|| old.then_some(3.0)),
            size: size.or_else(|| (self.level.0 == 1).then_some(1.0)),
            constant: self.flag(node, "constant", self.level.0 > 1),
            units: attribute(node, "units"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    pub(super) fn species(&mut self, node: Node) -> Species {
        Species {
            id: self.id(node),
            compartment: self.required(node, "compartment"),
            initial_amount: self.number(node, "initialAmount"),
            initial_concentration: self.number(node, "initialConcentration"),
            substance_only: self.flag(node, "hasOnlySubstanceUnits", false),
            boundary: self.flag(node, "boundaryCondition", false),
            constant: self.flag(node, "constant", false),
            substance_units: attribute(node, "substanceUnits").or_else(|| attribute(node, "units")),
            conversion_factor: attribute(node, "conversionFactor"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    pub(super) fn parameter(&mut self, node: Node) -> Parameter {
        Parameter {
            id: self.id(node),
            value: self.number(node, "value"),
            constant: self.flag(node, "constant", self.level.0 > 1),
            units: attribute(node, "units"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }
}
