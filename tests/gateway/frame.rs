//! Messages of JT/T 808-2013 and the frames that carry them, read and written as the standard has it, and without wirework:
//! what a device says is to prove the gateway right, not that wirework agrees with itself.
//!
//! Whoever sends a frame that the standard does not allow is told so by a panic. Sections are those of the standard.

#![allow(dead_code, reason = "each program takes what it needs")]

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub(crate) const ANSWER_OF_DEVICE: u16 = 0x0001;
pub(crate) const HEART_BEAT: u16 = 0x0002;
pub(crate) const REGISTRATION: u16 = 0x0100;
pub(crate) const AUTHENTICATION: u16 = 0x0102;
pub(crate) const PARAMETERS: u16 = 0x0104;
pub(crate) const POSITION: u16 = 0x0200;
pub(crate) const ANSWER_OF_PLATFORM: u16 = 0x8001;
pub(crate) const REGISTERED: u16 = 0x8100;
pub(crate) const QUERY: u16 = 0x8104;
pub(crate) const TEXT: u16 = 0x8300;

pub(crate) const SUCCESS: u8 = 0;
pub(crate) const FAILURE: u8 = 1;

/// How often a device that has nothing to say gives a sign of life.
pub(crate) const BEAT: Duration = Duration::from_secs(10);

const MARK: u8 = 0x7E;
const HEADER_LEN: usize = 12;

/// A phone number, of twelve digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phone(pub(crate) [u8; 6]);

impl Phone {
    pub(crate) fn new(digits: &str) -> Self {
        let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits");
        assert_eq!(digits.len(), 12);
        Self([0, 2, 4, 6, 8, 10].map(pair))
    }

    pub(crate) fn last_four(self) -> u32 {
        let digits = self.0[4..].iter().flat_map(|pair| [pair >> 4, pair & 0x0F]);
        digits.fold(0, |number, digit| 10 * number + u32::from(digit))
    }

    /// What the device with this number says is its mileage when it is asked for the how manieth time.
    pub(crate) fn mileage(self, query: u32) -> u32 {
        100_000 * self.last_four() + query
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|pair| write!(f, "{pair:02x}"))
    }
}

/// A message (section 4.4.3).
pub(crate) struct Message {
    pub(crate) id: u16,
    pub(crate) phone: Phone,
    pub(crate) serial: u16,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.body.len()).expect("a short body");
        let header = [&self.id.to_be_bytes(), &length.to_be_bytes(), &self.phone.0[..], &self.serial.to_be_bytes()];
        [&header.concat()[..], &self.body].concat()
    }

    fn parse(bytes: &[u8]) -> Self {
        let (header, body) = bytes.split_at_checked(HEADER_LEN).unwrap_or_else(|| panic!("no header: {bytes:02x?}"));
        let [id, attributes, p0, p1, p2, serial] = [0, 2, 4, 6, 8, 10].map(|at| [header[at], header[at + 1]]);
        let phone = Phone([p0, p1, p2].concat().try_into().expect("six bytes"));
        let [id, attributes, serial] = [id, attributes, serial].map(u16::from_be_bytes);
        assert_eq!(usize::from(attributes), body.len(), "the length of a body, and no encryption: {bytes:02x?}");
        Self { id, phone, serial, body: body.to_vec() }
    }
}

/// Bytes between marks, with their check (section 4.4.2).
pub(crate) fn frame(content: &[u8]) -> Vec<u8> {
    marked(&[content, &[check(content)]].concat())
}

pub(crate) fn check(content: &[u8]) -> u8 {
    content.iter().fold(0, |check, byte| check ^ byte)
}

pub(crate) fn marked(content: &[u8]) -> Vec<u8> {
    let mut frame = vec![MARK];
    for byte in content {
        match byte {
            0x7D => frame.extend([0x7D, 0x01]),
            0x7E => frame.extend([0x7D, 0x02]),
            _ => frame.push(*byte),
        }
    }
    frame.push(MARK);
    frame
}

fn unframe(escaped: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        content.push(match (byte, (*byte == 0x7D).then(|| bytes.next())) {
            (byte, None) => *byte,
            (_, Some(Some(0x01))) => 0x7D,
            (_, Some(Some(0x02))) => 0x7E,
            _ => panic!("a wrong escape: {escaped:02x?}"),
        });
    }
    assert_eq!(check(&content), 0, "a wrong check: {escaped:02x?}");
    content.pop();
    content
}

/// Takes the first frame away, whose end mark may be the begin mark of the next.
fn cut(unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    let begin = unread.iter().position(|byte| *byte != MARK)?;
    assert!(begin > 0, "no mark: {unread:02x?}");
    let length = unread[begin..].iter().position(|byte| *byte == MARK)?;
    let content = unframe(&unread[begin..begin + length]);
    unread.drain(..begin + length);
    Some(content)
}

/// A connection, and who says something on this side of it.
pub(crate) struct Session {
    pub(crate) stream: TcpStream,
    pub(crate) phone: Phone,
    unread: Vec<u8>,
    serial: u16,
}

impl Session {
    pub(crate) fn new(stream: TcpStream, phone: Phone) -> io::Result<Self> {
        stream.set_read_timeout(Some(BEAT))?;
        Ok(Self { stream, phone, unread: Vec::new(), serial: 0 })
    }

    /// What has come since the last whole frame, from its end mark on.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// The next message has this serial number.
    pub(crate) fn serial(&mut self, serial: u16) {
        self.serial = serial;
    }

    /// Sends a message, and gives its serial number.
    pub(crate) fn send(&mut self, id: u16, body: &[u8]) -> io::Result<u16> {
        let message = self.message(id, body);
        self.stream.write_all(&frame(&message.bytes()))?;
        Ok(message.serial)
    }

    /// The next message, not sent yet.
    pub(crate) fn message(&mut self, id: u16, body: &[u8]) -> Message {
        let serial = self.serial;
        self.serial = serial.wrapping_add(1);
        Message { id, phone: self.phone, serial, body: body.to_vec() }
    }

    /// Waits for a message, or until it is time for a sign of life. The other side's end is an error.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Message>> {
        loop {
            if let Some(content) = cut(&mut self.unread) {
                return Ok(Some(Message::parse(&content)));
            }
            let mut bytes = [0; 1024];
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.unread.extend(&bytes[..read]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        let content = [0x30, 0x7E, 0x08, 0x7D, 0x55];
        let wire = [0x7E, 0x30, 0x7D, 0x02, 0x08, 0x7D, 0x01, 0x55, 0x7E];
        assert_eq!(marked(&content), wire, "section 4.4.2, where it has no check");
        let mut unread = frame(&content);
        assert_eq!(cut(&mut unread).as_deref(), Some(&content[..]));
        assert_eq!(unread, [0x7E], "which may begin the next frame");
        assert_eq!(cut(&mut unread), None);
    }
}
