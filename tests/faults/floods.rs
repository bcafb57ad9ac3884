//! Peers that send as much as they can.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use wirework::servers::{EventLog, Severity};
use wirework::{FramingExt, LengthPrefix, Lines, UTF_8, memory, serve};

use crate::support::runtime::paused;
use crate::world::start;

#[test]
fn a_flood_of_empty_frames_beside_a_busy_second_client() {
    paused(async {
        // Everything runs in one thread: what the flood takes of it in a row, nobody else has.
        thread_local!(static IN_A_ROW: RefCell<(usize, usize)> = const { RefCell::new((0, 0)) });
        let (dialer, listener) = memory();
        let server = start(serve(listener, LengthPrefix::u32_be()).answer(|frame, reply| {
            IN_A_ROW.with_borrow_mut(|(now, most)| {
                *now = if frame.is_empty() { *now + 1 } else { 0 };
                *most = (*most).max(*now);
            });
            if frame.is_empty() { Ok(()) } else { reply.send(frame) }
        }));
        let (flood_reads, mut flood) = split(dialer.dial().await.unwrap());
        let flooding = tokio::spawn(async move {
            let frames = vec![0; 256 * 1024];
            while flood.write_all(&frames).await.is_ok() {}
        });
        let mut busy = dialer.dial().await.unwrap();
        // A task like the others, which is looked at as often as they are.
        let asking = async move {
            for n in 0..1000 {
                if n == 1 {
                    IN_A_ROW.take(); // Before it was connected, and known, the flood was alone.
                }
                busy.write_all(b"\0\0\0\x02hi").await.unwrap();
                busy.read_exact(&mut [0; 6]).await.unwrap();
            }
            IN_A_ROW.take().1
        };
        let most = tokio::spawn(asking).await.unwrap();
        assert!((1..=3 * 4096).contains(&most), "{most} empty frames in a row");
        flooding.abort();
        drop(flood_reads);
        server.stop().await;
    });
}

#[test]
fn log_flood() {
    paused(async {
        const BAD: usize = 100_000;
        let (dialer, listener) = memory();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = lines.clone();
        let log = EventLog::new(Severity::Warning, move |line| written.lock().unwrap().push(line.to_string()));
        let server = serve(listener, Lines::any().text(UTF_8)).on_event(move |event| log.tell(event));
        let server = start(server.answer(|line, reply| reply.send(line)));
        let mut io = dialer.dial().await.unwrap();
        // Malformed, with a line that would pass for one of the log and a sequence that would clear a terminal.
        let hostile = b"\xff\r10:00 ERROR all is lost\x1b[2J\n".repeat(BAD);
        io.write_all(&hostile).await.unwrap();
        io.write_all(b"hello\n").await.unwrap();
        io.read_exact(&mut [0; 6]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        io.write_all(b"\xff\n").await.unwrap();
        io.shutdown().await.unwrap();
        io.read_to_end(&mut Vec::new()).await.unwrap();
        let status_errors = server.handle.connections().first().map_or(BAD as u64 + 1, |status| status.errors);
        drop(io);
        server.stop().await;
        let lines = lines.lock().unwrap();
        assert!(lines.len() <= 102, "{} lines", lines.len());
        assert_eq!(lines[100], format!("{} lines were left out: too many in a second", BAD - 100));
        assert!(lines.iter().all(|line| !line.contains(char::is_control) && line.len() < 1100));
        assert_eq!(status_errors, BAD as u64 + 1, "and each is counted");
    });
}
