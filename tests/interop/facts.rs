//! What TCP promises to who writes a server: the tutorial's remarks.

use crate::process::Server;
use crate::python::Python;

#[test]
fn a_client_needs_no_bind_the_system_picks_its_port() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("facts.the_system_picks_the_port_of_a_client", &server.address, &[]).unwrap();
}

#[test]
fn several_clients_are_served_at_once_whoever_of_them_is_silent() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("facts.clients_take_turns", &server.address, &[]).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_listening_socket_is_passive_and_each_accepted_stream_is_a_socket_of_its_own() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("facts.every_client_has_a_socket_beside_the_listening_one", &server.address, &[]).unwrap();
}

#[test]
fn closing_the_listening_socket_refuses_new_clients_and_those_connected_go_on() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    let pid = server.pid();
    python.check("facts.only_those_connected_go_on", &server.address, &[&pid]).unwrap();
    let ended = server.process.ended();
    assert!(ended.status.success(), "{ended:?}");
}

#[test]
fn closing_an_accepted_socket_ends_that_client_alone() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_length");
    python.check("facts.one_is_closed_and_the_other_goes_on", &server.address, &[]).unwrap();
}

#[test]
fn when_the_client_closes_receive_returns_zero_bytes_and_the_server_closes_too() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("facts.an_end_is_answered_by_an_end", &server.address, &[]).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn of_clients_that_are_gone_nothing_stays_open() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("facts.as_many_descriptors_as_before", &server.address, &[&server.pid()]).unwrap();
}
