//! Framings put together from framings.

mod decimal;
mod declared;
mod fold;
mod head;
mod nested;
#[cfg(test)]
mod testing;

pub use declared::Declared;
pub use fold::Fold;
pub use head::Head;
