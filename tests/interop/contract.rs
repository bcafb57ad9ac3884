//! What all server examples have in common.

use std::net::TcpListener;
use std::process::Command;

use crate::process::{Process, Server, example};
use crate::python::Python;

macro_rules! contract {
    ($($example:ident)*) => {
        const EXAMPLES: &[&str] = &[$(stringify!($example)),*];

        $(mod $example {
            const NAME: &str = stringify!($example);

            #[test]
            fn listens_where_its_first_argument_says_and_tells_the_real_port() {
                super::listens_where_its_first_argument_says_and_tells_the_real_port(NAME);
            }

            #[test]
            fn on_sigterm_stops_listening_lets_open_conversations_go_on_and_exits_0() {
                super::stops_listening_lets_open_conversations_go_on_and_exits_0(NAME, "SIGTERM");
            }

            #[test]
            fn on_sigint_stops_listening_lets_open_conversations_go_on_and_exits_0() {
                super::stops_listening_lets_open_conversations_go_on_and_exits_0(NAME, "SIGINT");
            }

            #[test]
            fn a_port_in_use_is_one_line_that_names_the_address_and_the_cause_and_a_failure() {
                super::a_port_in_use_is_one_line_that_names_the_address_and_the_cause_and_a_failure(NAME);
            }
        })*
    };
}

contract! { reply echo_raw echo_lines echo_length gbk_lines json_length chat switch }

fn listens_where_its_first_argument_says_and_tells_the_real_port(name: &str) {
    let Some(python) = Python::find() else { return };
    let server = Server::example(name);
    let port: u16 = server.address.strip_prefix("127.0.0.1:").expect("the address that was given").parse().unwrap();
    assert_ne!(port, 0);
    python.check("contract.talks", &server.address, &[name]).unwrap();
}

fn stops_listening_lets_open_conversations_go_on_and_exits_0(name: &str, signal: &str) {
    let Some(python) = Python::find() else { return };
    let server = Server::example(name);
    let check = "contract.open_conversations_go_on_after_a_signal";
    python.check(check, &server.address, &[name, &server.pid(), signal]).unwrap();
    let ended = server.process.ended();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), vec![]));
}

fn a_port_in_use_is_one_line_that_names_the_address_and_the_cause_and_a_failure(name: &str) {
    let first = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = first.local_addr().unwrap().to_string();
    let mut second = example(name);
    second.arg(&address);
    is_refused(second, &address);
}

fn is_refused(command: Command, address: &str) {
    let ended = Process::start(command).ended();
    assert!(ended.status.code().is_some_and(|code| code != 0), "{ended:?}");
    assert_eq!(ended.stdout, [""; 0]);
    let [line] = &ended.stderr[..] else { panic!("{ended:?}") };
    assert!(line.contains(address) && line.contains("Address already in use"), "{line}");
}

/// Shown without listening to the world: the port is taken.
#[test]
fn the_default_is_port_7788_of_every_interface() {
    // Should somebody have it already, so much the better.
    let _taken = TcpListener::bind("127.0.0.1:7788");
    for name in EXAMPLES {
        is_refused(example(name), "0.0.0.0:7788");
    }
}

// Elsewhere a process may not have so many open.
#[cfg(target_os = "linux")]
#[test]
fn connections_that_wait_to_be_accepted_when_the_signal_comes_are_served() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    let check = "contract.connections_that_wait_are_served_after_a_signal";
    python.check(check, &server.address, &[&server.pid()]).unwrap();
    let ended = server.process.ended();
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), vec![]));
}

#[test]
fn a_second_signal_ends_a_program_that_waits_for_its_conversations() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("contract.a_second_signal_cuts_conversations_off", &server.address, &[&server.pid()]).unwrap();
    assert_eq!(server.process.ended().status.code(), Some(130));
}
