//! Our servers as their clients see them, and our clients: real processes on both sides.
//!
//! The servers are this package's examples, the clients CPython's `socket`, or programs that others wrote, which
//! `tests/interop/install` installs, as it does the servers that our clients talk to. Each check of a server is a Python
//! function, named in the test that runs it:
//!
//! | here | there | |
//! |---|---|---|
//! | `facts` | `facts.py` | what TCP promises to who writes a server |
//! | `tutorial` | `tutorial.py` | the tutorial's session |
//! | `breaks` | `breaks.py` | where the tutorial's server breaks: ours does not, and `naive.py`, a copy of it, does |
//! | `contract` | `contract.py` | what all server examples have in common |
//! | `examples` | `examples.py` | what each does |
//! | `protocols` | `protocols/` | the servers of `examples/protocols`, and the clients that others wrote, of many kinds |
//! | `clients` | | clients of ours, and the servers that others wrote |
//! | `bus` | | nodes of ours, and the NATS server between them |
//! | `proxies` | | a server of ours behind a proxy that others wrote |
//! | `fleet` | | nodes of ours behind such a proxy, drained one after the other under load |
//! | `compositions` | | `decode`, `encode` and `explain`, between pipes |
//!
//! `cargo test` builds the examples; before `cargo test --test interop`, which does not, there is `cargo build --examples`.
//! Without what it talks to a test says so and proves nothing; where the environment has `CI`, it fails.
#![cfg(unix)]

mod breaks;
mod bus;
mod clients;
mod compositions;
mod contract;
mod examples;
mod facts;
mod fleet;
#[path = "../support/process.rs"]
mod process;
mod protocols;
mod proxies;
mod python;
mod real;
mod relay;
mod tutorial;
