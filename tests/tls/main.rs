//! TLS: what both sides promise, and what a peer may do wrong.

#[path = "../support/mod.rs"]
mod support;

mod authority;
mod clients;
mod detect;
mod ends;
mod faults;
mod openssl;
mod reconnect;
mod reload;
mod talk;
