//! The servers of `examples/protocols` and the clients that others wrote, directly and through a relay that cuts the stream
//! anew; and servers with which each client must fail.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::process::Server;
use crate::python::{Python, Talk};
use crate::relay::{Cut, relay};

macro_rules! protocols {
    ($($protocol:ident $(: $cut:expr)?),* $(,)?) => {
        $(mod $protocol {
            use super::*;

            const NAME: &str = stringify!($protocol);

            #[test]
            fn directly() {
                holds(NAME, None);
            }

            $(
                #[test]
                fn in_other_pieces() {
                    holds(NAME, Some($cut));
                }
            )?

            #[test]
            fn fails_where_nothing_is_answered() {
                fails(NAME, |mut client| drop(std::io::copy(&mut client, &mut std::io::sink())));
            }

            #[test]
            fn fails_where_connections_are_closed_at_once() {
                fails(NAME, |_| {});
            }

            #[test]
            fn fails_where_bytes_come_back() {
                fails(NAME, |mut client| {
                    let mut buffer = [0; 4096];
                    while let Ok(read @ 1..) = client.read(&mut buffer) {
                        if client.write_all(&buffer[..read]).is_err() {
                            return;
                        }
                    }
                });
            }

            #[test]
            fn the_server_stops_as_all_examples_do() {
                stops(NAME);
            }
        })*
    };
}

// One that is read once, and one whose client takes what one read gives for the whole answer, cannot be cut.
protocols! {
    gbk_tutorial,
    redis: Cut::Both,
    smtp_swaks: Cut::Both,
    modbus_tcp: Cut::Both,
    mqtt: Cut::Both,
    hl7_mllp: Cut::ToServer,
    erlang_packet4: Cut::Both,
    syslog_tcp: Cut::Both,
    dns_tcp: Cut::Both,
    jt808: Cut::Both,
    lsp_jsonrpc: Cut::Both,
    postgres: Cut::Both,
    nats: Cut::Both,
    bank8_gbk_xml: Cut::Both,
}

/// How long, in seconds, a client waits for what has to come, and for what never comes.
const PATIENCE: &str = "20";
const LITTLE_PATIENCE: &str = "1";

fn holds(protocol: &str, cut: Option<Cut>) {
    let Some(python) = Python::find() else { return };
    let server = Server::example(protocol);
    let address = cut.map_or_else(|| server.address.clone(), |cut| relay(&server.address, cut));
    match python.talk(&format!("protocols.{protocol}.check"), &address, PATIENCE) {
        Talk::Held(printed) => {
            let mut lines: Vec<String> = printed.iter().map(|_| server.process.stdout.next()).collect();
            for expected in &printed {
                let found = lines.iter().position(|line| matches(line, expected));
                lines.remove(found.unwrap_or_else(|| panic!("the server has not printed {expected}, but {lines:?}")));
            }
        }
        Talk::Failed(failure) => panic!("{failure:?}"),
        Talk::Missing => {}
    }
}

/// Whether `line` is what is expected, in which one `*` may stand for anything.
fn matches(line: &str, expected: &str) -> bool {
    match expected.split_once('*') {
        Some((before, behind)) => line.strip_prefix(before).is_some_and(|rest| rest.ends_with(behind)),
        None => line == expected,
    }
}

/// The client must notice that this server does not know the protocol; one that is not answered, that it prints nothing.
fn fails(protocol: &str, talk: fn(TcpStream)) {
    let Some(python) = Python::find() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it listens").to_string();
    // It ends with the tests.
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || talk(client));
        }
    });
    if let Talk::Held(printed) = python.talk(&format!("protocols.{protocol}.check"), &address, LITTLE_PATIENCE) {
        assert!(!printed.is_empty(), "the client of {protocol} is content");
    }
}

fn stops(protocol: &str) {
    let Some(python) = Python::find() else { return };
    let server = Server::example(protocol);
    python.check("contract.an_open_conversation_may_end_after_a_signal", &server.address, &[&server.pid()]).unwrap();
    let ended = server.process.ended();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), vec![]));
}
