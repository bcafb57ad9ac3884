//! Every fault that a server promises to hold under, one test each. `SECURITY.md` names them.
//!
//! Some need a server in a process of its own, which is `server.rs`. `cargo test` builds it, as it does the examples; before
//! `cargo test --test faults`, which does not, there is `cargo build --example faults_server`.

#[cfg(unix)]
#[path = "../support/process.rs"]
mod process;
#[path = "../support/mod.rs"]
mod support;

mod accepting;
mod budget;
mod clock;
mod closing;
mod crowds;
#[cfg(target_os = "linux")]
mod crowds_on_sockets;
#[cfg(target_os = "linux")]
mod descriptors;
mod floods;
mod handlers;
mod partition;
#[cfg(unix)]
mod signals;
mod silence;
mod sizes;
mod slow_readers;
mod text;
#[cfg(unix)]
mod vanishing;
mod world;
