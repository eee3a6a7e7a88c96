//! Events.

use super::Reader;
use super::symbols::{Formula, Happening, Kind};
use crate::codes::MODEL_SYNTAX;
use crate::diagnostic::Diagnostic;
use crate::network::math::Math;

impl Reader<'_> {
    /// `at delay after trigger, priority = 1: x = 2, y = 3`; its label, if any, is read.
    pub(super) fn event(&mut self, label: Option<usize>) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        self.cursor.step();
        let (mut delay, mut trigger) = (None, self.formula()?);
        if self.cursor.accept_word("after") {
            delay = trigger;
            trigger = self.formula()?;
        }
        if trigger.is_none() {
            return Err(self.cursor.expected("the condition of the event"));
        }
        let mut event = Happening {
            delay,
            priority: None,
            initial_value: true,
            persistent: true,
            from_trigger: true,
            changes: Vec::new(),
        };
        while self.cursor.accept(",") {
            self.option(&mut event)?;
        }
        self.cursor.expect(":")?;
        event.changes = self.changes()?;
        let at = match label {
            Some(at) => at,
            None => {
                let name = self.current.numbered("_E");
                self.symbol(&name, self.cursor.span_from(first))?
            }
        };
        let result = self.current.set_kind(at, Kind::Event);
        self.at(first, result)?;
        let real = self.current.real(at);
        let symbol = &mut self.current.symbols[real];
        (symbol.formula, symbol.event) = (trigger, Some(event));
        Ok(())
    }

    /// `priority = 1`, `t0 = false`, `persistent = false`, `fromTrigger = false`.
    fn option(&mut self, event: &mut Happening) -> Result<(), Diagnostic> {
        let (word, span) = (self.cursor.word().to_owned(), self.cursor.span());
        if !["priority", "t0", "persistent", "fromTrigger"].contains(&word.as_str()) {
            return Err(self.cursor.expected("`priority`, `t0`, `persistent` or `fromTrigger`"));
        }
        self.cursor.step();
        self.cursor.expect("=")?;
        let formula = self.formula()?;
        if word == "priority" {
            event.priority = formula;
            return Ok(());
        }
        let Some(is_so) = formula.as_ref().and_then(truth) else {
            let error = self
                .cursor
                .error(MODEL_SYNTAX, span, format!("`{word}` is either true or false"));
            return Err(error.help("write `true` or `false`"));
        };
        match word.as_str() {
            "t0" => event.initial_value = is_so,
            "persistent" => event.persistent = is_so,
            _ => event.from_trigger = is_so,
        }
        Ok(())
    }

    /// `x = 2, y = 3`, each on a line of its own or not.
    fn changes(&mut self) -> Result<Vec<(String, Formula)>, Diagnostic> {
        let mut changes = Vec::new();
        let first = self.cursor.at;
        self.cursor.skip_new_lines();
        if !self.is_change() {
            // An event that changes nothing ends with its line.
            self.cursor.at = first;
            return Ok(changes);
        }
        loop {
            let at = self.variable()?;
            self.cursor.expect("=")?;
            // Without a value nothing is assigned; the reference writes so what SBML leaves without a formula.
            if let Some(formula) = self.formula()? {
                changes.push((self.current.symbols[at].name.clone(), formula));
            }
            if !self.cursor.accept(",") && !self.cursor.accept(":") {
                return Ok(changes);
            }
            self.cursor.skip_new_lines();
        }
    }

    fn is_change(&self) -> bool {
        let mut ahead = usize::from(self.cursor.mark() == "$");
        while !self.cursor.word_at(ahead).is_empty() && self.cursor.mark_at(ahead + 1) == "." {
            ahead += 2;
        }
        !self.cursor.word_at(ahead).is_empty() && self.cursor.mark_at(ahead + 1) == "="
    }
}

fn truth(formula: &Formula) -> Option<bool> {
    match &formula.math {
        Math::Apply(operator, _) if operator.0 == "true" => Some(true),
        Math::Apply(operator, _) if operator.0 == "false" => Some(false),
        Math::Number(value, None) => Some(value.abs() > 0.0),
        _ => None,
    }
}
