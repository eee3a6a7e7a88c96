//! Definitions in an order in which each uses only earlier ones; circles found and named.

use std::collections::BTreeMap;

use crate::expression::SymbolId;

/// The result of ordering.
pub struct Ordered {
    /// Everything reachable, what is used before what uses it; otherwise as given.
    pub order: Vec<SymbolId>,
    /// Circles, each from its first member along the uses; `order` is of no use if there are any.
    pub circles: Vec<Vec<SymbolId>>,
}

/// Orders `names`, and whatever they use, by depth-first search without recursion.
pub fn in_order(names: &[SymbolId], uses: &dyn Fn(SymbolId) -> Vec<SymbolId>) -> Ordered {
    let mut result = Ordered {
        order: Vec::new(),
        circles: Vec::new(),
    };
    // False while a name waits for what it uses, true when it is placed.
    let mut placed: BTreeMap<SymbolId, bool> = BTreeMap::new();
    for &start in names {
        if placed.contains_key(&start) {
            continue;
        }
        placed.insert(start, false);
        let mut path = vec![(start, uses(start), 0)];
        while let Some((name, used, next)) = path.last_mut() {
            let Some(&inner) = used.get(*next) else {
                placed.insert(*name, true);
                result.order.push(*name);
                path.pop();
                continue;
            };
            *next += 1;
            match placed.get(&inner) {
                Some(true) => {}
                Some(false) => {
                    let from = path
                        .iter()
                        .position(|step| step.0 == inner)
                        .expect("a waiting name is on the path");
                    result.circles.push(path[from..].iter().map(|step| step.0).collect());
                }
                None => {
                    placed.insert(inner, false);
                    path.push((inner, uses(inner), 0));
                }
            }
        }
    }
    result
}
