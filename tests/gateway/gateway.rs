//! The example `gateway`, as a process.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};

use crate::PATIENCE;
use crate::operator::Operator;
use crate::process::{Server, example};

/// How many files it may have open. No address may have more than some part of that.
const FILES: u64 = 4096;

pub(crate) struct Gateway {
    server: Server,
    /// Where it listens for devices, and where for operators.
    pub(crate) devices: String,
    pub(crate) operators: String,
    pub(crate) operator: Operator,
    /// How many sockets it has for itself.
    own: usize,
}

impl Gateway {
    /// Starts it, if it may have so many files open.
    pub(crate) fn start() -> Option<Self> {
        if getrlimit(Resource::Nofile).maximum.is_some_and(|files| files < FILES) {
            assert!(std::env::var_os("CI").is_none(), "a process may not have {FILES} files open");
            eprintln!("not tried: a process may not have {FILES} files open");
            return None;
        }
        let mut command = Command::new("sh");
        // The limit is that of the shell, and so that of what it becomes.
        command.args(["-c", r#"ulimit -n "$1" && shift && exec "$@""#, "sh", &FILES.to_string()]);
        // Which of its two lines comes first nobody has said: the addresses tell.
        command.arg(example("gateway").get_program()).args(["127.0.0.1:0", "127.0.0.2:0"]);
        let server = Server::start(command);
        let second = server.process.stdout.next();
        let mut addresses =
            [&server.address, second.strip_prefix("listening on ").expect("an address")].map(str::to_owned);
        addresses.sort();
        let [devices, operators] = addresses;
        assert!(devices.starts_with("127.0.0.1:") && operators.starts_with("127.0.0.2:"), "{devices} {operators}");
        let own = sockets(&server.pid());
        let operator = Operator::connect(&operators);
        Some(Self { server, devices, operators, operator, own })
    }

    /// Waits until what is told of each device, `PHONE PLATE STATE`, `is_right`.
    pub(crate) fn lists(&mut self, is_right: impl Fn(usize, &str) -> bool) {
        until(|| {
            let lines = self.operator.devices();
            let wrong: Vec<_> = lines.iter().enumerate().filter(|(n, line)| !is_right(*n, line)).collect();
            if wrong.is_empty() { Ok(()) } else { Err(format!("{} of {}: {wrong:#?}", wrong.len(), lines.len())) }
        });
    }

    /// Waits until it has so many connections, and no other socket.
    pub(crate) fn holds(&self, connections: usize) {
        until(|| match sockets(&self.server.pid()) - self.own {
            held if held == connections => Ok(()),
            held => Err(format!("{held} connections, not {connections}")),
        });
    }

    /// Asks it to end, which it does well once those who are connected have been told goodbye.
    pub(crate) fn ends(self, say_goodbye: impl FnOnce()) {
        drop(self.operator);
        assert!(self.server.process.signal("TERM"));
        say_goodbye();
        let ended = self.server.process.ended();
        assert_eq!(ended.status.code(), Some(0), "{:#?}", ended.stderr);
        assert!(!ended.stderr.iter().any(|line| line.contains("panicked")), "{:#?}", ended.stderr);
    }
}

fn sockets(pid: &str) -> usize {
    let links = fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs").flatten();
    links
        .filter_map(|link| fs::read_link(link.path()).ok())
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

/// Waits until something `holds`, which what was done leads to.
fn until(mut holds: impl FnMut() -> Result<(), String>) {
    let began = Instant::now();
    while let Err(not_yet) = holds() {
        assert!(began.elapsed() < PATIENCE, "{not_yet}");
        sleep(Duration::from_millis(20));
    }
}
