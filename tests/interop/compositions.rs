//! The examples that take a composition: `decode`, `encode` and `explain`, between pipes.

use std::process::Command;

use serde_json::{Value, json};

use crate::process::{Ended, Process, example};
use crate::python::Python;

fn decoder(composition: &str) -> Command {
    let mut command = example("decode");
    command.arg(composition);
    command
}

/// What comes out of an example into which these bytes went.
fn through(name: &str, composition: &str, bytes: &[u8]) -> Ended {
    let mut command = example(name);
    command.arg(composition);
    let (mut input, process) = Process::piped(command);
    input.send(bytes);
    drop(input);
    process.ended()
}

fn objects(ended: &Ended) -> Vec<Value> {
    ended.stdout.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn decoded(composition: &str, bytes: &[u8]) -> (Vec<Value>, Option<i32>) {
    let ended = through("decode", composition, bytes);
    assert_eq!(ended.stderr, [""; 0]);
    (objects(&ended), ended.status.code())
}

#[test]
fn what_python_frames_is_decoded() {
    let Some(python) = Python::find() else { return };
    let hello = r#"import sys; sys.stdout.buffer.write("你好\n倈|\n".encode("gbk"))"#;
    let ended = Process::chain([python.code(hello), decoder("lines | gbk")]).ended();
    assert_eq!(objects(&ended), [json!({"text": "你好"}), json!({"text": "倈|"}), json!({"end": "clean"})]);
    assert_eq!(ended.status.code(), Some(0));

    let checked = r#"
import sys, struct, zlib
for body in [b"hello", b"damaged", b""]:
    check = zlib.crc32(body) ^ (body == b"damaged")
    sys.stdout.buffer.write(struct.pack(">H", len(body) + 4) + body + struct.pack("<I", check))
"#;
    let ended = Process::chain([python.code(checked), decoder("length u16be | check crc-32/iso-hdlc little")]).ended();
    let objects = objects(&ended);
    assert_eq!(
        [&objects[0], &objects[2], &objects[3]],
        [&json!({"frame": "68656c6c6f"}), &json!({"frame": ""}), &json!({"end": "clean"})]
    );
    assert_eq!(objects[1]["at"], 11);
    assert!(objects[1]["bad"].as_str().is_some_and(|why| why.contains("check fails")), "{objects:?}");
}

#[test]
fn what_we_frame_python_reads() {
    let Some(python) = Python::find() else { return };
    let mut encoder = example("encode");
    encoder.arg("length u16be | check crc-32/iso-hdlc little | gbk");
    let lines = python.code(r#"print("你好"); print("ni hao")"#);
    let reader = python.code(
        r#"
import sys, struct, zlib
data = sys.stdin.buffer.read()
while data:
    (n,) = struct.unpack_from(">H", data)
    frame, data = data[2 : 2 + n], data[2 + n :]
    assert struct.pack("<I", zlib.crc32(frame[:-4])) == frame[-4:]
    print(frame[:-4].decode("gbk"))
"#,
    );
    let read = Process::chain([lines, encoder, reader]).ended();
    assert_eq!((read.stdout, read.stderr), (vec!["你好".to_owned(), "ni hao".to_owned()], vec![]));
}

#[test]
fn a_bad_message_is_told_with_its_place_and_the_next_one_comes() {
    let found = decoded("lines | utf-8", b"ab\n\xff\xfe\ncd\n");
    let bad = json!({"bad": "not UTF-8 at byte 0 of the message (FF)", "at": 3});
    assert_eq!(found, (vec![json!({"text": "ab"}), bad, json!({"text": "cd"}), json!({"end": "clean"})], Some(0)));
    let (found, code) = decoded("length u8 | json", b"\x02[]\x01[\x08{\"a\": 1}");
    assert_eq!(
        [&found[0], &found[2], &found[3]],
        [&json!({"json": []}), &json!({"json": {"a": 1}}), &json!({"end": "clean"})]
    );
    assert_eq!((&found[1]["at"], code), (&json!(3), Some(0)));
}

#[test]
fn a_lost_stream_ends_with_the_reason_behind_the_good_frames() {
    let (found, code) = decoded("length u32be", b"\0\0\0\x02hiGET / HTTP/1.1\r\n\r\n");
    assert_eq!((&found[0], found.len(), code), (&json!({"frame": "6869"}), 2, Some(1)));
    let why = found[1]["end"].as_str().unwrap();
    assert!(why.contains("longer than 1048576 bytes") && why.contains("HTTP"), "{why}");
    let (found, code) = decoded("lines", b"ab\ncd");
    let why = found[1]["end"].as_str().unwrap();
    assert!(why.contains("the stream ended inside it") && code == Some(1), "{why}");
}

#[test]
fn a_silence_ends_a_frame_on_a_pipe_that_stays_open() {
    let (mut input, process) = Process::piped(decoder("idle 20ms | utf-8"));
    for said in ["hello", "and again"] {
        input.send(said.as_bytes());
        // It can come only because of the silence: the pipe is open.
        assert_eq!(process.stdout.next(), json!({"text": said}).to_string());
    }
    drop(input);
    let ended = process.ended();
    assert_eq!((objects(&ended), ended.status.code()), (vec![json!({"end": "clean"})], Some(0)));
}

#[test]
fn what_is_encoded_is_decoded_to_the_same() {
    for (composition, field, lines) in [
        ("lines crlf | gbk", "text", vec!["你好", "倈|", ""]),
        ("marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | utf-8", "text", vec!["~}~", "hello", "你好"]),
        ("length u16be at 4", "frame", vec!["0001000000020102", "00020000000001"]),
        ("until 00 | escape cobs | check crc-16/modbus little", "frame", vec!["00", "0000010203", "ff00ff"]),
        (
            r#"peek {"*": fold(lines crlf, after "*", head(lines crlf, after "$", then CRLF)), else lines crlf} | utf-8"#,
            "text",
            vec!["PING", "hello"],
        ),
        ("first(length u32be inclusive, netstring)", "frame", vec!["00ff", "", "0d0a"]),
    ] {
        let mut encoder = example("encode");
        encoder.arg(composition);
        let (mut input, process) = Process::chain_piped([encoder, decoder(composition)]);
        input.send(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes());
        drop(input);
        let ended = process.ended();
        let expected = lines.iter().map(|line| json!({field: line}));
        let filled_in = composition.contains(" at ");
        let found = objects(&ended);
        assert_eq!(found.len(), lines.len() + 1, "{composition}: {found:?}");
        assert!(
            filled_in || found.iter().zip(expected).all(|(found, line)| *found == line),
            "{composition}: {found:?}"
        );
        assert_eq!(found.last(), Some(&json!({"end": "clean"})), "{composition}");
    }
}

#[test]
fn what_cannot_be_sent_is_told_with_its_line_and_the_others_are_written() {
    let ended = through("encode", "until \"|\" | ascii", b"a\nb|c\nd\n");
    assert_eq!((ended.stdout, ended.status.code()), (vec!["a|d|".to_owned()], Some(1)));
    assert!(ended.stderr.len() == 1 && ended.stderr[0].starts_with("line 2: "), "{:?}", ended.stderr);
    let ended = through("encode", "length u8", b"4x\n616\n");
    assert_eq!((ended.stdout.len(), ended.status.code()), (0, Some(1)));
    assert_eq!(ended.stderr[0], "line 1: \"4x\" is not in hexadecimal, two digits a byte");
    assert_eq!(ended.stderr[1], "line 2: \"616\" is not in hexadecimal, two digits a byte");
}

#[test]
fn a_wrong_composition_is_told_with_a_mark_and_nothing_is_read() {
    for name in ["decode", "encode", "explain"] {
        let mut command = example(name);
        command.arg("length u16be ta 4 | gbk");
        let ended = Process::start(command).ended();
        assert_eq!((ended.stdout.len(), ended.status.code()), (0, Some(2)), "{name}");
        assert_eq!(
            ended.stderr,
            ["`length` has no option `ta`; did you mean `at`?", "  length u16be ta 4 | gbk", "               ^^"]
        );
        let ended = Process::start(example(name)).ended();
        assert!(ended.stderr[0].starts_with(&format!("usage: {name} ")) && ended.status.code() == Some(2), "{ended:?}");
    }
}

#[test]
fn a_composition_is_drawn() {
    let mut command = example("explain");
    command.arg("length u16be | gbk");
    let ended = Process::start(command).ended();
    assert_eq!(ended.stdout[0], "The length (2 bytes, most significant first) counts the bytes behind it.");
    assert!(ended.stdout.iter().any(|line| line.contains("C4 E3 BA C3")), "{ended:?}");
    let mut command = example("explain");
    command.args(["--svg", "length u16be | gbk"]);
    let ended = Process::start(command).ended();
    assert!(
        ended.stdout[0].starts_with("<svg ") && ended.stdout.last().is_some_and(|line| line == "</svg>"),
        "{ended:?}"
    );
}

/// The session that the README shows, command by command.
#[test]
fn the_readme_shows_what_happens() {
    let Ok(bash) = Command::new("bash").arg("--version").output() else {
        return eprintln!("the shell is missing, nothing is proved: bash");
    };
    assert!(bash.status.success());
    let readme = include_str!("../../README.md");
    let (_, session) = readme.split_once("```text\n$ PROTOCOL").expect("the README has a session");
    let (session, _) = session.split_once("```").unwrap();
    let session = format!("$ PROTOCOL{session}");
    let shown = session.split_inclusive('\n').filter(|line| !line.starts_with("$ ")).collect::<String>();
    let commands = session.lines().filter_map(|line| line.strip_prefix("$ ")).collect::<Vec<_>>().join("\n");
    let examples = example("decode").get_program().to_owned();
    let examples = std::path::Path::new(&examples).parent().unwrap().to_owned();
    let path = format!("{}:{}", examples.display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("bash").args(["-c", &format!("exec 2>&1\n{commands}")]).env("PATH", path).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
}
