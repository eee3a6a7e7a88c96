//! What can go wrong for a patient: infections, reactions to cells and infusions, low immunoglobulin, damage, death.
//!
//! A layer of its own beside the disease model. Hazards are data ([`Hazard`], `data/safety`). The layer watches every course a
//! second time, with equations that also carry what hazards look at (immunoglobulin, growth of infused cells), and replays what
//! was decided: doses, steroids, triggers. It cannot touch what it watches, so efficacy is the same to the last bit with and
//! without it. Each hazard draws from a random stream of its own: adding one changes no other, and arms share their luck.

mod draw;
mod factor;
mod hazard;
mod kinetics;
mod layer;
mod replay;
mod signals;

pub use factor::{Factor, WhileGiven};
pub use hazard::{Hazard, Law, Rate, Reaction, Spell, Step, Threshold};
pub use layer::Safety;
pub(crate) use layer::Seen;
pub use signals::signals;
