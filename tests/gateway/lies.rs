//! Lies of a device. None of them may be believed, and none may harm anybody else.

use std::io::{self, Write};

use crate::frame::{
    AUTHENTICATION, FAILURE, HEART_BEAT, Message, PARAMETERS, POSITION, Phone, SUCCESS, Session, check, frame, marked,
};
use crate::{Device, HERE, confirm, is_end};

/// The how manieth query it says to answer when it answers what nobody asked.
const NOBODYS: u32 = 99_999;

impl Device {
    pub(crate) fn lie(&mut self, victim: Phone) -> io::Result<()> {
        let mut stranger = self.connect(victim)?;
        for (id, body) in [(HEART_BEAT, &[][..]), (POSITION, &HERE), (AUTHENTICATION, b"let me in")] {
            if self.result(&mut stranger, id, body)? != FAILURE {
                self.say(&format!("is believed to be another: {id:04x}"));
            }
        }
        self.stranger = Some(stranger);
        for (name, bytes) in self.malformed(victim) {
            let mut session = self.log_in()?;
            let sent = session.stream.write_all(&bytes);
            match sent.and_then(|()| self.result(&mut session, HEART_BEAT, &[])) {
                Ok(_) => self.say(&format!("{name}: goes on")),
                Err(error) if is_end(&error) => self.say(&format!("{name}: is closed")),
                Err(error) => return Err(error),
            }
        }
        let session = self.log_in()?;
        self.say("lies");
        self.go_on(session)
    }

    /// What the standard does not allow, or nobody has asked for.
    fn malformed(&self, victim: Phone) -> [(&'static str, Vec<u8>); 9] {
        let message = |phone, id, body: &[u8]| Message { id, phone, serial: 0x7D7E, body: body.to_vec() }.bytes();
        let ours = |id, body: &[u8]| message(self.phone, id, body);
        let claims = |length: u8, body: &[u8]| {
            let mut bytes = ours(HEART_BEAT, body);
            bytes[3] = length;
            frame(&bytes)
        };
        let position = ours(POSITION, &HERE);
        let beyond = [&[0x7D, 0x7E, 200][..], &0x0080_u32.to_be_bytes(), &[255, 4, 0, 4]].concat();
        [
            ("wrong check", marked(&[&position[..], &[!check(&position)]].concat())),
            ("less than its length", claims(5, &[])),
            ("more than its length", claims(0, b"extra")),
            ("half a header", frame(&ours(HEART_BEAT, &[])[..5])),
            ("half a position", frame(&ours(POSITION, &HERE[..27]))),
            ("no such message", frame(&ours(0x0FFF, b"?"))),
            ("no such escape", [&[0x7E][..], &ours(HEART_BEAT, &[0x7D, 0x05]), &[0x7E]].concat()),
            ("parameters beyond their end", frame(&ours(PARAMETERS, &beyond))),
            ("a position of another", frame(&message(victim, POSITION, &HERE))),
        ]
    }

    /// Answers every other query, after the one before it; and says twice what it says.
    pub(crate) fn lie_of_parameters(&mut self, session: &mut Session, serial: u16) -> io::Result<()> {
        for nobodys in near(serial) {
            self.tell_parameters(session, nobodys, NOBODYS)?;
        }
        // What it is asked is no text.
        confirm(session, serial, FAILURE)?;
        if let Some(mut stranger) = self.stranger.take() {
            for serial in 0..8 {
                self.tell_parameters(&mut stranger, serial, NOBODYS)?;
                confirm(&mut stranger, serial, FAILURE)?;
            }
            self.stranger = Some(stranger);
        }
        let times = self.queries.times;
        if times.is_multiple_of(2) {
            self.tell_parameters(session, self.queries.before, times - 1)?;
            self.tell_parameters(session, serial, times)?;
            self.tell_parameters(session, serial, times)?;
        }
        self.queries.before = serial;
        Ok(())
    }

    /// The same with texts, of which only those that it confirms in time succeed.
    pub(crate) fn lie_of_text(&mut self, session: &mut Session, serial: u16) -> io::Result<()> {
        for nobodys in near(serial) {
            confirm(session, nobodys, FAILURE)?;
        }
        self.tell_parameters(session, serial, NOBODYS)?;
        if self.texts.times.is_multiple_of(2) {
            confirm(session, self.texts.before, FAILURE)?;
            confirm(session, serial, SUCCESS)?;
            confirm(session, serial, FAILURE)?;
        }
        self.texts.before = serial;
        Ok(())
    }
}

fn near(serial: u16) -> impl Iterator<Item = u16> {
    (1..=5).flat_map(move |n| [serial.wrapping_add(n), serial.wrapping_sub(n)])
}
