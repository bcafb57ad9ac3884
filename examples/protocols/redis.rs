//! Redis, in both versions of its protocol ("Redis serialization protocol specification", RESP2 and RESP3): keys and values in
//! memory, with expiry, for all clients.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wirework::core::BoxError;
use wirework::{Composition, FramingExt, Tcp, address_argument, run, serve};

/// A command is an array of bulk strings, or a line typed by hand. What is answered is written as it is.
const PROTOCOL: &str = "duplex(\
    peek {*: fold(lines crlf, after *, none \"-1\", head(lines crlf, after $, then CRLF)), else lines any}, chunk 64KiB)";

/// How many bytes of values are answered at once, since all of an answer stands in memory.
const MOST: usize = 16 << 20;
const NO_INTEGER: &str = "ERR value is not an integer or out of range";

// One thread, as in the original: each command has the store to itself.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, BoxError> {
    let store = Arc::new(Mutex::new(Store::default()));
    let mut replies = Replies { version: 2, bytes: Vec::new() };
    let messages = PROTOCOL.parse::<Composition>()?.bytes()?.in_parts();
    let server = serve(Tcp::bind(address_argument("0.0.0.0:6379")), messages).answer(move |message, reply| {
        let words: Vec<&[u8]> = match message.whole() {
            [b'*', ..] => message.iter().collect(),
            line => line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect(),
        };
        let Some((command, arguments)) = words.split_first() else { return Ok(()) };
        command.eq_ignore_ascii_case(b"QUIT").then(|| reply.close());
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        store.run(command, arguments, &mut replies).unwrap_or_else(|refused| replies.line('-', refused));
        let sent = reply.send(&replies.bytes);
        replies.bytes.clear();
        replies.bytes.shrink_to(4096);
        sent
    });
    Ok(run(server).await)
}

/// A value, and when it expires.
type Entry = (Box<[u8]>, Option<Instant>);

#[derive(Default)]
struct Store {
    entries: HashMap<Box<[u8]>, Entry>,
    /// The keys that expire, the next one first.
    expiring: BTreeSet<(Instant, Box<[u8]>)>,
}

impl Store {
    fn run(&mut self, command: &[u8], arguments: &[&[u8]], replies: &mut Replies) -> Result<(), &'static str> {
        // Before each command: so none sees what has expired, and what nobody asks for again takes no room.
        while let Some((_, key)) = self.expiring.first().filter(|(at, _)| *at <= Instant::now()) {
            self.entries.remove(key);
            self.expiring.pop_first();
        }
        match (&command.to_ascii_uppercase()[..], arguments) {
            (b"GET", [key]) => replies.value(self.get(key)),
            (b"MGET", [_, ..]) if arguments.iter().flat_map(|k| self.get(k)).map(<[u8]>::len).sum::<usize>() < MOST => {
                replies.line('*', arguments.len());
                arguments.iter().for_each(|key| replies.value(self.get(key)));
            }
            (b"SET", [key, value, options @ ..]) => match set_options(options)? {
                (_, Some(present)) if present != self.entries.contains_key(*key) => replies.value(None),
                (expiry, _) => {
                    self.put(key, Some(((*value).into(), expiry)));
                    replies.line('+', "OK");
                }
            },
            (b"DEL", [_, ..]) => replies.line(':', arguments.iter().filter_map(|key| self.put(key, None)).count()),
            (b"INCR", [key]) => {
                let number = integer(self.get(key).unwrap_or(b"0"))?.checked_add(1).ok_or(NO_INTEGER)?;
                let expiry = self.entries.get(*key).and_then(|(_, expiry)| *expiry);
                self.put(key, Some((number.to_string().into_bytes().into(), expiry)));
                replies.line(':', number);
            }
            (b"EXPIRE", [key, seconds]) => {
                let seconds = integer(seconds)?;
                let expiry = if seconds < 1 { Some(Instant::now()) } else { after(seconds, Duration::from_secs)? };
                let entry = self.put(key, None).map(|(value, _)| (value, expiry));
                replies.line(':', u8::from(entry.is_some()));
                self.put(key, entry);
            }
            (b"TTL", [key]) => match self.entries.get(*key) {
                Some((_, Some(at))) => replies.line(':', (*at - Instant::now()).as_millis().div_ceil(1000)),
                none => replies.line(':', if none.is_some() { -1 } else { -2 }),
            },
            (b"PING", []) => replies.line('+', "PONG"),
            (b"PING" | b"ECHO", [text]) => replies.value(Some(text)),
            (b"QUIT", _) => replies.line('+', "OK"),
            (b"HELLO", [] | [b"2" | b"3", ..]) => {
                replies.version = arguments.first().map_or(replies.version, |text| if **text == *b"3" { 3 } else { 2 });
                replies.map(4, &["server", "wirework", "mode", "standalone", "role", "master", "proto"]);
                replies.line(':', replies.version);
            }
            (b"HELLO", _) => return Err("NOPROTO unsupported protocol version"),
            (b"CONFIG", [_, b"save"]) => replies.map(1, &["save", ""]),
            (b"CONFIG", [_, b"appendonly"]) => replies.map(1, &["appendonly", "no"]),
            (b"CONFIG", [_, _]) | (b"COMMAND", _) => replies.map(0, &[]),
            _ => return Err("ERR unknown command, wrong number of arguments, or too much to answer"),
        }
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.entries.get(key).map(|(value, _)| &value[..])
    }

    /// Puts an entry, or none, in the place of what was there.
    fn put(&mut self, key: &[u8], entry: Option<Entry>) -> Option<Entry> {
        let expiry = entry.as_ref().and_then(|(_, expiry)| *expiry);
        let before = match (self.entries.get_mut(key), entry) {
            (Some(there), Some(entry)) => Some(std::mem::replace(there, entry)),
            (None, Some(entry)) => self.entries.insert(key.into(), entry),
            (_, None) => self.entries.remove(key),
        };
        if let Some((_, Some(at))) = before {
            self.expiring.remove(&(at, key.into()));
        }
        self.expiring.extend(expiry.map(|at| (at, key.into())));
        before
    }
}

/// When it expires, and whether only a key that is present may be set, or only one that is not.
fn set_options(mut options: &[&[u8]]) -> Result<(Option<Instant>, Option<bool>), &'static str> {
    let (mut expiry, mut present) = (None, None);
    while let [option, rest @ ..] = options {
        (expiry, present, options) = match (&option.to_ascii_uppercase()[..], rest, expiry, present) {
            (b"EX", [time, rest @ ..], None, _) => (after(integer(time)?, Duration::from_secs)?, present, rest),
            (b"PX", [time, rest @ ..], None, _) => (after(integer(time)?, Duration::from_millis)?, present, rest),
            (word @ (b"NX" | b"XX"), _, _, None) => (expiry, Some(word == b"XX"), rest),
            _ => return Err("ERR syntax error"),
        }
    }
    Ok((expiry, present))
}

fn after(time: i64, unit: fn(u64) -> Duration) -> Result<Option<Instant>, &'static str> {
    let time = u64::try_from(time).ok().filter(|time| *time > 0);
    time.and_then(|time| Instant::now().checked_add(unit(time))).map(Some).ok_or("ERR invalid expire time")
}

fn integer(text: &[u8]) -> Result<i64, &'static str> {
    std::str::from_utf8(text).ok().and_then(|digits| digits.parse().ok()).ok_or(NO_INTEGER)
}

/// What a command is answered, in the version that its connection has asked for.
#[derive(Clone)]
struct Replies {
    version: u8,
    bytes: Vec<u8>,
}

impl Replies {
    fn line(&mut self, kind: char, what: impl std::fmt::Display) {
        // Memory takes whatever is written.
        let _ = write!(self.bytes, "{kind}{what}\r\n");
    }

    fn value(&mut self, value: Option<&[u8]>) {
        let Some(value) = value else {
            return if self.version == 2 { self.line('$', -1) } else { self.line('_', "") };
        };
        self.line('$', value.len());
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn map(&mut self, len: usize, texts: &[&str]) {
        let (kind, len) = if self.version == 2 { ('*', 2 * len) } else { ('%', len) };
        self.line(kind, len);
        texts.iter().for_each(|text| self.value(Some(text.as_bytes())));
    }
}
