//! Version 1: a line of text.
//!
//! ```text
//! PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 CR LF
//! PROXY TCP6 2001:db8::1 2001:db8::2 56324 443 CR LF
//! PROXY UNKNOWN, and whatever else, CR LF
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::header::{Header, Look, Origin, Pair, Version, Wrong};
use crate::Address;

pub(super) const SIGNATURE: &[u8] = b"PROXY ";

/// `PROXY UNKNOWN` and its line end.
pub(super) const SHORTEST: usize = 15;

/// With the line end, as the specification says.
const LONGEST: usize = 107;

pub(super) fn look(bytes: &[u8]) -> Result<Look, Wrong> {
    let wrong = |why| Err(Wrong::V1(why, bytes.to_vec()));
    let Some(end) = bytes.iter().position(|&byte| byte == b'\r' || byte == b'\n') else {
        return match LONGEST.checked_sub(bytes.len()) {
            Some(room @ 1..) => Ok(Look::More(missing(bytes).min(room))),
            _ => wrong("it is longer than 107 bytes"),
        };
    };
    let (line, line_end) = bytes.split_at(end);
    match line_end {
        b"\r" if bytes.len() < LONGEST => Ok(Look::More(1)),
        b"\r\n" => match origin(line) {
            Ok(origin) => Ok(Look::Header(Header { version: Version::One, origin })),
            Err(why) => wrong(why),
        },
        _ => wrong("its line does not end with CR LF"),
    }
}

/// How many bytes a line without an end lacks at least: its end, and a space and a character for each of its fields.
fn missing(line: &[u8]) -> usize {
    let spaces = line.iter().filter(|&&byte| byte == b' ').count();
    let fields = if line.starts_with(b"PROXY TCP") { 5_usize.saturating_sub(spaces) } else { 0 };
    (2 * fields + 2).max(SHORTEST.saturating_sub(line.len()))
}

fn origin(line: &[u8]) -> Result<Origin, &'static str> {
    // What is behind UNKNOWN is to be ignored, and need not be text.
    if let Some(rest) = line.strip_prefix(b"PROXY UNKNOWN") {
        return if rest.is_empty() || rest.starts_with(b" ") { Ok(Origin::Unknown) } else { Err(FAMILY) };
    }
    let line = str::from_utf8(line).map_err(|_| "it is not ASCII")?;
    let mut fields = line.split(' ').skip(1);
    let mut next = || fields.next().ok_or("a field is missing");
    let (family, client, destination) = (next()?, next()?, next()?);
    let (client, destination) = match family {
        "TCP4" => (ip::<Ipv4Addr>(client)?, ip::<Ipv4Addr>(destination)?),
        "TCP6" => (ip::<Ipv6Addr>(client)?, ip::<Ipv6Addr>(destination)?),
        _ => return Err(FAMILY),
    };
    let client = SocketAddr::new(client, port(next()?)?);
    let destination = SocketAddr::new(destination, port(next()?)?);
    match fields.next() {
        None => Ok(Origin::Client(client.into(), destination.into())),
        Some(_) => Err("it has more than six fields"),
    }
}

const FAMILY: &str = "its family is neither TCP4 nor TCP6 nor UNKNOWN";

fn ip<T: FromStr + Into<IpAddr>>(field: &str) -> Result<IpAddr, &'static str> {
    field.parse::<T>().map(Into::into).map_err(|_| "an address is not one of its family")
}

fn port(field: &str) -> Result<u16, &'static str> {
    // `parse` takes a sign and leading zeros, too.
    let digits = field.bytes().all(|byte| byte.is_ascii_digit()) && (field == "0" || !field.starts_with('0'));
    field.parse().ok().filter(|_| digits).ok_or("a port is not a number up to 65535")
}

pub(super) fn encode(origin: &Origin) -> Vec<u8> {
    let line = match origin {
        Origin::Client(Address::Tcp(client), Address::Tcp(destination)) => match Pair::of(*client, *destination) {
            Pair::V4([from, to]) => format!("PROXY TCP4 {} {} {} {}\r\n", from.ip(), to.ip(), from.port(), to.port()),
            Pair::V6([from, to]) => format!("PROXY TCP6 {} {} {} {}\r\n", from.0, to.0, from.1, to.1),
        },
        _ => "PROXY UNKNOWN\r\n".to_owned(),
    };
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &[u8]) -> &'static str {
        match look(line) {
            Err(Wrong::V1(why, _)) => why,
            other => panic!("{}: {other:?}", line.escape_ascii()),
        }
    }

    #[test]
    fn a_line_is_what_the_specification_says_to_the_letter() {
        let ok = |line: &[u8]| match look(line) {
            Ok(Look::Header(header)) => header,
            other => panic!("{}: {other:?}", line.escape_ascii()),
        };
        assert_eq!(
            ok(b"PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n").client().unwrap().to_string(),
            "255.255.255.255:65535"
        );
        assert_eq!(ok(b"PROXY TCP6 2001:DB8::a ::1 1 2\r\n").destination().unwrap().to_string(), "[::1]:2");
        assert_eq!(ok(b"PROXY UNKNOWN \xFF  anything\r\n"), Header::v1_unknown());
        assert_eq!(why(b"PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"), "an address is not one of its family");
        assert_eq!(why(b"PROXY TCP4 ::1 ::1 1 2\r\n"), "an address is not one of its family");
        assert_eq!(why(b"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"), "an address is not one of its family");
        for port in ["", "00", "01", "+1", "-1", "65536", "1a"] {
            let line = format!("PROXY TCP4 192.0.2.1 192.0.2.2 {port} 2\r\n");
            assert_eq!(why(line.as_bytes()), "a port is not a number up to 65535", "{line}");
        }
        assert_eq!(why(b"PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), FAMILY);
        assert_eq!(why(b"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"), FAMILY);
        assert_eq!(why(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"), "it has more than six fields");
        assert_eq!(why(b"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"), "a field is missing");
        assert_eq!(why(b"PROXY UNKNOWNS\r\n"), FAMILY);
        assert_eq!(why(b"PROXY TCP4 \xFF 192.0.2.2 1 2\r\n"), "it is not ASCII");
        assert_eq!(why(b"PROXY UNKNOWN a\n"), "its line does not end with CR LF");
        assert_eq!(why(b"PROXY UNKNOWN a\rb"), "its line does not end with CR LF");
    }

    #[test]
    fn the_longest_line_has_107_bytes() {
        let longest = [b"PROXY UNKNOWN ", &[b'x'; 91][..], b"\r\n"].concat();
        assert_eq!((longest.len(), look(&longest)), (107, Ok(Look::Header(Header::v1_unknown()))));
        assert_eq!(look(&longest[..106]), Ok(Look::More(1)));
        let without_end = [b"PROXY UNKNOWN ", &[b'x'; 93][..]].concat();
        assert_eq!(look(&without_end[..106]), Ok(Look::More(1)));
        assert_eq!(why(&without_end), "it is longer than 107 bytes");
        let half_an_end = [b"PROXY UNKNOWN ", &[b'x'; 92][..], b"\r"].concat();
        assert_eq!((half_an_end.len(), why(&half_an_end)), (107, "its line does not end with CR LF"));
    }
}
