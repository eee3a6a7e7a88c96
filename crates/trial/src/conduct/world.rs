//! Which events a course may contain: as in the trial, or as it would be without some of them.

use malar_patients::random::{Key, Purpose, Stream};

/// A world that patients may live in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct World {
    /// Patients may stop study drug.
    pub leaves: bool,
    /// Restricted medication is given where the trial gives it.
    pub rescued: bool,
    /// Share of those who stop study drug that go on coming to visits.
    pub followed: f64,
}

impl World {
    /// As the trial has it.
    pub fn real(followed: f64) -> World {
        World {
            leaves: true,
            rescued: true,
            followed,
        }
    }

    /// Whether this patient goes on coming to visits after stopping study drug; the same in every arm.
    pub fn follows(self, key: Key) -> bool {
        let mut stream = Stream::new(Key {
            purpose: Purpose::Conduct,
            visit: 0,
            ..key
        });
        self.followed >= 1.0 || stream.uniform() < self.followed
    }
}
