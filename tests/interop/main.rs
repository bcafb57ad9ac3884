//! Our servers as their clients see them: real processes on both sides.
//!
//! The servers are this package's examples, the clients CPython's `socket`; one test has one netcat, too. Each check is a
//! Python function, named in the test that runs it:
//!
//! | here | there | |
//! |---|---|---|
//! | `facts` | `facts.py` | what TCP promises to who writes a server |
//! | `tutorial` | `tutorial.py` | the tutorial's session |
//! | `breaks` | `breaks.py` | where the tutorial's server breaks: ours does not, and `naive.py`, a copy of it, does |
//! | `contract` | `contract.py` | what all server examples have in common |
//! | `examples` | `examples.py` | what each does |
//! | `compositions` | | `decode`, `encode` and `explain`, between pipes |
//!
//! `cargo test` builds the examples; before `cargo test --test interop`, which does not, there is `cargo build --examples`.
//! Without `python3` a test says so and proves nothing; where the environment has `CI`, it fails.
#![cfg(unix)]

mod breaks;
mod compositions;
mod contract;
mod examples;
mod facts;
mod process;
mod python;
mod tutorial;
