//! A device that speaks JT/T 808, of the standard library alone: `gateway_device ADDRESS PHONE PLATE BEHAVIOUR [VICTIM]`.
//!
//! | behaviour | |
//! |---|---|
//! | `honest` | logs in, reports, gives signs of life, answers every command |
//! | `silent` | does so too, but answers no command |
//! | `reconnects` | drops its connection, and comes back without registering again, twice; then it is honest |
//! | `vanishes` | logs in, and is gone in the middle of a frame |
//! | `aborts` | logs in, and is gone with a reset |
//! | `stalls` | logs in, sends half a frame, and reads nothing any more |
//! | `lies` | sends what nobody may send, says that it is VICTIM, answers what nobody asked, too late, and twice |
//!
//! Each line that it prints begins with its phone number, so that many may print into one pipe. What a platform may not do
//! makes it panic. It ends when the platform
//! closes its connection, or when nobody is left who started it.

mod frame;
mod gbk;
mod lies;

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::process::parent_id;
use std::{env, panic, process, thread};

use frame::{
    ANSWER_OF_DEVICE, ANSWER_OF_PLATFORM, AUTHENTICATION, BEAT, HEART_BEAT, Message, PARAMETERS, POSITION, Phone,
    QUERY, REGISTERED, REGISTRATION, SUCCESS, Session, TEXT, frame,
};

/// How often it reports its position once it has logged in, and how often one that reconnects logs in.
const REPORTS: usize = 2;
const LOGINS: usize = 3;

/// Alarm, status, latitude, longitude, height, speed, direction, time. Some of these bytes are escaped.
const HERE: [u8; 28] = [
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x02, 0x62, 0x7E, 0x7D, 0x06, 0xEE, 0x7D, 0x01, 0x00, 0x7E, 0x02,
    0x58, 0x00, 0x5A, 0x26, 0x11, 0x26, 0x08, 0x00, 0x00,
];

struct Device {
    address: String,
    phone: Phone,
    plate: Vec<u8>,
    /// What it was given to authenticate itself with.
    code: Vec<u8>,
    manner: Manner,
    /// A connection on which it says that it is another.
    stranger: Option<Session>,
    queries: Asked,
    texts: Asked,
    parent: u32,
}

/// How often, and in which message before this one.
#[derive(Default)]
struct Asked {
    times: u32,
    before: u16,
}

#[derive(PartialEq)]
enum Manner {
    Honest,
    Silent,
    Lies,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [address, phone, plate, behaviour, ref victim @ ..] = arguments[..] else {
        panic!("gateway_device ADDRESS PHONE PLATE BEHAVIOUR [VICTIM]");
    };
    let manner = match behaviour {
        "silent" => Manner::Silent,
        "lies" => Manner::Lies,
        _ => Manner::Honest,
    };
    let (address, phone, plate) = (address.to_owned(), Phone::new(phone), gbk::bytes_of(plate));
    let (code, stranger, parent) = (Vec::new(), None, parent_id());
    let (queries, texts) = (Asked::default(), Asked::default());
    // What is wrong with the platform is a line like others.
    panic::set_hook(Box::new(move |wrong| println!("{phone} {}", wrong.to_string().replace('\n', " "))));
    let mut device = Device { address, phone, plate, code, manner, stranger, queries, texts, parent };
    let ended = match behaviour {
        "honest" | "silent" => device.log_in().and_then(|session| device.go_on(session)),
        "reconnects" => device.reconnect(),
        "vanishes" => device.vanish(),
        "aborts" => device.abort(),
        "stalls" => device.stall(),
        "lies" => device.lie(Phone::new(victim[0])),
        _ => panic!("no behaviour: {behaviour}"),
    };
    match ended {
        Err(error) if is_end(&error) => {
            device.say("closed");
            Ok(())
        }
        ended => ended,
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

impl Device {
    fn say(&self, what: &str) {
        println!("{} {what}", self.phone);
    }

    fn connect(&self, phone: Phone) -> io::Result<Session> {
        Session::new(TcpStream::connect(&self.address)?, phone)
    }

    /// Registers, and does what one who is registered does.
    fn log_in(&mut self) -> io::Result<Session> {
        let mut session = self.connect(self.phone)?;
        // Province, city, manufacturer, model, number and colour of the plate.
        let vehicle = [&[0, 11, 0, 100], &b"WIREW"[..], b"DEVICE\0\0\0\0\0\0\0\0\0\0\0\0\0\0", b"0000001", &[1]];
        let request = session.send(REGISTRATION, &[&vehicle.concat(), &self.plate[..]].concat())?.to_be_bytes();
        self.code = loop {
            match session.receive()? {
                Some(Message { id: REGISTERED, body, .. }) if body[..3] == [request[0], request[1], SUCCESS] => {
                    break body[3..].to_vec();
                }
                Some(Message { id, body, .. }) => panic!("registered? {id:04x} {body:02x?}"),
                None => self.ends_alone(),
            }
        };
        self.authenticate(session)
    }

    /// Says that it is the one that was registered, and reports where it is.
    fn authenticate(&mut self, mut session: Session) -> io::Result<Session> {
        let code = self.code.clone();
        assert_eq!(self.result(&mut session, AUTHENTICATION, &code)?, SUCCESS);
        for _ in 0..REPORTS {
            assert_eq!(self.result(&mut session, POSITION, &HERE)?, SUCCESS);
        }
        assert_eq!(self.result(&mut session, HEART_BEAT, &[])?, SUCCESS);
        self.say("online");
        Ok(session)
    }

    /// Sends a message, and gives what the platform thinks of it. Commands may come in between.
    fn result(&mut self, session: &mut Session, id: u16, body: &[u8]) -> io::Result<u8> {
        let serial = session.send(id, body)?.to_be_bytes();
        loop {
            match session.receive()? {
                Some(Message { id: ANSWER_OF_PLATFORM, body, .. }) if body[..2] == serial => {
                    assert_eq!((&body[2..4], body.len()), (&id.to_be_bytes()[..], 5));
                    return Ok(body[4]);
                }
                Some(message) => self.obey(session, &message)?,
                None => self.ends_alone(),
            }
        }
    }

    /// Does what it is told until the platform ends that.
    fn go_on(&mut self, mut session: Session) -> io::Result<()> {
        loop {
            match session.receive()? {
                Some(message) => self.obey(&mut session, &message)?,
                None => {
                    self.ends_alone();
                    session.send(HEART_BEAT, &[])?;
                }
            }
        }
    }

    fn ends_alone(&self) {
        if parent_id() != self.parent {
            process::exit(1);
        }
    }

    fn obey(&mut self, session: &mut Session, message: &Message) -> io::Result<()> {
        let is_ours = message.phone == self.phone || self.manner == Manner::Lies;
        assert!(is_ours, "a message for {}", message.phone);
        match message.id {
            QUERY => {
                assert_eq!(message.body, []);
                self.queries.times += 1;
                self.say("query");
                match self.manner {
                    Manner::Honest => self.tell_parameters(session, message.serial, self.queries.times)?,
                    Manner::Silent => {}
                    Manner::Lies => self.lie_of_parameters(session, message.serial)?,
                }
            }
            TEXT => {
                let (_flag, text) = message.body.split_first().expect("a flag");
                self.texts.times += 1;
                self.say(&format!("text {}", gbk::text_of(text)));
                match self.manner {
                    Manner::Honest => confirm(session, message.serial, SUCCESS)?,
                    Manner::Silent => {}
                    Manner::Lies => self.lie_of_text(session, message.serial)?,
                }
            }
            ANSWER_OF_PLATFORM if self.manner == Manner::Lies => {}
            ANSWER_OF_PLATFORM => assert_eq!(message.body[4], SUCCESS, "{:02x?}", message.body),
            id => panic!("a message {id:04x}"),
        }
        Ok(())
    }

    /// Heart-beat interval, mileage and plate. The mileage tells whose it is, and of the how manieth query.
    fn tell_parameters(&self, session: &mut Session, serial: u16, query: u32) -> io::Result<()> {
        let mileage = self.phone.mileage(query);
        let parameters: [(u32, &[u8]); 3] =
            [(0x0001, &60_u32.to_be_bytes()), (0x0080, &mileage.to_be_bytes()), (0x0083, &self.plate)];
        let mut body = [&serial.to_be_bytes()[..], &[parameters.len() as u8]].concat();
        for (id, value) in parameters {
            body.extend([&id.to_be_bytes()[..], &[value.len() as u8], value].concat());
        }
        session.send(PARAMETERS, &body).map(drop)
    }

    /// Whoever is registered keeps its code, and need not register again.
    fn reconnect(&mut self) -> io::Result<()> {
        let mut session = self.log_in()?;
        for _ in 1..LOGINS {
            drop(session);
            session = self.authenticate(self.connect(self.phone)?)?;
        }
        self.go_on(session)
    }

    fn vanish(&mut self) -> io::Result<()> {
        let mut session = self.log_in()?;
        self.send_half(&mut session)
    }

    /// To close a connection while something is unread resets it.
    fn abort(&mut self) -> io::Result<()> {
        let mut session = self.log_in()?;
        session.send(HEART_BEAT, &[])?;
        session.stream.peek(&mut [0]).map(drop)
    }

    fn stall(&mut self) -> io::Result<()> {
        let mut session = self.log_in()?;
        self.send_half(&mut session)?;
        self.say("stalls");
        loop {
            thread::sleep(BEAT);
            self.ends_alone();
        }
    }

    fn send_half(&self, session: &mut Session) -> io::Result<()> {
        let frame = frame(&session.message(POSITION, &HERE).bytes());
        session.stream.write_all(&frame[..frame.len() / 2])
    }
}

/// Elsewhere nobody is said to start devices.
#[cfg(not(unix))]
fn parent_id() -> u32 {
    0
}

/// The general answer to a text.
fn confirm(session: &mut Session, serial: u16, result: u8) -> io::Result<()> {
    let body = [&serial.to_be_bytes()[..], &TEXT.to_be_bytes(), &[result]].concat();
    session.send(ANSWER_OF_DEVICE, &body).map(drop)
}
