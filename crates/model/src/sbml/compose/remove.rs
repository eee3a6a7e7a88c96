//! Taking elements out of a network.

use crate::network::{Network, Participant, Remarks};
use crate::sbml::refer::Target;

/// Takes an element out, if it is there.
pub(super) fn remove(network: &mut Network, target: &Target) {
    let (id, metaid) = match target {
        Target::Unit(id) => return network.units.retain(|u| u.id != *id),
        Target::Id(id) => (Some(id.as_str()), None),
        Target::MetaId(id) => (None, Some(id.as_str())),
    };
    let is_other = |own: &str, remarks: &Remarks| match id {
        Some(id) => own != id && remarks.id.as_deref() != Some(id),
        None => remarks.metaid.as_deref() != metaid,
    };
    // A submodel that is itself replaced or deleted goes with everything in it.
    let inside = id.map(|id| format!("{id}__"));
    let keeps = |own: &str, remarks: &Remarks| {
        let name = if own.is_empty() {
            remarks.id.as_deref().unwrap_or("")
        } else {
            own
        };
        is_other(own, remarks) && !inside.as_ref().is_some_and(|inside| name.starts_with(inside.as_str()))
    };
    network.functions.retain(|x| keeps(&x.id, &x.remarks));
    network.compartments.retain(|x| keeps(&x.id, &x.remarks));
    network.species.retain(|x| keeps(&x.id, &x.remarks));
    network.parameters.retain(|x| keeps(&x.id, &x.remarks));
    let starts_inside = |name: &str| inside.as_ref().is_some_and(|inside| name.starts_with(inside.as_str()));
    network
        .initial_assignments
        .retain(|x| keeps("", &x.remarks) && !starts_inside(&x.symbol));
    network
        .rules
        .retain(|x| keeps("", &x.remarks) && !starts_inside(&x.variable));
    network.constraints.retain(|x| keeps("", &x.remarks));
    network.reactions.retain(|x| keeps(&x.id, &x.remarks));
    network.events.retain(|x| keeps(&x.id, &x.remarks));
    for reaction in &mut network.reactions {
        let other = |p: &Participant| is_other(p.id.as_deref().unwrap_or(""), &p.remarks);
        reaction.reactants.retain(other);
        reaction.products.retain(other);
        reaction
            .locals
            .retain(|l| metaid.is_none() || l.remarks.metaid.as_deref() != metaid);
        if metaid.is_some() && reaction.law.metaid.as_deref() == metaid {
            reaction.rate = None;
            reaction.locals.clear();
        }
    }
    for event in &mut network.events {
        let gone = |own: &Remarks| metaid.is_some() && own.metaid.as_deref() == metaid;
        if gone(&event.parts[0]) {
            event.trigger = None;
        }
        if gone(&event.parts[1]) {
            event.delay = None;
        }
        if gone(&event.parts[2]) {
            event.priority = None;
        }
        event
            .assignments
            .retain(|a| metaid.is_none() || a.remarks.metaid.as_deref() != metaid);
    }
}
