//! Every fault that a server promises to hold under, one test each. `SECURITY.md` names them.

#[path = "../support/mod.rs"]
mod support;

mod silence;
mod world;
