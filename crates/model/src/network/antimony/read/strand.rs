//! Strands: parts in a row, each of which may use the rate of what is upstream.

use std::collections::BTreeMap;

use super::formula::UPSTREAM;
use super::say::{Wrong, wrong};
use super::symbols::{Kind, Module, Strand};
use crate::codes::{COMPOSITION, CYCLE, MODEL_TOO_LARGE};
use crate::network::math::Math;

/// Most parts of a strand, parts of strands inside it included.
const MOST_PARTS: usize = 100;
/// Most symbols and operations in the rate of a gene.
const MOST_NODES: usize = 20_000;

impl Module {
    /// Lets the symbol at `at` be this strand.
    pub fn set_strand(&mut self, at: usize, mut strand: Strand) -> Result<(), Wrong> {
        let name = self.symbols[self.real(at)].name.clone();
        for part in &mut strand.parts {
            let part_at = self.find(part).expect("a part was named before");
            if self.symbols[part_at].kind == Kind::Submodule {
                *part = self.open_strand(part)?;
            } else if self.symbols[part_at].kind != Kind::Strand {
                self.set_kind(part_at, Kind::Dna)?;
            }
            let part_at = self.find(part).expect("a part was named before");
            let inner = &mut self.symbols[part_at];
            if inner.kind == Kind::Strand && !inner.strands.is_empty() {
                let message = format!("the strand `{}` is part of two strands", inner.name);
                return wrong(COMPOSITION, message, "write its parts again in the second");
            }
            inner.strands.push(name.clone());
        }
        self.set_kind(at, Kind::Strand)?;
        let at = self.real(at);
        self.symbols[at].strand = Some(strand);
        Ok(())
    }

    /// The one strand of a submodule that is open at an end.
    fn open_strand(&self, submodule: &str) -> Result<String, Wrong> {
        let inside = self.inside(submodule).into_iter().map(|at| &self.symbols[at]);
        let is_open = |strand: &Strand| strand.open_upstream || strand.open_downstream;
        let open: Vec<&str> = inside
            .filter(|symbol| symbol.strand.as_ref().is_some_and(is_open))
            .map(|symbol| symbol.name.as_str())
            .collect();
        match open.as_slice() {
            [one] => Ok((*one).to_owned()),
            _ => {
                let message = format!("`{submodule}` has {} strands that are open at an end", open.len());
                wrong(COMPOSITION, message, "name the strand, as in `a--sub.strand`")
            }
        }
    }

    /// Rates of genes as the strands give them.
    pub fn gene_rates(&self) -> Result<BTreeMap<String, Math>, Wrong> {
        let mut rates: BTreeMap<String, Math> = BTreeMap::new();
        for (at, symbol) in self.symbols.iter().enumerate() {
            if symbol.kind != Kind::Strand || symbol.same.is_some() || !symbol.strands.is_empty() {
                continue;
            }
            let mut upstream = Math::number(0.0);
            for part in self.leaves(at)? {
                let part = &self.symbols[part];
                let own = part
                    .formula
                    .as_ref()
                    .map_or_else(|| Math::number(0.0), |f| f.math.clone());
                upstream = with_upstream(&own, &upstream);
                if size(&upstream) > MOST_NODES {
                    let message = format!("the rate of `{}` on its strand is too long", part.name);
                    return wrong(MODEL_TOO_LARGE, message, "use `...` once in a formula");
                }
                if part.kind == Kind::Gene {
                    let sum = match rates.remove(&part.name) {
                        Some(before) => Math::apply("plus", vec![before, upstream.clone()]),
                        None => upstream.clone(),
                    };
                    rates.insert(part.name.clone(), sum);
                }
            }
        }
        Ok(rates)
    }

    /// The parts of a strand in order, strands inside it opened.
    fn leaves(&self, strand: usize) -> Result<Vec<usize>, Wrong> {
        let (mut found, mut pending, mut steps) = (Vec::new(), vec![strand], 0);
        while let Some(at) = pending.pop() {
            steps += 1;
            if steps > 10 * MOST_PARTS || found.len() > MOST_PARTS {
                let message = format!("the strand `{}` is too long", self.symbols[strand].name);
                return wrong(MODEL_TOO_LARGE, message, "cut it into several strands");
            }
            match &self.symbols[at].strand {
                Some(inner) => pending.extend(inner.parts.iter().rev().filter_map(|part| self.find(part))),
                None => found.push(at),
            }
        }
        Ok(found)
    }

    /// An error if strands are part of each other in a circle.
    pub fn check_strands(&self) -> Result<(), Wrong> {
        for symbol in self.symbols.iter().filter(|s| s.kind == Kind::Strand) {
            let (mut at, mut steps) = (symbol, 0);
            while let Some(outer) = at.strands.first().and_then(|name| self.find(name)) {
                at = &self.symbols[outer];
                steps += 1;
                if steps > 10 * MOST_PARTS {
                    let message = format!("the strand `{}` is part of itself, or of too many others", symbol.name);
                    return wrong(CYCLE, message, "take it out of one of the strands");
                }
            }
        }
        Ok(())
    }
}

/// `math` with what is upstream in the place of `...`.
pub(super) fn with_upstream(math: &Math, upstream: &Math) -> Math {
    let leaf = |leaf: &Math| match leaf {
        Math::Name(name) if name == UPSTREAM => upstream.clone(),
        other => other.clone(),
    };
    math.map(&leaf, &str::to_owned)
}

fn size(math: &Math) -> usize {
    let (mut count, mut pending) = (0, vec![math]);
    while let Some(math) = pending.pop() {
        count += 1;
        pending.extend(math.operands());
    }
    count
}
