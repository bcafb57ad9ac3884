//! Many at once, of whom the system knows.

use std::time::Duration;

use futures::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpStream;
use wirework::{FramingExt, Lines, UTF_8, serve};

use crate::crowds::unlimited;
use crate::support::runtime::on_sockets;
use crate::world::{echo, hear, listening, say, start, start_process};

/// Has this process open so many files, if it may.
fn may_open(files: usize) -> bool {
    let files = files as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= files);
    enough(current) || enough(maximum) && setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).is_ok()
}

/// How often the system had no room for a connection to be accepted, and how often it has lost one for any reason.
fn overflows() -> Vec<u64> {
    let netstat = std::fs::read_to_string("/proc/net/netstat").unwrap();
    let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("TcpExt: "));
    let (names, values) = (lines.next().unwrap().split(' '), lines.next().unwrap().split(' '));
    let counted = names.zip(values).filter(|(name, _)| matches!(*name, "ListenOverflows" | "ListenDrops"));
    counted.map(|(_, value)| value.parse().unwrap()).collect()
}

#[test]
fn a_thousand_clients_at_once() {
    const CLIENTS: usize = 1_000;
    assert!(may_open(2 * CLIENTS + 100));
    on_sockets(async {
        let (listener, address) = listening().await;
        let server = start(serve(listener, Lines::any().text(UTF_8)).limits(unlimited()).reply(async |line| line));
        // The counters are those of all processes: what others do to them they do not do each time.
        let mut stood_still = false;
        for _ in 0..5 {
            let before = overflows();
            assert_eq!(before.len(), 2);
            let talk = async |n: usize| {
                let mut io = TcpStream::connect(&address).await.unwrap();
                echo(&mut io, &format!("client {n}")).await;
                io
            };
            drop(join_all((0..CLIENTS).map(talk)).await);
            stood_still |= overflows() == before;
            if stood_still {
                break;
            }
        }
        assert!(stood_still, "connections had no room in the queue");
        server.until(|server| server.open() == 0).await;
        server.stop().await;
    });
}

/// How much memory a process has, in bytes.
fn resident(pid: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    kib.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
fn ten_thousand_idle_and_a_hundred_busy_on_sockets() {
    const IDLE: usize = 10_000;
    const BUSY: usize = 100;
    let files = IDLE + BUSY + 200;
    if !may_open(files) {
        // It is so without sockets, in `crowds.rs`.
        assert!(std::env::var_os("CI").is_none(), "this process may not have {files} files open");
        return eprintln!("not tried: this process may not have {files} files open");
    }
    on_sockets(async {
        let limits = r#"{"connections":"unlimited","per_address":"unlimited","accept_rate":"unlimited"}"#;
        let server = start_process(limits, files);
        let talk = async |n: usize| {
            let mut io = TcpStream::connect(&server.address).await.unwrap();
            // No port is to linger because of so many.
            socket2::SockRef::from(&io).set_linger(Some(Duration::ZERO)).unwrap();
            echo(&mut io, &format!("client {n}")).await;
            io
        };
        let mut busy = join_all((0..BUSY).map(talk)).await;
        let before = resident(&server.pid());
        let mut idle = Vec::new();
        for _ in 0..IDLE / 100 {
            idle.extend(join_all((0..100).map(talk)).await);
        }
        let each = resident(&server.pid()).saturating_sub(before) / IDLE;
        println!("{each} bytes for each idle connection");
        for n in 0..100 {
            join_all(busy.iter_mut().map(async |io| echo(io, &format!("request {n}")).await)).await;
        }
        say(&mut busy[0], "status").await;
        hear(&mut busy[0], &format!("{} open, 0 bytes", IDLE + BUSY)).await;
        // What is ours of it is less than 4 KiB (`tests/memory.rs`); the rest is tokio's and the allocator's.
        assert!(each < 6 * 1024, "{each} bytes for each idle connection");
        drop((idle, busy));
        assert!(server.process.signal("TERM"));
        let ended = server.process.ended();
        assert_eq!((ended.status.code(), ended.stderr), (Some(0), vec![]));
    });
}
