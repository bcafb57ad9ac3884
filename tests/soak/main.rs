//! A soak: a server under mixed load, most of which is at fault. No reply may be lost, reordered or another one's, and what the
//! server holds stays flat.
//!
//! `cargo test --test soak` takes 20 seconds; `cargo test --release --test soak -- 600 > docs/soak.md` takes as many as it is
//! told, and prints a page of figures. Server and clients are processes of their own: what is counted is the server's alone.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports, reason = "/proc is Linux's"))]

mod client;
mod figures;
mod kinds;
#[path = "../support/process.rs"]
mod process;
mod random;
mod server;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use client::{Broken, Client, Protocol};
use figures::Sample;
use kinds::Kind;
use process::{Input, Process};

const PROTOCOLS: [Protocol; 3] = [Protocol::Lines, Protocol::Lengths, Protocol::Gbk];

/// How many clients of each kind and protocol there are at once.
const CLIENTS: usize = 4;

/// How many samples are taken, of which every so manieth is printed.
const SAMPLES: u32 = 60;
const PRINTED: u32 = 5;

/// How long it takes if nobody says so.
const SHORT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["server"] => server::run().await.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        ["victim", ref addresses @ ..] => victim(addresses).await,
        _ if cfg!(not(target_os = "linux")) => ExitCode::SUCCESS,
        [seconds] if seconds.parse::<u32>().is_ok() => {
            soak(Duration::from_secs(seconds.parse().unwrap_or_default()), true).await
        }
        // Whoever filters tests, or lists them, does not want this one.
        _ if words.iter().any(|word| !word.starts_with('-') && !"soak".contains(word)) => ExitCode::SUCCESS,
        _ if words.contains(&"--list") => ExitCode::SUCCESS,
        _ => soak(SHORT, false).await,
    }
}

/// This program, as something else.
fn as_a(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program knows where it is"));
    command.arg(role);
    command
}

/// Pipelines until it is killed.
async fn victim(addresses: &[&str]) -> ExitCode {
    println!("running");
    let conversations = addresses.iter().zip(PROTOCOLS).map(async |(address, protocol)| {
        let address = address.parse().expect("an address");
        for number in 0.. {
            let mut client = Client::new(protocol, address, number);
            if Kind::Pipelines.converse(&mut client).await.is_err() {
                break;
            }
        }
    });
    futures::future::join_all(conversations).await;
    ExitCode::FAILURE
}

/// What has happened.
#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    conversations: AtomicU64,
    replies: AtomicU64,
    killed: AtomicU64,
    of_kind: Mutex<BTreeMap<&'static str, u64>>,
    broken: Mutex<Vec<Broken>>,
}

/// The server's process.
struct Soaked {
    process: Process,
    input: Input,
    addresses: Vec<SocketAddr>,
    began: Instant,
}

impl Soaked {
    fn start() -> Self {
        let (input, process) = Process::piped(as_a("server"));
        let addresses = PROTOCOLS.map(|_| process.stdout.next().parse().expect("an address")).to_vec();
        Self { process, input, addresses, began: Instant::now() }
    }

    fn sample(&mut self, tally: &Tally) -> Result<Sample, Broken> {
        self.input.send(b"what do you hold?\n");
        let line = self.process.stdout.next();
        let numbers: Vec<u64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        let [tasks, open, buffered, failures] = numbers[..] else { return Err(format!("the server says {line}")) };
        if failures > 0 {
            return Err(format!("the server has failed {failures} times: {}", self.process.stderr.next()));
        }
        let pid = self.process.pid();
        Ok(Sample {
            at: self.began.elapsed(),
            conversations: tally.conversations.load(Relaxed),
            replies: tally.replies.load(Relaxed),
            open,
            buffered,
            descriptors: figures::descriptors(&pid),
            tasks,
            kib: figures::resident(&pid),
        })
    }

    /// Waits until it has noticed that nobody is left.
    async fn alone(&mut self, tally: &Tally) -> Result<Sample, Broken> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let sample = self.sample(tally)?;
            if sample.open == 0 || Instant::now() > patience {
                return Ok(sample);
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Has it end.
    fn end(self) -> Result<(), Broken> {
        drop(self.input);
        let ended = self.process.ended();
        if !ended.status.success() || ended.stdout != ["0"] || !ended.stderr.is_empty() {
            return Err(format!("the server has ended so: {ended:?}"));
        }
        Ok(())
    }
}

async fn soak(time: Duration, wants_a_page: bool) -> ExitCode {
    let tally = Arc::new(Tally::default());
    let mut server = Soaked::start();
    if wants_a_page {
        print_introduction(time);
    }
    let held = load(&mut server, &tally, time, wants_a_page).await;
    let held = held.and_then(|()| server.end());
    let mut broken = std::mem::take(&mut *tally.broken.lock().expect("no client panics"));
    broken.extend(held.err());
    if wants_a_page {
        print_kinds(&tally);
    }
    let (replies, conversations) = (tally.replies.load(Relaxed), tally.conversations.load(Relaxed));
    println!("{replies} replies in {conversations} conversations: {} broken promises.", broken.len());
    for broken in &broken {
        eprintln!("{broken}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Puts load on the server for a time, and looks at what it holds.
async fn load(server: &mut Soaked, tally: &Arc<Tally>, time: Duration, print: bool) -> Result<(), Broken> {
    let before = server.sample(tally)?;
    if print {
        figures::print_head();
        figures::print("before", &before);
    }
    let mut clients = Vec::new();
    for (protocol, address) in PROTOCOLS.into_iter().zip(server.addresses.clone()) {
        for kind in Kind::ALL.into_iter().cycle().take(CLIENTS * Kind::ALL.len()) {
            clients.push(tokio::spawn(converse(kind, protocol, address, tally.clone())));
        }
    }
    clients.push(tokio::spawn(kill(server.addresses.clone(), tally.clone())));
    let mut during = Vec::new();
    for n in 1..=SAMPLES {
        // The server is looked at from time to time: that is no wait for something.
        sleep((time / SAMPLES * n).saturating_sub(server.began.elapsed())).await;
        let sample = server.sample(tally)?;
        if print && n.is_multiple_of(PRINTED) {
            figures::print(&format!("{} s", sample.at.as_secs()), &sample);
        }
        during.push(sample);
    }
    tally.stop.store(true, Relaxed);
    futures::future::join_all(clients).await;
    let after = server.alone(tally).await?;
    if print {
        figures::print("after", &after);
    }
    figures::is_flat(&before, &during, &after)
}

/// One client after the other, until the end.
async fn converse(kind: Kind, protocol: Protocol, address: SocketAddr, tally: Arc<Tally>) {
    while !tally.stop.load(Relaxed) {
        let mut client = Client::new(protocol, address, tally.conversations.fetch_add(1, Relaxed));
        let held = kind.converse(&mut client).await;
        tally.replies.fetch_add(client.replies, Relaxed);
        *tally.of_kind.lock().expect("no client panics").entry(kind.name()).or_default() += 1;
        if let Err(broken) = held {
            let broken = format!("a client that {}, over {protocol:?}: {broken}", kind.name());
            tally.broken.lock().expect("no client panics").push(broken);
        }
        // What counts is how many begin and end, and not how busy the machine is.
        sleep(Duration::from_millis(20)).await;
    }
}

/// Kills a client's process each second.
async fn kill(addresses: Vec<SocketAddr>, tally: Arc<Tally>) {
    while !tally.stop.load(Relaxed) {
        let mut command = as_a("victim");
        command.args(addresses.iter().map(SocketAddr::to_string));
        let victim = Process::start(command);
        sleep(Duration::from_secs(1)).await;
        // Dropped, it is killed, by SIGKILL.
        assert_eq!(victim.stdout.next(), "running");
        drop(victim);
        tally.killed.fetch_add(1, Relaxed);
    }
}

fn print_introduction(time: Duration) {
    println!("# Soak\n");
    println!("`cargo test --release --test soak -- {} > docs/soak.md` has written this page.\n", time.as_secs());
    println!(
        "A server of lines, of frames behind a length, and of lines in GBK, in a process of its own. At any time it has, for each of
the three, {CLIENTS} clients of each kind below, in a second process, and one in a third, which is killed each second. Each reply is
compared, byte for byte, with the one that is due: none is lost, reordered, or another client's.\n"
    );
    println!("{}\n", figures::FLAT);
    println!("{}.\n", figures::machine());
}

fn print_kinds(tally: &Tally) {
    println!("\n| a client that | conversations |");
    println!("|---|---|");
    for (name, conversations) in &*tally.of_kind.lock().expect("no client panics") {
        println!("| {name} | {conversations} |");
    }
    println!("| is killed | {} |\n", tally.killed.load(Relaxed));
}
