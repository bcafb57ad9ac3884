//! Processes that end with the test that started them.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for what has to come. Nothing depends on it but when a broken test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A command that runs one of this package's examples.
pub(crate) fn example(name: &str) -> Command {
    let test = env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("tests are built in PROFILE/deps");
    let path: PathBuf = profile.join("examples").join(name);
    assert!(path.exists(), "{} is not built: cargo build --examples", path.display());
    Command::new(path)
}

/// A process; dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    /// The lines that it prints.
    pub(crate) stdout: Lines,
    /// The lines that it complains in.
    pub(crate) stderr: Lines,
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The lines that nobody had read.
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

impl Process {
    pub(crate) fn start(command: Command) -> Self {
        Self::start_with(command, Stdio::null())
    }

    /// One that is written to.
    pub(crate) fn piped(command: Command) -> (Input, Self) {
        let mut process = Self::start_with(command, Stdio::piped());
        let stdin = process.child.stdin.take().expect("is piped");
        (Input(stdin), process)
    }

    /// The last of several, each of which reads what the one before it prints.
    pub(crate) fn chain<const N: usize>(commands: [Command; N]) -> Self {
        Self::chained(commands, Stdio::null()).1
    }

    /// As [`chain`](Self::chain), the first of which is written to.
    pub(crate) fn chain_piped<const N: usize>(commands: [Command; N]) -> (Input, Self) {
        let (stdin, last) = Self::chained(commands, Stdio::piped());
        (Input(stdin.expect("is piped")), last)
    }

    fn chained<const N: usize>(commands: [Command; N], mut stdin: Stdio) -> (Option<ChildStdin>, Self) {
        let mut first = None;
        for (n, mut command) in commands.into_iter().enumerate() {
            if n + 1 == N {
                return (first, Self::start_with(command, stdin));
            }
            let mut child = command.stdin(stdin).stdout(Stdio::piped()).spawn().expect("it starts");
            first = first.or(child.stdin.take());
            stdin = child.stdout.take().expect("is piped").into();
            // It ends by itself, once there is nothing to read.
            thread::spawn(move || child.wait());
        }
        unreachable!("a chain has a last one")
    }

    fn start_with(mut command: Command, stdin: Stdio) -> Self {
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Lines::of(child.stdout.take().expect("is piped"));
        let stderr = Lines::of(child.stderr.take().expect("is piped"));
        Self { child, stdout, stderr }
    }

    /// Asks it to end, as Ctrl-C does, and waits for that; not forever, since it can be killed.
    pub(crate) fn interrupt(&mut self) {
        if self.signal("INT") {
            while self.stdout.0.recv_timeout(PATIENCE).is_ok() {}
        }
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends it a signal; gives whether there was somebody to get it.
    pub(crate) fn signal(&self, name: &str) -> bool {
        let sent = Command::new("kill").args(["-s", name, &self.pid()]).status();
        sent.is_ok_and(|status| status.success())
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> Ended {
        let (stdout, stderr) = (self.stdout.rest(), self.stderr.rest());
        // Both pipes are closed, which nothing but its end does to a process of ours.
        let status = self.child.wait().expect("it is our child");
        Ended { status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process reads; dropped, it is at an end.
pub(crate) struct Input(ChildStdin);

impl Input {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).and_then(|()| self.0.flush()).expect("it reads");
    }
}

/// The lines from a pipe, which a thread reads, so that the process never waits for us.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(pipe).lines();
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self(lines)
    }

    /// The next line.
    pub(crate) fn next(&self) -> String {
        self.0.recv_timeout(PATIENCE).expect("another line")
    }

    /// Waits for a line; gives whether there was one before the process has closed its end.
    pub(crate) fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        loop {
            match self.0.recv_timeout(PATIENCE) {
                Ok(line) if is_it(&line) => return true,
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => panic!("no such line"),
            }
        }
    }

    /// All lines that are left, once the process has closed its end.
    fn rest(&self) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut rest = Vec::new();
        loop {
            match self.0.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => rest.push(line),
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("the process does not end; it printed {rest:?}"),
            }
        }
    }
}

/// A process that listens.
pub(crate) struct Server {
    pub(crate) process: Process,
    /// Where it says that it listens.
    pub(crate) address: String,
}

impl Server {
    /// An example, on a port of the system's choice.
    pub(crate) fn example(name: &str) -> Self {
        let mut command = example(name);
        command.arg("127.0.0.1:0");
        Self::start(command)
    }

    pub(crate) fn start(command: Command) -> Self {
        let process = Process::start(command);
        let first = process.stdout.next();
        let address = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("the first line is {first:?}"));
        Self { address: address.to_owned(), process }
    }

    pub(crate) fn pid(&self) -> String {
        self.process.pid()
    }
}
