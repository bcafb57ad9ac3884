//! SIGTERM, whatever the server is at.

use tokio::net::TcpStream;

use crate::process::Server;
use crate::support::runtime::on_sockets;
use crate::world::{echo, hear, rest, say, start_process};

/// Nothing ends because of the time that a test takes.
const PATIENT: &str = r#"{"drain_idle":"1min","drain":"10min"}"#;
const FILES: usize = 1024;

/// Has it drain, which it does once it does not listen any more.
async fn terminate(server: &Server) {
    assert!(server.process.signal("TERM"));
    assert!(server.process.stdout.has(|line| line.starts_with("draining: ")));
    assert!(TcpStream::connect(&server.address).await.is_err());
}

/// The exit code, and what was complained of.
fn end(server: Server) -> (Option<i32>, Vec<String>) {
    let ended = server.process.ended();
    (ended.status.code(), ended.stderr)
}

/// A client whose request is in the hands of the handler.
async fn ask(server: &Server, line: &str, handling: &str) -> TcpStream {
    let mut io = TcpStream::connect(&server.address).await.unwrap();
    say(&mut io, line).await;
    assert!(server.process.stdout.has(|line| line == handling));
    io
}

#[test]
fn sigterm_with_requests_in_flight() {
    on_sockets(async {
        let server = start_process(PATIENT, FILES);
        let mut other = TcpStream::connect(&server.address).await.unwrap();
        echo(&mut other, "hello").await;
        let mut asks = ask(&server, "hold", "holding").await;
        terminate(&server).await;
        echo(&mut other, "release").await;
        hear(&mut asks, "hold").await;
        echo(&mut asks, "and goes on").await;
        drop((asks, other));
        assert_eq!(end(server), (Some(0), vec![]));
    });
}

#[test]
fn sigterm_with_queued_connections() {
    on_sockets(async {
        let server = start_process(PATIENT, FILES);
        // While it is stopped, the system makes connections that it does not know of.
        assert!(server.process.signal("STOP"));
        let mut queued = Vec::new();
        for _ in 0..400 {
            queued.push(TcpStream::connect(&server.address).await.unwrap());
        }
        assert!(server.process.signal("TERM") && server.process.signal("CONT"));
        for io in &mut queued {
            echo(io, "hello").await;
        }
        assert!(server.process.stdout.has(|line| line.starts_with("draining: ")));
        drop(queued);
        assert_eq!(end(server), (Some(0), vec![]));
    });
}

#[test]
fn sigterm_with_a_hung_handler() {
    on_sockets(async {
        let server = start_process(r#"{"drain":"200ms"}"#, FILES);
        let mut hangs = ask(&server, "hang", "hanging").await;
        terminate(&server).await;
        assert_eq!(rest(&mut hangs).await.0, b"");
        let complaint = "1 conversations had not ended in time, and were cut off".to_owned();
        assert_eq!(end(server), (Some(1), vec![complaint]));
    });
}

#[test]
fn sigterm_twice() {
    on_sockets(async {
        let server = start_process(PATIENT, FILES);
        let mut hangs = ask(&server, "hang", "hanging").await;
        terminate(&server).await;
        assert!(server.process.signal("TERM"));
        assert_eq!(rest(&mut hangs).await.0, b"");
        assert_eq!(end(server), (Some(130), vec![]));
    });
}

#[test]
fn sigterm_with_idle_connections() {
    on_sockets(async {
        let server = start_process(r#"{"drain_idle":"100ms","drain":"10min"}"#, FILES);
        let mut idle = Vec::new();
        for _ in 0..10 {
            let mut io = TcpStream::connect(&server.address).await.unwrap();
            echo(&mut io, "hello").await;
            idle.push(io);
        }
        terminate(&server).await;
        for io in &mut idle {
            let (read, end) = rest(io).await;
            end.unwrap();
            assert_eq!(read, b"");
        }
        drop(idle);
        assert_eq!(end(server), (Some(0), vec![]));
    });
}
