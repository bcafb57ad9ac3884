//! The tutorial's session, with `reply`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::process::{Process, Server, example};
use crate::python::Python;

/// 你好，世界
const HELLO_IN_GBK: &[u8] = b"\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7";

#[test]
fn a_python_client_says_hello_in_gbk_and_is_thanked() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("reply");
    python.check("tutorial.hello_is_thanked", &server.address, &[]).unwrap();
    assert_eq!(server.process.stdout.next(), "接收到的数据为: 你好，世界");
}

#[test]
fn the_next_client_is_served_too() {
    let Some(python) = Python::find() else { return };
    let server = Server::example("reply");
    python.check("tutorial.three_clients_are_thanked", &server.address, &[]).unwrap();
    // Characters whose second byte is ASCII: `|`, `\`, `~`, `{`.
    for said in ["你好，世界", "第二次", "倈僜倊倇"] {
        assert_eq!(server.process.stdout.next(), format!("接收到的数据为: {said}"));
    }
}

#[test]
fn the_copy_of_the_tutorials_server_does_what_the_tutorial_says() {
    let Some(python) = Python::find() else { return };
    let naive = python.naive("reply");
    python.check("tutorial.three_clients_are_thanked", &naive.address, &[]).unwrap();
    assert_eq!(naive.process.stdout.next(), "接收到的数据为: 你好，世界");
}

#[test]
fn netcat_is_thanked() {
    let Ok(usage) = Command::new("nc").arg("-h").output() else {
        return eprintln!("the client is missing, nothing is proved: nc");
    };
    if !String::from_utf8_lossy(&usage.stderr).starts_with("OpenBSD netcat") {
        return eprintln!("the client is missing, nothing is proved: nc of OpenBSD");
    }
    let server = Server::example("reply");
    let (host, port) = server.address.rsplit_once(':').unwrap();
    let mut client = Command::new("nc")
        .args(["-w", "10", host, port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(HELLO_IN_GBK).unwrap();
    let heard = client.wait_with_output().unwrap();
    assert_eq!(heard.stdout, b"thank you !");
    assert_eq!(server.process.stdout.next(), "接收到的数据为: 你好，世界");
}

#[test]
fn our_own_client_is_thanked() {
    let server = Server::example("reply");
    let mut client = example("client");
    client.arg(&server.address);
    let ended = Process::start(client).ended();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!((ended.stdout, ended.stderr), (vec!["thank you !".to_owned()], vec![]));
    assert_eq!(server.process.stdout.next(), "接收到的数据为: 你好，世界");
}
