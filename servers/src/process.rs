//! What stands around a server in a program's `main`.

use std::fmt::Display;
use std::future::IntoFuture;
use std::io::{self, Write};
use std::process::ExitCode;

use tokio::sync::oneshot;

use crate::Server;
use crate::events::EventLog;
use crate::listener::{Bind, Listener};
use crate::serve::{Conversation, Ended, Severity};

/// Runs a server as a program: prints `listening on ADDRESS` to standard output, with the real port, and what goes wrong
/// to standard error, unless [`on_event`](crate::Serve::on_event) says otherwise. On SIGINT or SIGTERM the server stops as
/// [`Server::until`] describes; a second signal ends the program, as soon as no handler blocks its thread.
///
/// | exit code | |
/// |---|---|
/// | 0 | the server was told to stop, and did: every conversation has ended by itself |
/// | 1 | it could not listen, or listen any longer, or a conversation was cut off because it went on beyond [`Limits::drain`](crate::Limits::drain); one line on standard error says where and why |
/// | 130 | a second signal |
///
/// ```no_run
/// # use wirework_core::{EncodeError, FrameError, Framing, Input, Step};
/// # #[derive(Clone)] struct Lines;
/// # impl Framing for Lines {
/// #     fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> { Ok(Step::More(1)) }
/// #     fn finish(&mut self, _: &mut bytes::BytesMut, _: usize) -> Result<(), EncodeError> { Ok(()) }
/// # }
/// use wirework_servers::{Tcp, address_argument, run, serve};
///
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     run(serve(Tcp::bind(address_argument("0.0.0.0:7788")), Lines).reply(async |line| line)).await
/// }
/// ```
///
/// It is for one server. Others of the program, such as one for metrics, are spawned beside it
/// (`tokio::spawn(other.into_future())`) and end with the program; whoever has its [`ServerHandle`](crate::ServerHandle) stops it, too.
///
/// This is the only place in wirework that handles signals or prints.
pub async fn run<B, S>(mut server: Server<B, S>) -> ExitCode
where
    B: Bind,
    S: Conversation<<B::Listener as Listener>::Io>,
{
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return failure(format_args!("cannot handle signals: {error}")),
    };
    let log = EventLog::new(Severity::Warning, |line| say(&mut io::stderr(), line));
    server.events.set(vec![Box::new(move |event| log.tell(event))]);
    server.announce.add(|address| say(&mut io::stdout(), format_args!("listening on {address}")));
    let (stop, stopped) = oneshot::channel::<()>();
    let signalled_twice = async {
        signals.next().await;
        let _ = stop.send(());
        signals.next().await;
    };
    tokio::select! {
        ended = server.until(stopped).into_future() => match ended {
            Ok(Ended { cut: 0, .. }) => ExitCode::SUCCESS,
            Ok(Ended { cut, .. }) => failure(format_args!("{cut} conversations had not ended in time, and were cut off")),
            Err(error) => failure(error),
        },
        () = signalled_twice => ExitCode::from(130),
    }
}

/// The first argument of the program, or `default`: where to listen, or what to connect to.
pub fn address_argument(default: &str) -> String {
    std::env::args().nth(1).unwrap_or_else(|| default.to_owned())
}

fn failure(error: impl Display) -> ExitCode {
    say(&mut io::stderr(), error);
    ExitCode::FAILURE
}

/// A line. Nobody reading it any more is no reason to stop.
fn say(to: &mut impl Write, line: impl Display) {
    let _ = writeln!(to, "{line}").and_then(|()| to.flush());
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
