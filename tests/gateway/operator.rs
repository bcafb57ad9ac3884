//! Who commands devices: lines of UTF-8, of the standard library alone.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;

use crate::PATIENCE;

pub(crate) struct Operator(BufReader<TcpStream>);

impl Operator {
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("operators are served");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not 0");
        Self(BufReader::new(stream))
    }

    /// Says a line, and gives the one that comes back, or why there is none.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.say(line).and_then(|()| self.hear()).unwrap_or_else(|error| format!("{line}: {error}"))
    }

    /// The devices, a line each, without the count behind them, which is right.
    pub(crate) fn devices(&mut self) -> Vec<String> {
        self.say("devices").unwrap();
        let mut devices = Vec::new();
        loop {
            let line = self.hear().unwrap();
            if line.starts_with('.') {
                assert_eq!(line, format!(". {} devices", devices.len()));
                return devices;
            }
            devices.push(line);
        }
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{line}\n").as_bytes())
    }

    fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let line = line.strip_suffix('\n').ok_or(ErrorKind::UnexpectedEof)?;
        Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }
}
