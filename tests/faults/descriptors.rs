//! No descriptor is left.

use std::time::Instant;

use tokio::net::TcpStream;

use crate::support::runtime::on_sockets;
use crate::world::{echo, hear, say, start_process};

/// More connections than a process with 64 open files can have, and fewer than it can have for sure.
const MANY: usize = 100;
const FEW: usize = 20;

#[test]
fn emfile_on_accept_in_a_child_with_a_small_limit() {
    on_sockets(async {
        let began = Instant::now();
        let server = start_process(r#"{"connections":"unlimited","per_address":"unlimited"}"#, 64);
        let mut live = Vec::new();
        for _ in 0..MANY {
            let mut io = TcpStream::connect(&server.address).await.unwrap();
            say(&mut io, "hello").await;
            live.push(io);
        }
        let waiting = live.split_off(FEW);
        for io in &mut live {
            hear(io, "hello").await;
        }
        let fails = |line: &str| line == "cannot accept a connection: Too many open files (os error 24)";
        for _ in 0..4 {
            assert!(server.process.stdout.has(fails));
            for io in &mut live {
                echo(io, "unharmed").await;
            }
        }
        drop(live);
        // Who was accepted leaves, and so makes room for who was not.
        for mut io in waiting {
            hear(&mut io, "hello").await;
        }
        assert!(server.process.signal("TERM"));
        let ended = server.process.ended();
        assert_eq!((ended.status.code(), ended.stderr), (Some(0), vec![]));
        // It has waited after each failure, rather than try again at once.
        let failures = 4 + ended.stdout.iter().filter(|line| fails(line)).count();
        let tenths = began.elapsed().as_millis() / 100;
        assert!(failures as u128 <= tenths, "{failures} failures in {tenths} tenths of a second");
    });
}
