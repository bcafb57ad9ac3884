//! The server of the tests that need a process of their own: an echo of lines, some of which it does something about.
//!
//! `faults_server ADDRESS LIMITS`, the latter as JSON. It prints what happens, but not of each connection.

use std::future::pending;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use wirework::servers::Severity;
use wirework::{Event, FramingExt, Limits, Lines, Tcp, UTF_8, address_argument, run, serve};

#[tokio::main]
async fn main() -> ExitCode {
    let limits =
        std::env::args().nth(2).map_or_else(Limits::default, |json| serde_json::from_str(&json).expect("limits"));
    let released = Arc::new(Notify::new());
    let handle = Arc::new(OnceLock::new());
    let known = handle.clone();
    let server = serve(Tcp::bind(address_argument("127.0.0.1:0")), Lines::any().text(UTF_8))
        .limits(limits)
        .on_event(|event| {
            // `run` says itself where it listens.
            if event.severity() > Severity::Debug && !matches!(event, Event::Listening { .. }) {
                println!("{event}");
            }
        })
        .reply(async move |line: String| match line.as_str() {
            "hold" => {
                println!("holding");
                released.notified().await;
                line
            }
            "release" => {
                released.notify_one();
                line
            }
            "hang" => {
                println!("hanging");
                pending().await
            }
            "status" => {
                let handle: &wirework::servers::ServerHandle = known.wait();
                format!("{} open, {} bytes", handle.open(), handle.buffered())
            }
            _ => line,
        });
    let _ = handle.set(server.handle());
    run(server).await
}
