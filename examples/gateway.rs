//! A gateway of vehicles: devices speak JT/T 808-2013, operators lines of UTF-8. `gateway DEVICE_ADDRESS OPERATOR_ADDRESS`

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU16, atomic::Ordering::Relaxed};

use bytes::{Bytes, BytesMut};
use wirework::core::{BoxError, Raw};
use wirework::servers::{CallError, Correlation, Handle, Peers, WhenTaken};
use wirework::{Composition, FramingExt, GBK, Lines, Tcp, UTF_8, run, serve};

const PROTOCOL: &str = "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8";
// What the platform asks, and how devices answer that (chapter 8 of the standard).
const TEXT: u16 = 0x8300;
const QUERY: u16 = 0x8104;
const CONFIRM: u16 = 0x0001;
const PARAMETERS: u16 = 0x0104;
const HEADER: usize = 12;

/// The phone number of a terminal: six bytes of BCD.
type Phone = u64;

/// What is known of a device, whether it is there or not.
#[derive(Clone, Default)]
struct Device {
    plate: String,
    logins: u32,
    reports: u64,
}

/// What is known of a connection.
struct Session {
    handle: Handle<Raw>,
    plate: Option<String>,
    phone: Option<Phone>,
}

struct Gateway {
    online: Peers<Phone, Raw>,
    devices: Mutex<BTreeMap<Phone, Device>>,
    serial: AtomicU16,
    secret: RandomState,
}

impl Gateway {
    fn devices(&self) -> MutexGuard<'_, BTreeMap<Phone, Device>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn message(&self, id: u16, phone: Phone, body: &[u8]) -> Vec<u8> {
        let (length, serial) = (body.len() as u16, self.serial.fetch_add(1, Relaxed));
        let [_, _, phone @ ..] = phone.to_be_bytes();
        [&id.to_be_bytes()[..], &length.to_be_bytes(), &phone, &serial.to_be_bytes(), body].concat()
    }

    /// What is answered to a device.
    fn hear(&self, session: &mut Session, message: &[u8]) -> Result<Option<Vec<u8>>, BoxError> {
        let (header, body) = message.split_at_checked(HEADER).ok_or("half a header")?;
        let (id, length, serial) = (word(header, 0), word(header, 2) & 0x3FF, word(header, 10));
        let phone = number(&header[4..10]);
        let code = format!("{:016x}", self.secret.hash_one(phone));
        let is_known = session.phone == Some(phone);
        let is_done = match id {
            CONFIRM | PARAMETERS => return Ok(None), // of what nobody has asked, or asks no longer
            _ if body.len() != usize::from(length) => false,
            // Registration, with the plate behind 37 bytes; it is answered with what to authenticate with, which is 0x0102.
            0x0100 => {
                session.plate = Some(GBK.replace().read(body.get(37..).unwrap_or_default())?.into_owned());
                let answer = [&serial.to_be_bytes()[..], &[0], code.as_bytes()].concat();
                return Ok(Some(self.message(0x8100, phone, &answer)));
            }
            0x0102 if body == code.as_bytes() => {
                self.online.join(phone, &session.handle)?;
                session.phone = Some(phone);
                let mut devices = self.devices();
                let Device { plate, logins, .. } = devices.entry(phone).or_default();
                (*plate, *logins) = (session.plate.take().unwrap_or(plate.clone()), *logins + 1);
                true
            }
            // A position; and a sign of life.
            0x0200 if is_known && body.len() >= 28 => {
                self.devices().entry(phone).or_default().reports += 1;
                true
            }
            0x0002 => is_known,
            _ => false,
        };
        let answer = [&serial.to_be_bytes()[..], &id.to_be_bytes(), &[u8::from(!is_done)]].concat();
        Ok(Some(self.message(0x8001, phone, &answer)))
    }

    /// What is answered to an operator.
    async fn obey(&self, line: &str) -> Result<String, BoxError> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match (command, rest.split_once(' ')) {
            ("devices", None) => {
                let devices = self.devices().clone();
                let lines = devices.iter().map(|(phone, Device { plate, logins, reports })| {
                    let state = if self.online.contains(phone) { "online" } else { "offline" };
                    format!("{phone:012x} {plate} {state} logins={logins} reports={reports}\n")
                });
                lines.collect::<String>() + &format!(". {} devices", devices.len())
            }
            ("text", Some((phone, words))) => {
                let is_ok = |answer: &[u8]| answer.get(HEADER + 4) == Some(&0);
                self.ask(phone, TEXT, &text(words)?, |answer| if is_ok(answer) { "ok" } else { "refused" }.into()).await
            }
            ("parameters", None) => {
                self.ask(rest, QUERY, &[], |answer| parameters(answer.get(HEADER + 3..).unwrap_or_default())).await
            }
            ("all", _) if !rest.is_empty() => {
                let (body, online) = (text(rest)?, self.online.connections());
                let sent = online.iter().map(|(phone, device)| device.try_send(self.message(TEXT, *phone, &body)));
                format!("sent to {} of {}", sent.filter(Result::is_ok).count(), self.devices().len())
            }
            _ => "? devices | text PHONE TEXT | parameters PHONE | all TEXT".to_owned(),
        })
    }

    /// Sends a command to a device. Gives what `read` makes of the answer.
    async fn ask(&self, phone: &str, id: u16, body: &[u8], read: impl Fn(&[u8]) -> String) -> String {
        let device = Phone::from_str_radix(phone, 16).ok().and_then(|phone| Some((phone, self.online.get(&phone)?)));
        let Some((number, handle)) = device else { return format!("{phone}: offline") };
        match handle.call(self.message(id, number, body)).await {
            Ok(answer) => format!("{phone}: {}", read(&answer)),
            Err(CallError::Closed | CallError::Lost) => format!("{phone}: offline"),
            Err(_) => format!("{phone}: no answer"),
        }
    }
}

/// Two bytes of a message; 0 where there are none.
fn word(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u16::from_be_bytes(*word))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A text in GBK, to be shown.
fn text(text: &str) -> Result<BytesMut, BoxError> {
    let mut body = BytesMut::from(&[1][..]);
    GBK.write(text, &mut body)?;
    if body.len() > 0x3FF { Err("the text is too long".into()) } else { Ok(body) }
}

/// Each parameter.
fn parameters(mut bytes: &[u8]) -> String {
    let mut list = Vec::new();
    while let Some(([id @ .., length], rest)) = bytes.split_first_chunk::<5>()
        && let Some((value, rest)) = rest.split_at_checked((*length).into())
    {
        list.push(format!("{:#06x}={}", number(id), number(value)));
        bytes = rest;
    }
    list.join(" ")
}

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let mut addresses = std::env::args().skip(1);
    let [devices, operators] = ["0.0.0.0:7788", "127.0.0.1:7789"].map(|usual| addresses.next().unwrap_or(usual.into()));
    let (online, serial, secret) = (Peers::new(WhenTaken::Replace), AtomicU16::default(), RandomState::new());
    let gateway = Arc::new(Gateway { online, devices: Mutex::default(), serial, secret });
    let operated = gateway.clone();
    let operators = serve(Tcp::bind(operators), Lines::any().text(UTF_8))
        .on_listening(|address| println!("listening on {address}"))
        .each(async move |mut conn| {
            while let Some(line) = conn.recv().await? {
                let answer = operated.obey(&line).await.unwrap_or_else(|error| format!("? {error}"));
                for line in answer.lines() {
                    conn.feed(line).await?;
                }
            }
            Ok(conn.close().await?)
        });
    let (operating, operators) = (operators.handle(), tokio::spawn(operators.into_future()));
    // A command and its answer have the serial number of the command, and what it was.
    let correlation = Correlation::by_key(
        |command: &[u8]| Some((word(command, 0), word(command, 10))),
        |message: &Bytes| match word(message, 0) {
            CONFIRM => Some((word(message, HEADER + 2), word(message, HEADER))),
            PARAMETERS => Some((QUERY, word(message, HEADER))),
            _ => None,
        },
    );
    let devices = serve(Tcp::bind(devices), PROTOCOL.parse::<Composition>()?.bytes()?).calls(correlation).answer_with(
        |handle| Session { handle, plate: None, phone: None },
        move |session, message, reply| {
            Ok::<_, BoxError>(gateway.hear(session, message)?.map_or(Ok(()), |answer| reply.send(answer))?)
        },
    );
    let code = run(devices).await;
    operating.stop();
    operators.await??;
    Ok(code)
}
