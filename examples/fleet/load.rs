//! Clients of a fleet, which call without a pause, push to each other, and leave a node that asks them to. They go on until
//! standard input ends; then one line says how that went. `fleet_load ADDRESS CLIENTS`

mod client;
mod ledger;

use std::io::{Read, stdin};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wirework::core::BoxError;

use client::Caller;
use ledger::Ledger;

/// How many calls of a client are on their way at once.
const AT_ONCE: usize = 4;

/// How long a push may be on its way when all has ended.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("fleet_load ADDRESS CLIENTS");
    let (address, clients) = (next()?, next()?.parse()?);
    let ledger = Arc::new(Ledger::default());
    let callers = try_join_all((0..clients).map(|name| Caller::connect(&address, name, clients, &ledger))).await?;
    eprintln!("{clients} clients are connected");

    let (stop, stopped) = watch::channel(false);
    std::thread::spawn(move || {
        let _ = stdin().read_to_end(&mut Vec::new());
        stop.send_replace(true);
    });
    let mut calling = JoinSet::new();
    for caller in callers.iter().flat_map(|caller| [caller; AT_ONCE]) {
        calling.spawn(caller.clone().call_until(stopped.clone()));
    }
    while let Some(called) = calling.join_next().await {
        called?;
    }
    // What is late is counted as lost.
    let _ = tokio::time::timeout(PATIENCE, ledger.all_came()).await;
    let (report, is_well) = ledger.report(clients);
    println!("{report}");
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
