//! Where a fault is tried: a server, and what is done with it.

use std::io;
use std::pin::pin;
#[cfg(unix)]
use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinHandle;
use wirework::servers::{Bind, Conversation, Listener, ServerHandle, TcpListener};
use wirework::{Ended, Limits, Server, Tcp};

#[cfg(unix)]
use crate::process;

/// A server that runs.
pub(crate) struct Running {
    pub(crate) handle: ServerHandle,
    task: JoinHandle<io::Result<Ended>>,
}

/// A socket that listens already, and its address.
pub(crate) async fn listening() -> (TcpListener, String) {
    let listener = Tcp::bind("127.0.0.1:0").bind(&Limits::default()).await.unwrap();
    let address = listener.local_addresses().unwrap()[0].to_string();
    (listener, address)
}

/// A server in a process of its own, `server.rs`, with these limits, in JSON, and so many open files.
#[cfg(unix)]
pub(crate) fn start_process(limits: &str, open_files: usize) -> process::Server {
    let server = process::example("faults_server");
    let mut command = Command::new("sh");
    // The limit is that of the shell, and so that of what it becomes.
    command.args(["-c", r#"ulimit -n "$1" && shift && exec "$@""#, "sh", &open_files.to_string()]);
    command.arg(server.get_program()).args(["127.0.0.1:0", limits]);
    process::Server::start(command)
}

/// Runs a server in the background.
pub(crate) fn start<B, S>(server: Server<B, S>) -> Running
where
    B: Bind,
    S: Conversation<<B::Listener as Listener>::Io>,
{
    let handle = server.handle();
    Running { handle, task: tokio::spawn(async { server.await }) }
}

impl Running {
    /// Stops it, and waits until it has ended.
    pub(crate) async fn stop(self) -> Ended {
        self.handle.stop();
        self.task.await.unwrap().unwrap()
    }

    /// Waits until `holds`, which something that was done leads to.
    pub(crate) async fn until(&self, holds: impl Fn(&ServerHandle) -> bool) {
        until(|| holds(&self.handle)).await;
    }
}

/// Waits until `holds`, which something that was done leads to.
pub(crate) async fn until(holds: impl Fn() -> bool) {
    let mut held = pin!(async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    tokio::time::timeout(Duration::from_secs(600), &mut held).await.expect("it has not come to this in ten minutes");
}

/// Sends a line, and has it back.
pub(crate) async fn echo(io: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str) {
    say(io, line).await;
    hear(io, line).await;
}

/// Sends a line.
pub(crate) async fn say(io: &mut (impl AsyncWrite + Unpin), line: &str) {
    io.write_all(format!("{line}\n").as_bytes()).await.unwrap();
}

/// Waits for a line, which is this one.
pub(crate) async fn hear(io: &mut (impl AsyncRead + Unpin), line: &str) {
    let mut reply = vec![0; line.len() + 1];
    io.read_exact(&mut reply).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&reply), format!("{line}\n"));
}

/// All that still comes, and whether that ended in an orderly way.
pub(crate) async fn rest(io: &mut (impl AsyncRead + Unpin)) -> (Vec<u8>, io::Result<()>) {
    let mut read = Vec::new();
    let end = io.read_to_end(&mut read).await.map(drop);
    (read, end)
}

/// A time was met, and not much later: deadlines are looked at eight times within the shortest of them.
pub(crate) fn assert_met(took: Duration, deadline: Duration) {
    assert!((deadline..deadline + Duration::from_secs(5)).contains(&took), "{took:?} instead of {deadline:?}");
}
