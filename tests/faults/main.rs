//! Every fault that a server promises to hold under, one test each. `SECURITY.md` names them.

#[path = "../support/mod.rs"]
mod support;

mod accepting;
mod budget;
mod clock;
mod closing;
mod floods;
mod handlers;
mod silence;
mod sizes;
mod slow_readers;
mod text;
mod world;
