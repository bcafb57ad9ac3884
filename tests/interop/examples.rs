//! What each server example does.

use crate::process::{Process, Server, example};
use crate::python::Python;
#[cfg(feature = "metrics")]
use crate::python::Talk;

#[test]
fn echo_raw_sends_back_whatever_comes() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_raw");
    python.check("examples.any_bytes_come_back", &server.address, &[]).unwrap();
}

#[test]
fn echo_lines_reports_and_skips_a_malformed_line_and_echoes_the_next() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_lines");
    python.check("examples.lines_come_back_but_for_the_malformed_one", &server.address, &["utf-8"]).unwrap();
    let report = server.process.stderr.next();
    assert!(report.starts_with("127.0.0.1:") && report.contains(": skipped bad message 2"), "{report}");
}

#[test]
fn gbk_lines_reports_and_skips_a_malformed_line_and_echoes_the_next() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("gbk_lines");
    python.check("examples.lines_come_back_but_for_the_malformed_one", &server.address, &["gbk"]).unwrap();
    let report = server.process.stderr.next();
    assert!(report.starts_with("127.0.0.1:") && report.contains(": skipped bad message 2"), "{report}");
}

#[test]
fn echo_length_closes_at_a_length_beyond_its_limit_after_the_good_frames() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("echo_length");
    python.check("examples.good_frames_come_back_before_the_end", &server.address, &[]).unwrap();
    let report = server.process.stderr.next();
    assert!(report.contains("longer than 1048576 bytes"), "{report}");
}

#[test]
fn json_length_has_one_store_for_all_connections() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("json_length");
    python.check("examples.one_sets_and_the_other_gets", &server.address, &[]).unwrap();
}

#[test]
fn json_length_answers_a_malformed_request_with_an_error_and_goes_on() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("json_length");
    python.check("examples.a_malformed_request_is_answered", &server.address, &[]).unwrap();
}

#[test]
fn chat_sends_what_somebody_says_to_everybody() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("chat");
    python.check("examples.everybody_hears_what_somebody_says", &server.address, &[]).unwrap();
    let report = server.process.stderr.next();
    assert!(report.contains("skipped bad message"), "{report}");
}

#[test]
fn router_has_a_handler_for_each_command_and_state_for_each_connection() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("router");
    python.check("examples.commands_are_handled_each_by_its_own", &server.address, &[]).unwrap();
}

#[test]
fn switch_takes_lines_then_a_counted_body_then_lines_again() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("switch");
    python.check("examples.bodies_stand_between_lines", &server.address, &[]).unwrap();
}

#[test]
fn gbk_records_takes_fields_that_hold_the_byte_of_the_delimiter() {
    let server = Server::example("gbk_records");
    let mut client = example("gbk_records");
    client.args(["client", &server.address]);
    assert_eq!(Process::start(client).ended().stdout, ["倈: 1", "C:\\僜: 4", "東京: 2"]);
    let Some(python) = Python::find() else { return };
    let check = "examples.fields_are_told_apart_also_where_a_character_holds_the_delimiter";
    python.check(check, &server.address, &[]).unwrap();
}

#[cfg(feature = "metrics")]
#[test]
fn metrics_tells_prometheus_what_it_counts() {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpStream};

    let Some(python) = Python::find() else { return };
    let mut command = example("metrics");
    command.args(["127.0.0.1:0", "127.0.0.1:0"]);
    let server = Server::start(command);
    let page = server.process.stderr.next();
    let address = page.strip_prefix("metrics at http://").and_then(|page| page.strip_suffix("/metrics")).unwrap();

    let _open = TcpStream::connect(&server.address).unwrap();
    let mut client = TcpStream::connect(&server.address).unwrap();
    client.write_all(b"one\n\xff\nthree\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut replies = Vec::new();
    client.read_to_end(&mut replies).unwrap();
    assert_eq!(replies, b"one\nthree\n");
    match python.talk("metrics.are_what_has_happened", address, "10") {
        Talk::Held(_) | Talk::Missing => {}
        Talk::Failed(failure) => panic!("{failure:?}"),
    }
}
