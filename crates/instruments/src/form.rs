//! Forms whose score is the sum of their items.

use crate::decimal::Decimal;
use crate::error::{ItemError, in_range};

/// One item of a summed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Id, used in errors.
    pub id: &'static str,
    /// What it asks, in our words.
    pub meaning: &'static str,
    /// Largest score; the smallest is 0.
    pub max: u8,
}

/// Shorthand for tables of items.
pub(crate) const fn item(id: &'static str, max: u8, meaning: &'static str) -> Item {
    Item { id, meaning, max }
}

/// A form whose score is the sum of its items; `None` is an item that was not assessed.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Name of the instrument, used in errors.
    pub instrument: &'static str,
    /// Items in the order of the form.
    pub items: &'static [Item],
}

impl Form {
    /// Largest score.
    pub fn max(&self) -> u16 {
        self.items.iter().map(|i| u16::from(i.max)).sum()
    }

    /// Sum of the items. Fails if an item is missing or out of range.
    pub fn total(&self, answers: &[Option<u8>]) -> Result<u16, ItemError> {
        self.check(answers)?;
        let answered = |(item, answer): (&Item, &Option<u8>)| {
            answer.map(u16::from).ok_or(ItemError::NotAssessed {
                instrument: self.instrument,
                item: item.id,
            })
        };
        self.items.iter().zip(answers).map(answered).sum()
    }

    /// Smallest and largest total that the missing items leave possible; equal if none is missing.
    pub fn bounds(&self, answers: &[Option<u8>]) -> Result<(u16, u16), ItemError> {
        self.check(answers)?;
        let add = |(low, high): (u16, u16), (item, answer): (&Item, &Option<u8>)| {
            let least = u16::from(answer.unwrap_or(0));
            (low + least, high + answer.map_or(u16::from(item.max), u16::from))
        };
        Ok(self.items.iter().zip(answers).fold((0, 0), add))
    }

    /// Position of an item by id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|i| i.id == id)
    }

    /// Fails if the number of answers is wrong or one is out of range.
    pub fn check(&self, answers: &[Option<u8>]) -> Result<(), ItemError> {
        if answers.len() != self.items.len() {
            return Err(ItemError::WrongLength {
                instrument: self.instrument,
                expected: self.items.len(),
                found: answers.len(),
            });
        }
        for (item, answer) in self.items.iter().zip(answers) {
            if let Some(value) = answer {
                let (value, high) = (Decimal::whole((*value).into()), Decimal::whole(item.max.into()));
                in_range(self.instrument, item.id, value, Decimal::ZERO, high)?;
            }
        }
        Ok(())
    }
}
