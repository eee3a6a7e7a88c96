//! Reactions, events and algebraic rules of the network.

use std::collections::BTreeSet;

use super::Writer;
use crate::network::antimony::read::strand::with_upstream;
use crate::network::antimony::read::symbols::{Arrow, Formula, Member, Symbol};
use crate::network::math::Math;
use crate::network::parts::{Event, EventAssignment, Modifier, Participant, Reaction, Remarks, Rule, RuleKind};

impl Writer<'_> {
    pub(super) fn algebraic(&mut self, symbol: &Symbol) {
        let Some(Formula { math, .. }) = &symbol.formula else {
            return;
        };
        let math = self.math(math);
        let id = self.id(&symbol.name);
        let own = self.remarks(&id, &symbol.remarks, &symbol.links);
        self.network.rules.push(Rule {
            kind: RuleKind::Algebraic,
            variable: String::new(),
            math,
            remarks: Remarks { id: Some(id), ..own },
            place: symbol.place.clone(),
        });
    }

    pub(super) fn reaction(&mut self, at: usize, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let written = symbol.formula.as_ref().map(|formula| formula.math.clone());
        let law = match self.genes.get(&symbol.name) {
            Some(rate) => Some(rate.clone()),
            None => written.map(|math| with_upstream(&math, &Math::number(0.0))),
        };
        let rate = law.map(|math| self.math(&math));
        let side = |members: &[Member]| members.iter().map(|m| self.participant(m)).collect::<Vec<_>>();
        let (left, right) = symbol
            .sides
            .as_ref()
            .map_or((vec![], vec![]), |s| (side(&s.left), side(&s.right)));
        let modifiers = self.modifiers(symbol, rate.as_ref(), &left, &right);
        let modifiers = modifiers.into_iter().map(Modifier::from).collect();
        let compartment = self
            .module
            .home(at)
            .filter(|_| symbol.compartment.is_some())
            .map(|home| self.id(home));
        self.network.reactions.push(Reaction {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            reversible: symbol
                .sides
                .as_ref()
                .is_none_or(|sides| sides.arrow == Arrow::Reversible),
            reactants: left,
            products: right,
            modifiers,
            rate,
            compartment,
            place: symbol.place.clone(),
            ..Reaction::default()
        });
    }

    /// Species that the rate uses, or interactions name, and that are on neither side.
    fn modifiers(
        &self,
        symbol: &Symbol,
        rate: Option<&Math>,
        left: &[Participant],
        right: &[Participant],
    ) -> Vec<String> {
        let used = rate.map(Math::names).unwrap_or_default();
        let used: BTreeSet<&str> = used.into_iter().collect();
        let used = used
            .into_iter()
            .filter(|name| self.species.contains(*name))
            .map(str::to_owned);
        let named = self
            .interacting
            .get(symbol.name.as_str())
            .into_iter()
            .flatten()
            .map(|name| self.id(name));
        let mut modifiers: Vec<String> = used.chain(named).collect();
        modifiers.retain(|name| !left.iter().chain(right).any(|p| p.species == *name));
        modifiers.sort();
        modifiers.dedup();
        modifiers
    }

    fn participant(&self, member: &Member) -> Participant {
        let species = self.id(&member.species);
        let Some(at) = member.named.as_deref().and_then(|name| self.module.find(name)) else {
            return Participant {
                species,
                stoichiometry: Some(member.count),
                constant: true,
                ..Participant::default()
            };
        };
        let symbol = &self.module.symbols[at];
        let id = self.id(&symbol.name);
        Participant {
            species,
            stoichiometry: Self::number(symbol),
            constant: self.constant.contains(symbol.name.as_str()),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id: Some(id),
            ..Participant::default()
        }
    }

    pub(super) fn event(&mut self, symbol: &Symbol) {
        let Some(event) = &symbol.event else { return };
        let id = self.id(&symbol.name);
        let math = |formula: &Option<Formula>| formula.as_ref().map(|formula| self.math(&formula.math));
        let always = || Math::apply("true", Vec::new());
        let change = |(target, formula): &(String, Formula)| EventAssignment {
            variable: self.id(target),
            math: self.math(&formula.math),
            remarks: Remarks::default(),
            place: symbol.place.clone(),
        };
        let event = Event {
            trigger: math(&symbol.formula).or_else(|| Some(always())),
            initial_value: event.initial_value,
            persistent: event.persistent,
            delay: math(&event.delay),
            priority: math(&event.priority),
            values_from_trigger_time: event.from_trigger,
            assignments: event.changes.iter().map(change).collect(),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            place: symbol.place.clone(),
            id,
            ..Event::default()
        };
        self.network.events.push(event);
    }
}
