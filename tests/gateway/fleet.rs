//! Devices, each a process of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, pipe};
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::PATIENCE;
use crate::process::example;

/// Devices; dropped, they are killed.
pub(crate) struct Fleet {
    address: String,
    /// What all of them print into, so that a thousand of them need one thread and two descriptors here.
    prints: PipeWriter,
    heard: Arc<Heard>,
    running: HashMap<String, Vec<Child>>,
}

/// What each phone number has printed.
type Lines = HashMap<String, Vec<String>>;

#[derive(Default)]
struct Heard {
    lines: Mutex<Lines>,
    more: Condvar,
}

impl Fleet {
    /// Devices of the platform that listens there.
    pub(crate) fn new(address: &str) -> Self {
        let (reads, prints) = pipe().expect("a pipe");
        let heard = Arc::new(Heard::default());
        let hears = heard.clone();
        thread::spawn(move || hears.all(reads));
        Self { address: address.to_owned(), prints, heard, running: HashMap::new() }
    }

    /// Starts a device, whose `behaviour` may be several arguments.
    pub(crate) fn start(&mut self, phone: &str, plate: &str, behaviour: &str) {
        let mut device = example("gateway_device");
        device.args([&self.address, phone, plate]).args(behaviour.split(' ')).stdin(Stdio::null());
        device.stdout(self.prints.try_clone().expect("another descriptor"));
        let child = device.spawn().unwrap_or_else(|error| panic!("{phone}: {error}"));
        self.running.entry(phone.to_owned()).or_default().push(child);
    }

    /// Waits until a device has printed a line, or several with one phone number have.
    pub(crate) fn until(&self, phone: &str, line: &str, times: usize) {
        let has_printed = |heard: &Lines| {
            heard.get(phone).is_some_and(|lines| lines.iter().filter(|printed| *printed == line).count() >= times)
        };
        let lines = self.heard.lines.lock().unwrap();
        let goes_on = |lines: &mut Lines| !has_printed(lines) && complaints(lines).is_empty();
        let (lines, _) = self.heard.more.wait_timeout_while(lines, PATIENCE, goes_on).unwrap();
        let complaints = complaints(&lines);
        assert!(complaints.is_empty(), "{complaints:#?}");
        assert!(has_printed(&lines), "{phone} has not printed {line:?}, but {:?}", lines.get(phone));
    }

    /// Nothing that the platform did was wrong.
    pub(crate) fn has_no_complaint(&self) {
        let complaints = complaints(&self.heard.lines.lock().unwrap());
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// Waits until one of them complains, and gives that.
    pub(crate) fn complains(&self) -> String {
        let lines = self.heard.lines.lock().unwrap();
        let is_well = |lines: &mut Lines| complaints(lines).is_empty();
        let (lines, _) = self.heard.more.wait_timeout_while(lines, PATIENCE, is_well).unwrap();
        complaints(&lines).concat()
    }

    /// What was printed until now.
    pub(crate) fn printed(&self, phone: &str) -> Vec<String> {
        self.heard.lines.lock().unwrap().get(phone).cloned().unwrap_or_default()
    }

    /// Kills those with this phone number; the system closes their connections.
    pub(crate) fn kill(&mut self, phone: &str) {
        for mut child in self.running.remove(phone).into_iter().flatten() {
            // What has ended already cannot be killed.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn complaints(heard: &Lines) -> Vec<String> {
    let lines = heard.iter().flat_map(|(phone, lines)| lines.iter().map(move |line| (phone, line)));
    lines.filter(|(_, line)| line.starts_with("panicked")).map(|(phone, line)| format!("{phone} {line}")).collect()
}

impl Heard {
    fn all(&self, pipe: PipeReader) {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let (phone, line) = line.split_once(' ').expect("a phone number and what it says");
            self.lines.lock().unwrap().entry(phone.to_owned()).or_default().push(line.to_owned());
            self.more.notify_all();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.running.values_mut().flatten() {
            let _ = child.kill();
        }
        for child in self.running.values_mut().flatten() {
            let _ = child.wait();
        }
    }
}
