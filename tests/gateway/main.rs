//! The example `gateway` with a thousand devices, each a process, of which some vanish, stall or lie.
//!
//! | here | |
//! |---|---|
//! | `device`, `frame`, `gbk`, `lies` | a device, a program of its own that is built as an example |
//! | `speaks` | that program, by itself: the bytes that it sends, and that it does harm where it says so |
//! | `thousand` | the gateway among a thousand of them, and its operators |
//! | `gateway`, `fleet`, `operator` | the processes; who commands the devices |
//!
//! `cargo test` builds the examples; before `cargo test --test gateway`, which does not, there is `cargo build --examples`.
#![cfg(target_os = "linux")]

mod fleet;
mod frame;
mod gateway;
mod operator;
#[path = "../support/process.rs"]
mod process;
mod speaks;
mod thousand;

use std::time::Duration;

/// How long to wait for what has to come, such as the end of one who stalls. Nothing depends on it but when a broken test
/// gives up.
const PATIENCE: Duration = Duration::from_secs(60);
