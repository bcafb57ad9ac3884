//! The server of the soak, in a process of its own: it says the same thing back, over lines, lengths, and lines of GBK.

use std::future::IntoFuture;
use std::io;
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::runtime::Handle as Runtime;
use tokio::task::JoinHandle;
use wirework::core::Codec;
use wirework::servers::{Bind, Conversation, Listener, ServerHandle, TcpListener};
use wirework::{Ended, Error, Event, FramingExt, GBK, LengthPrefix, Limits, Lines, Serve, Server, Tcp, UTF_8, serve};

/// A message that makes a handler panic, and what it panics of.
pub(crate) const PANIC: &str = "panic";

/// The longest message.
pub(crate) const MAX: usize = 16 * 1024;

/// Deadlines that are met often within the time of the soak.
fn limits() -> Limits {
    let short = Duration::from_secs(5);
    let (first_byte, idle, frame, write) = (short.into(), (2 * short).into(), short.into(), short.into());
    Limits { first_byte, idle, frame, write, ..Limits::default() }
}

/// Listens three times and prints the addresses; says what it holds for each line of its standard input. At the end of that
/// it drains, and says how many were cut off.
pub(crate) async fn run() -> io::Result<()> {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref() != Some(&PANIC) {
            otherwise(panic);
        }
    }));
    let failures = Arc::new(AtomicUsize::new(0));
    let lines = || Lines::any().max_len(MAX);
    let over_lines = listen(lines().text(UTF_8), &failures).await?.reply(async |line: String| {
        if line == PANIC {
            panic_any(PANIC);
        }
        // Whether a handler waits or not, the order is the same.
        if line.len().is_multiple_of(3) {
            tokio::task::yield_now().await;
        }
        line
    });
    let over_lengths = listen(LengthPrefix::u32_be().max_len(MAX), &failures).await?.answer(|frame, reply| {
        if frame == PANIC.as_bytes() {
            panic_any(PANIC);
        }
        reply.send(frame)
    });
    let over_gbk = listen(lines().text(GBK), &failures).await?.each(async |mut conn| {
        loop {
            match conn.recv().await {
                Ok(Some(line)) if line == PANIC => panic_any(PANIC),
                Ok(Some(line)) => conn.feed(line).await?,
                Ok(None) => return Ok(conn.close().await?),
                Err(Error::Bad(_)) => {}
                Err(Error::Io(error)) => return Err(error.into()),
                Err(lost) => {
                    conn.close().await?;
                    return Err(lost.into());
                }
            }
        }
    });
    let servers = [start(over_lines), start(over_lengths), start(over_gbk)];

    let mut asked = BufReader::new(stdin()).lines();
    while asked.next_line().await?.is_some() {
        let sum = |of: fn(&ServerHandle) -> usize| servers.iter().map(|(handle, _)| of(handle)).sum::<usize>();
        let (open, buffered) = (sum(ServerHandle::open), sum(ServerHandle::buffered));
        let tasks = Runtime::current().metrics().num_alive_tasks();
        println!("{tasks} {open} {buffered} {}", failures.load(Ordering::Relaxed));
    }
    for (handle, _) in &servers {
        handle.stop();
    }
    let mut cut = 0;
    for (_, ended) in servers {
        cut += ended.await??.cut;
    }
    println!("{cut}");
    Ok(())
}

/// Begins a server, which counts what is wrong with itself rather than with a peer.
async fn listen<C: Codec>(codec: C, failures: &Arc<AtomicUsize>) -> io::Result<Serve<TcpListener, C>> {
    let listener = Tcp::bind("127.0.0.1:0").bind(&limits()).await?;
    for address in listener.local_addresses()? {
        println!("{address}");
    }
    let failures = failures.clone();
    Ok(serve(listener, codec).limits(limits()).on_event(move |event| {
        // What garbage says need not be sayable; whether a reply is missing its client knows.
        if matches!(event, Event::Accept { .. } | Event::Refused { .. }) {
            failures.fetch_add(1, Ordering::Relaxed);
            eprintln!("{event}");
        }
    }))
}

fn start<S>(server: Server<TcpListener, S>) -> (ServerHandle, JoinHandle<io::Result<Ended>>)
where
    S: Conversation<<TcpListener as Listener>::Io>,
{
    (server.handle(), tokio::spawn(server.into_future()))
}
