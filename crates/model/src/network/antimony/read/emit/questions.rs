//! What the writer asks of a module as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::Misplaced;
use crate::codes::CYCLE;
use crate::network::antimony::read::say::wrong;
use crate::network::antimony::read::symbols::{Course, Kind, Module};

impl Module {
    /// SBML's id of every symbol: underscores for dots.
    pub(super) fn ids(&self) -> BTreeMap<&str, String> {
        let mut taken = BTreeSet::new();
        let mut ids = BTreeMap::new();
        let real = || {
            self.symbols
                .iter()
                .filter(|symbol| symbol.same.is_none() && symbol.kind != Kind::Deleted)
        };
        let (local, inner): (Vec<_>, Vec<_>) = real().partition(|symbol| symbol.is_local());
        for symbol in local.into_iter().chain(inner) {
            let mut id = symbol.name.replace('.', "_");
            while !taken.insert(id.clone()) {
                id.push('_');
            }
            ids.insert(symbol.name.as_str(), id);
        }
        ids
    }

    /// Symbols whose value never changes, as far as anyone says.
    pub(super) fn constants(&self) -> BTreeSet<&str> {
        let real = || self.symbols.iter().filter(|symbol| symbol.same.is_none());
        let changes = real().flat_map(|symbol| symbol.event.iter().flat_map(|event| &event.changes));
        let mut varies: BTreeSet<&str> = changes.map(|change| self.real_name(&change.0)).collect();
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for symbol in real() {
            let used = symbol.formula.iter().flat_map(|formula| formula.math.names());
            let used = used.map(|name| self.real_name(name));
            if symbol.kind == Kind::Algebraic {
                let free = |name: &&str| {
                    self.find(name)
                        .is_some_and(|at| self.symbols[at].constant != Some(true))
                };
                varies.extend(used.filter(free));
            } else {
                used.for_each(|used| users.entry(used).or_default().push(&symbol.name));
            }
            let is_quantity = matches!(
                symbol.kind,
                Kind::Number | Kind::Compartment | Kind::Unknown | Kind::Stoichiometry
            );
            if symbol.course != Course::Initial || symbol.constant == Some(false) || !is_quantity {
                varies.insert(&symbol.name);
            }
        }
        let mut pending: Vec<&str> = varies.iter().copied().collect();
        while let Some(name) = pending.pop() {
            for user in users.get(name).into_iter().flatten().copied() {
                let is_fixed = self
                    .find(user)
                    .is_some_and(|at| self.symbols[at].constant == Some(true));
                if !is_fixed && varies.insert(user) {
                    pending.push(user);
                }
            }
        }
        real()
            .map(|symbol| symbol.name.as_str())
            .filter(|name| !varies.contains(name))
            .collect()
    }

    /// Species that take part in reactions.
    pub(super) fn reacting(&self) -> BTreeSet<&str> {
        let reactions = self.symbols.iter().filter(|symbol| symbol.kind.is_reaction());
        let sides = reactions.filter_map(|symbol| symbol.sides.as_ref());
        let members = sides.flat_map(|sides| sides.left.iter().chain(&sides.right));
        members.map(|member| self.real_name(&member.species)).collect()
    }

    /// What interactions say of reactions: no more than that a species modifies them.
    pub(super) fn interacting(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let interactions = self
            .symbols
            .iter()
            .filter(|s| s.kind == Kind::Interaction && s.same.is_none());
        for sides in interactions.filter_map(|s| s.sides.as_ref()) {
            for target in &sides.right {
                let species = sides.left.iter().map(|member| self.real_name(&member.species));
                found
                    .entry(self.real_name(&target.species))
                    .or_default()
                    .extend(species);
            }
        }
        found
    }

    /// An error if compartments are inside each other in a circle.
    pub(super) fn check_homes(&self) -> Result<(), Misplaced> {
        let compartments = (0..self.symbols.len()).filter(|&at| self.symbols[at].kind == Kind::Compartment);
        for start in compartments {
            let (mut at, mut steps) = (start, 0);
            while let Some(home) = self.symbols[at].compartment.as_deref().and_then(|name| self.find(name)) {
                at = home;
                steps += 1;
                if at == start || steps > 1000 {
                    let message = format!("the compartment `{}` is inside itself", self.symbols[start].name);
                    let place = self.symbols[start].place.clone();
                    return Err((
                        wrong::<()>(CYCLE, message, "take one of the `in`s away").unwrap_err(),
                        place,
                    ));
                }
            }
        }
        Ok(())
    }
}
