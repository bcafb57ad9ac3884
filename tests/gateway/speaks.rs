//! What a device does by itself, before a platform that says what each test has it say: its bytes are those of the standard,
//! and it does the harm that it says it does.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use crate::PATIENCE;
use crate::fleet::Fleet;
use crate::frame::{
    ANSWER_OF_DEVICE, ANSWER_OF_PLATFORM, AUTHENTICATION, FAILURE, HEART_BEAT, Message, PARAMETERS, Phone, QUERY,
    REGISTERED, REGISTRATION, SUCCESS, Session, TEXT,
};

const PHONE: &str = "138001380001";
const VICTIM: &str = "138001380002";
const PLATE: &str = "京A12345";

/// A device, and where it is about to connect to.
fn started(behaviour: &str) -> (Fleet, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut fleet = Fleet::new(&listener.local_addr().unwrap().to_string());
    fleet.start(PHONE, PLATE, behaviour);
    (fleet, listener)
}

fn accept(listener: &TcpListener, phone: &str) -> Session {
    Session::new(listener.accept().unwrap().0, Phone::new(phone)).unwrap()
}

/// Waits for the next message.
fn hear(session: &mut Session) -> Message {
    session.receive().unwrap().expect("a message in time")
}

fn confirm(session: &mut Session, message: &Message, result: u8) {
    let body = [&message.serial.to_be_bytes()[..], &message.id.to_be_bytes(), &[result]].concat();
    session.send(ANSWER_OF_PLATFORM, &body).unwrap();
}

/// Lets a device log in, up to its first sign of life.
fn log_in(listener: &TcpListener) -> Session {
    let mut session = accept(listener, PHONE);
    loop {
        let message = hear(&mut session);
        match message.id {
            REGISTRATION => {
                let body = [&message.serial.to_be_bytes()[..], &[SUCCESS], b"code"].concat();
                session.send(REGISTERED, &body).unwrap();
            }
            _ => confirm(&mut session, &message, SUCCESS),
        }
        if message.id == HEART_BEAT {
            return session;
        }
    }
}

/// How it ends, after no further message.
fn end(session: &mut Session) -> ErrorKind {
    match session.receive() {
        Ok(message) => panic!("a message {:04x?}", message.map(|message| message.id)),
        Err(error) => error.kind(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn expect(stream: &mut TcpStream, wire: &str) {
    let mut bytes = vec![0; wire.len() / 2];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(hex(&bytes), wire);
}

#[test]
fn an_honest_device_speaks_as_the_standard_has_it() {
    let (fleet, listener) = started("honest");
    let mut stream = listener.accept().unwrap().0;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // What it says, and what it is answered: marks and escapes are in the authentication code, a serial number and a text.
    let talk = [
        (
            "7E0100002D1380013800010000000B0064574952455744455649434500000000000000000000000000003030303030303101BEA9413132333435F97E",
            "7E810000091380013800017D017D020000007D02636F64657D012E7E",
        ),
        ("7E0102000613800138000100017D02636F64657D01A17E", "7E80010005138001380001000100010102002C7E"),
        (
            "7E0200001C1380013800010002000000000000000302627D027D0106EE7D0101007D020258005A261126080000247E",
            "7E80010005138001380001000200020200002D7E",
        ),
        (
            "7E0200001C1380013800010003000000000000000302627D027D0106EE7D0101007D020258005A261126080000257E",
            "7E80010005138001380001000300030200002D7E",
        ),
        ("7E000200001380013800010004AD7E", "7E80010005138001380001000400040002002D7E"),
    ];
    for (says, is_answered) in talk {
        expect(&mut stream, says);
        stream.write_all(&unhex(is_answered)).unwrap();
    }
    fleet.until(PHONE, "online", 1);
    stream.write_all(&unhex("7E8300000A138001380001007D01018696EE7D013A20F47D027D02337E")).unwrap();
    expect(&mut stream, "7E000100051380013800010005007D01830000547E");
    // Two frames may share a mark, and come in pieces.
    stream.write_all(&unhex("7E8300000A138001380001007D01018696EE7D013A20F47D027D02337E81")).unwrap();
    expect(&mut stream, "7E000100051380013800010006007D01830000577E");
    stream.write_all(&unhex("0400001380013800017D027D012D7E")).unwrap();
    expect(
        &mut stream,
        "7E0104002213800138000100077D027D010300000001040000003C0000008004000186A10000008308BEA9413132333435FC7E",
    );
    drop(stream);
    fleet.until(PHONE, "closed", 1);
    assert_eq!(fleet.printed(PHONE), ["online", "text 問題: 魚~", "text 問題: 魚~", "query", "closed"]);
}

#[test]
fn what_the_platform_may_not_say_is_complained_of() {
    let wrong = [
        ("7E810400001380013800010000007E", "a wrong check"),
        ("7E8104000113800138000100002F7E", "the length of a body"),
        ("7E8104000013800138000100007D037E", "a wrong escape"),
        ("7E8104000013800138000200002D7E", "a message for 138001380002"),
        ("7E81040000857E", "no header"),
    ];
    for (wire, complaint) in wrong {
        let (fleet, listener) = started("honest");
        let mut session = log_in(&listener);
        session.stream.write_all(&unhex(wire)).unwrap();
        let complains = fleet.complains();
        assert!(complains.contains(complaint), "{complains}");
    }
}

#[test]
fn one_that_is_silent_hears_and_says_nothing() {
    let (fleet, listener) = started("silent");
    let mut session = log_in(&listener);
    session.send(QUERY, &[]).unwrap();
    session.send(TEXT, b"\x01hello").unwrap();
    fleet.until(PHONE, "text hello", 1);
    session.stream.shutdown(Shutdown::Write).unwrap();
    fleet.until(PHONE, "closed", 1);
    assert_eq!(end(&mut session), ErrorKind::UnexpectedEof);
    assert_eq!(fleet.printed(PHONE), ["online", "query", "text hello", "closed"]);
}

#[test]
fn one_that_reconnects_comes_three_times() {
    let (fleet, listener) = started("reconnects");
    assert_eq!(end(&mut log_in(&listener)), ErrorKind::UnexpectedEof);
    for ends in [false, true] {
        let mut session = accept(&listener, PHONE);
        let message = hear(&mut session);
        assert_eq!((message.id, &message.body[..]), (AUTHENTICATION, &b"code"[..]));
        confirm(&mut session, &message, SUCCESS);
        for _ in 0..3 {
            let message = hear(&mut session);
            confirm(&mut session, &message, SUCCESS);
        }
        if !ends {
            assert_eq!(end(&mut session), ErrorKind::UnexpectedEof);
        }
    }
    fleet.until(PHONE, "closed", 1);
}

#[test]
fn one_that_vanishes_leaves_half_a_frame() {
    let (_fleet, listener) = started("vanishes");
    let mut session = log_in(&listener);
    assert_eq!(end(&mut session), ErrorKind::UnexpectedEof);
    // Behind the end mark of the frame before it.
    assert_eq!(hex(session.unread()), "7E7E0200001C138001380001000500000000000000030262");
}

#[test]
fn one_that_aborts_leaves_a_reset() {
    let (_fleet, listener) = started("aborts");
    let mut session = log_in(&listener);
    let beat = hear(&mut session);
    confirm(&mut session, &beat, SUCCESS);
    assert_eq!(end(&mut session), ErrorKind::ConnectionReset);
}

#[test]
fn one_that_stalls_stays_and_reads_nothing() {
    let (fleet, listener) = started("stalls");
    let mut session = log_in(&listener);
    fleet.until(PHONE, "stalls", 1);
    expect(&mut session.stream, "7E0200001C138001380001000500000000000000030262");
    session.stream.set_nonblocking(true).unwrap();
    // It is full some day, which it would never be if somebody read.
    while session.stream.write(&[0; 65536]).is_ok() {}
    assert!(session.receive().unwrap().is_none(), "it neither speaks nor is gone");
}

#[test]
fn one_that_lies_sends_what_nobody_may_send() {
    let (fleet, listener) = started(&format!("lies {VICTIM}"));
    let mut stranger = accept(&listener, VICTIM);
    for id in [0x0002, 0x0200, 0x0102] {
        let message = hear(&mut stranger);
        assert_eq!((message.id, message.phone.to_string()), (id, VICTIM.to_owned()));
        confirm(&mut stranger, &message, FAILURE);
    }
    let lies = [
        "7E0200001C1380013800017D017D02000000000000000302627D027D0106EE7D0101007D020258005A261126080000DA7E",
        "7E000200051380013800017D017D02AF7E",
        "7E000200001380013800017D017D026578747261D07E",
        "7E0002000013117E",
        "7E0200001B1380013800017D017D02000000000000000302627D027D0106EE7D0101007D020258005A2611260800227E",
        "7E0FFF00011380013800017D017D023F667E",
        "7E000200021380013800017D7E7D057E",
        "7E0104000B1380013800017D017D027D017D02C800000080FF040004127E",
        "7E0200001C1380013800027D017D02000000000000000302627D027D0106EE7D0101007D020258005A261126080000267E",
    ];
    for lie in lies {
        let mut session = log_in(&listener);
        expect(&mut session.stream, &format!("{lie}7E000200001380013800010005AC7E"));
    }
    let mut session = log_in(&listener);
    fleet.until(PHONE, "lies", 1);
    let printed = fleet.printed(PHONE);
    assert_eq!(printed.iter().filter(|line| line.ends_with(": is closed")).count(), lies.len(), "{printed:?}");

    // Of what it is told twice, it answers the second; and the first, too late; and what nobody asked, or not so.
    let nobodys = |serial: u16| (1..=5).flat_map(move |n| [serial + n, serial - n]);
    let told = |serial: u16, query| (PARAMETERS, serial, Phone::new(PHONE).mileage(query));
    let confirmed = |serial: u16, result: u8| (ANSWER_OF_DEVICE, serial, result.into());
    let lies_of = |serial| nobodys(serial).map(move |serial| told(serial, 99_999)).chain([confirmed(serial, FAILURE)]);
    let answers = lies_of(10).chain(lies_of(11)).chain([told(10, 1), told(11, 2), told(11, 2)]);
    tell(&mut session, QUERY, &[], [10, 11]);
    answers.for_each(|answer| assert_eq!(hear_answer(&mut session), answer));
    for n in 0..32 {
        let message = hear(&mut stranger);
        let id = if n % 2 == 0 { PARAMETERS } else { ANSWER_OF_DEVICE };
        assert_eq!((message.id, message.phone.to_string()), (id, VICTIM.to_owned()));
        assert_eq!(message.body[..2], [0, n % 16 / 2]);
    }
    let lies_of = |serial| nobodys(serial).map(move |serial| confirmed(serial, FAILURE)).chain([told(serial, 99_999)]);
    let in_time = [confirmed(20, FAILURE), confirmed(21, SUCCESS), confirmed(21, FAILURE)];
    tell(&mut session, TEXT, b"\x01hello", [20, 21]);
    lies_of(20).chain(lies_of(21)).chain(in_time).for_each(|answer| assert_eq!(hear_answer(&mut session), answer));
}

/// Tells a device something twice.
fn tell(session: &mut Session, id: u16, body: &[u8], serials: [u16; 2]) {
    for serial in serials {
        session.serial(serial);
        session.send(id, body).unwrap();
    }
}

/// What is answered, to which message, and the mileage or the result.
fn hear_answer(session: &mut Session) -> (u16, u16, u32) {
    let Message { id, body, .. } = hear(session);
    let number = |at: usize| u32::from_be_bytes(body[at..at + 4].try_into().unwrap());
    let said = match id {
        PARAMETERS => {
            assert_eq!((number(3), number(12)), (0x0001, 0x0080));
            number(17)
        }
        _ => {
            assert_eq!((body.len(), &body[2..4]), (5, &TEXT.to_be_bytes()[..]));
            body[4].into()
        }
    };
    (id, u16::from_be_bytes([body[0], body[1]]), said)
}
