//! Framings put together from framings.

mod decimal;
mod declared;
mod duplex;
mod first;
mod fold;
mod head;
mod nested;
mod pattern;
mod peek;
mod resync;
mod switch;
#[cfg(test)]
mod testing;
mod turn;

pub use declared::Declared;
pub(crate) use declared::{Place, Which};
pub use duplex::Duplex;
pub use first::First;
pub use fold::Fold;
pub use head::Head;
pub(crate) use pattern::Begins;
pub use pattern::Pattern;
pub use peek::Peek;
pub(crate) use resync::Policy;
pub use resync::Resync;
pub use switch::Switch;
