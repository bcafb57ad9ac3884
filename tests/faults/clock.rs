//! Clocks that jump, and processes that do not run.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{advance, sleep};
use wirework::{FramingExt, Lines, UTF_8, memory, serve};

use crate::support::runtime::paused;
use crate::world::start;

#[test]
fn clock_jumps() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, Lines::any().text(UTF_8)).reply(async |line| line));
        let mut idle = dialer.dial().await.unwrap();
        let mut half = dialer.dial().await.unwrap();
        idle.write_all(b"hello\n").await.unwrap();
        idle.read_exact(&mut [0; 6]).await.unwrap();
        half.write_all(b"hel").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        // A laptop that slept, a virtual machine that was moved, a process that was stopped: nobody was late.
        for _ in 0..10 {
            advance(Duration::from_secs(3600)).await;
            sleep(Duration::from_millis(1)).await;
        }
        half.write_all(b"lo\n").await.unwrap();
        half.read_exact(&mut [0; 6]).await.unwrap();
        idle.write_all(b"hello\n").await.unwrap();
        idle.read_exact(&mut [0; 6]).await.unwrap();
        server.stop().await;
    });
}

/// A clock that can be set is a clock that jumps: what the servers are made of asks none.
#[test]
fn no_wall_clock_is_asked() {
    let sources = format!("{}/servers/src", env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![std::path::PathBuf::from(sources)];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("SystemTime"), "{} asks the wall clock", path.display());
            }
        }
    }
    assert!(seen > 30);
}
