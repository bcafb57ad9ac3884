//! Messages that say in which encoding they are, and connections that are told.

mod support;

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wirework::core::{BoxError, Codec, DecodePolicy, TextEncoding};
use wirework::format::{ByteOrderMark, Choice, Chosen};
use wirework::framing::Marked;
use wirework::servers::{Address, Correlation, MemoryDialer, Peer, TokioCodec};
use wirework::{Connection, Encoding, Error, FramingExt, GBK, LengthPrefix, Limits, Lines, UTF_8, connect, serve};

use support::{Events, exchange, start};

/// Names of HL7's table 0211, and what they are called elsewhere.
const TABLE_0211: [(&str, &str); 7] = [
    ("8859/1", "iso-8859-1"),
    ("8859/5", "iso-8859-5"),
    ("BIG-5", "big5"),
    ("GB 18030-2000", "gb18030"),
    ("ISO IR87", "iso-2022-jp"),
    ("KS X 1001", "euc-kr"),
    ("UNICODE UTF-8", "utf-8"),
];

fn encoding(label: &str) -> Encoding {
    label.parse().unwrap()
}

/// MSH-18 of a message. MSH-1 is the separator itself.
fn msh_18(message: &str) -> Option<&str> {
    message.split('\r').next()?.split('|').nth(17).filter(|name| !name.is_empty())
}

/// The encoding that a message names. Where the name stands depends on the encoding, for the byte of `|` is part of characters
/// in some: so it counts where it is found when it is read in the encoding that it names.
fn named(message: &[u8], _now: Encoding) -> Result<Choice, BoxError> {
    for (name, label) in TABLE_0211 {
        let (encoding, mut text) = (label.parse::<Encoding>()?, String::new());
        encoding.decode(message, DecodePolicy::Replace, &mut text)?;
        if msh_18(&text) == Some(name) {
            return Ok(Choice::This(encoding));
        }
    }
    match msh_18(&String::from_utf8_lossy(message)) {
        None => Ok(Choice::AsBefore),
        Some(name) => Err(format!("the character set {name:?} is not known").into()),
    }
}

/// The same for a message that is not written yet: there a character is a character.
fn naming(message: &str, _now: Encoding) -> Result<Choice, BoxError> {
    let Some(named) = msh_18(message) else { return Ok(Choice::AsBefore) };
    match TABLE_0211.iter().find(|(name, _)| *name == named) {
        Some((_, label)) => Ok(Choice::This(label.parse()?)),
        None => Err(format!("the character set {named:?} is not known").into()),
    }
}

fn hl7() -> Chosen {
    Chosen::one_of(encoding("iso-8859-1"), [UTF_8, Encoding::GB18030]).by(named)
}

/// MLLP: <https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF>
fn mllp() -> Marked {
    Marked::new("\x0b", "\x1c\r")
}

fn message(facility: &str, charset: &str, name: &str) -> String {
    format!("MSH|^~\\&|HIS|{facility}|LAB|X|20240101||ADT^A01|7|P|2.5||||||{charset}\rPID|||1||{name}\r")
}

fn acknowledgement(message: &str) -> String {
    format!("MSA|AA|7|{}\r", message.rsplit('|').next().unwrap_or_default().trim_end())
}

/// `text` as one MLLP frame in an encoding.
fn framed(text: &str, encoding: Encoding) -> Vec<u8> {
    let mut out = bytes::BytesMut::new();
    encoding.encode(text, Default::default(), &mut out).unwrap();
    [b"\x0b", &out[..], b"\x1c\r"].concat()
}

/// Three messages in three encodings, and what they are answered with.
fn conversation() -> (Vec<u8>, Vec<u8>) {
    let latin = encoding("iso-8859-1");
    let messages = [
        ("Köln", "8859/1", "Müller", latin),
        ("倈僜", "GB 18030-2000", "東", Encoding::GB18030), // 82 7C 83 5C: the bytes of `|` and `\`
        ("北京", "UNICODE UTF-8", "你好", UTF_8),
        ("Köln", "", "Müller", latin),
    ];
    let mut wire = (Vec::new(), Vec::new());
    for (facility, charset, name, encoding) in messages {
        let message = message(facility, charset, name);
        wire.0.extend(framed(&message, encoding));
        wire.1.extend(framed(&acknowledgement(&message), encoding));
    }
    (wire.0, wire.1)
}

fn over<C: Codec>(io: DuplexStream, codec: C) -> Connection<DuplexStream, C> {
    Connection::new(io, Peer::new(Address::Memory), &codec, Limits::default()).unwrap()
}

#[tokio::test]
async fn hl7_is_read_and_answered_in_the_encoding_that_each_message_names() {
    let (wire, answers) = conversation();
    assert!(
        wire.windows(4).any(|bytes| bytes == b"\x82\x7c\x83\x5c"),
        "the byte of the delimiter is part of a character"
    );
    let codec = || mllp().format(hl7());
    let reply = start(|listener| serve(listener, codec()).reply(async |message| acknowledgement(&message)));
    let answer =
        start(|listener| serve(listener, codec()).answer(|message, reply| reply.send(acknowledgement(message))));
    let each = start(|listener| {
        serve(listener, codec()).each(async |mut conn| {
            while let Some(message) = conn.recv().await? {
                conn.feed(acknowledgement(&message)).await?;
            }
            Ok(conn.close().await?)
        })
    });
    for (verb, dialer) in [("reply", reply), ("answer", answer), ("each", each)] {
        assert_eq!(
            exchange(&dialer, &wire).await.escape_ascii().to_string(),
            answers.escape_ascii().to_string(),
            "{verb}"
        );
    }
    let once = start(|listener| serve(listener, codec()).reply_once(async |message| acknowledgement(&message)));
    let second = framed(&message("倈僜", "GB 18030-2000", "東"), Encoding::GB18030);
    assert_eq!(exchange(&once, &second).await, framed("MSA|AA|7|東\r", Encoding::GB18030));
}

#[tokio::test]
async fn a_codec_in_framed_answers_in_the_encoding_that_each_message_names() {
    let (wire, answers) = conversation();
    let (io, mut peer) = duplex(4096);
    peer.write_all(&wire).await.unwrap();
    let mut framed = tokio_util::codec::Framed::new(io, TokioCodec::new(&mllp().format(hl7())).unwrap());
    for _ in 0..4 {
        let message = framed.next().await.unwrap().unwrap().unwrap();
        SinkExt::send(&mut framed, acknowledgement(&message)).await.unwrap();
    }
    framed.codec_mut().write_format().write_in(Encoding::GB18030).unwrap();
    framed.codec_mut().read_format().read_in(Encoding::GB18030).unwrap();
    peer.write_all(b"\x0b\x96|\x1c\r").await.unwrap();
    let last = framed.next().await.unwrap().unwrap().unwrap();
    SinkExt::send(&mut framed, last).await.unwrap();
    drop(framed);
    let mut got = Vec::new();
    peer.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, [&answers[..], b"\x0b\x96|\x1c\r"].concat());
}

#[tokio::test]
async fn a_reply_names_its_own_encoding_and_the_client_reads_it() {
    let codec = mllp().format(hl7().replies_by(naming));
    let serving = codec.clone();
    let dialer = start(|listener| {
        serve(listener, serving).reply(async |message| message.replace("GB 18030-2000", "UNICODE UTF-8"))
    });
    let mut client = connect(&dialer, codec).await.unwrap();
    for (sent, back) in [("GB 18030-2000", "UNICODE UTF-8"), ("UNICODE UTF-8", "UNICODE UTF-8")] {
        client.send(message("倈", sent, "東")).await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), message("倈", back, "東"));
    }
    let undeclared = client.send(message("", "KS X 1001", "")).await.unwrap_err().to_string();
    assert_eq!(
        undeclared.replace("windows-1252", "ISO-8859-1"),
        "cannot send: EUC-KR is not among the encodings that were declared: ISO-8859-1, UTF-8, gb18030"
    );
    let wire = framed(&message("倈", "GB 18030-2000", "東"), Encoding::GB18030);
    assert_eq!(exchange(&dialer, &wire).await, framed(&message("倈", "UNICODE UTF-8", "東"), UTF_8));
}

#[tokio::test]
async fn an_encoding_that_was_not_declared_is_a_bad_message_and_the_conversation_goes_on() {
    let events = Events::default();
    let dialer = start(|listener| {
        serve(listener, mllp().format(hl7()))
            .on_event(events.hook())
            .answer(|message, reply| reply.send(acknowledgement(message)))
    });
    let (good, answers) = conversation();
    let bad = ["BIG-5", "KOI8"].map(|charset| framed(&message("", charset, ""), UTF_8)).concat();
    let malformed = framed(&message("北京", "UNICODE UTF-8", ""), Encoding::GB18030);
    let wire = [&good[..], &bad, &malformed, &good].concat();
    assert_eq!(exchange(&dialer, &wire).await, [&answers[..], &answers].concat());
    let events = events.take();
    for (event, reason) in
        events.iter().zip(["bad message 5 at byte", "bad message 6 at byte", "bad message 7 at byte"])
    {
        assert!(event.contains(reason), "{event}");
    }
    assert_eq!(events.len(), 3);
    assert!(events[0].contains("Big5 is not among the encodings that were declared: "), "{}", events[0]);
    assert!(events[1].ends_with("the character set \"KOI8\" is not known"), "{}", events[1]);
    assert!(events[2].contains("not UTF-8 at byte"), "{}", events[2]);
}

#[test]
fn a_framing_that_cannot_tell_its_end_in_all_of_them_is_refused() {
    let refused = |codec: Result<(), _>| -> String { wirework::core::ComposeError::to_string(&codec.unwrap_err()) };
    mllp().format(hl7()).compose().unwrap();
    let japanese = hl7_with("iso-2022-jp");
    let stateful = refused(mllp().format(japanese).compose().map(drop));
    assert!(stateful.contains("in ISO-2022-JP the byte 1C can be part of what is malformed"), "{stateful}");
    assert!(stateful.contains("which encoding it is only the frame can say"), "{stateful}");
    let wide = refused(mllp().format(hl7_with("utf-16be")).compose().map(drop));
    assert!(wide.contains("and in another in UTF-16BE"), "{wide}");
}

fn hl7_with(label: &str) -> Chosen {
    Chosen::one_of(UTF_8, [encoding(label)]).by(named)
}

/// `login gbk utf-8`: what comes and what is sent.
fn login(line: &str) -> Option<Result<(Encoding, Encoding), BoxError>> {
    let (reads, writes) = line.strip_prefix("login ")?.split_once(' ')?;
    Some(reads.parse().and_then(|reads| Ok((reads, writes.parse()?))).map_err(BoxError::from))
}

fn lines() -> impl Codec<Format = Chosen> {
    Lines::any().format(Chosen::one_of(UTF_8, [GBK]))
}

#[tokio::test]
async fn a_handler_sets_each_direction_after_a_login() {
    let each = start(|listener| {
        serve(listener, lines()).each(async |mut conn| {
            while let Some(line) = conn.recv().await? {
                let Some(login) = login(&line) else {
                    conn.send(line).await?;
                    continue;
                };
                let told = login.and_then(|(reads, writes)| {
                    conn.read_format().read_in(reads)?;
                    Ok(conn.write_format().write_in(writes)?)
                });
                conn.send(told.map_or_else(|error| error.to_string(), |()| "好".into())).await?;
            }
            Ok(conn.close().await?)
        })
    });
    let answer = start(|listener| {
        serve(listener, lines()).answer(|line, conn| {
            let Some(login) = login(line) else { return conn.send(line) };
            let told = login.and_then(|(reads, writes)| {
                conn.read_format().read_in(reads)?;
                Ok(conn.write_format().write_in(writes)?)
            });
            conn.send(told.map_or_else(|error| error.to_string(), |()| "好".into()))
        })
    });
    for dialer in [each, answer] {
        logs_in(&dialer).await;
    }
}

async fn logs_in(dialer: &MemoryDialer) {
    let both = exchange(dialer, b"\xe4\xbd\xa0\nlogin gbk gbk\n\xc4\xe3\n\xc4\xe3\n").await;
    assert_eq!(both, b"\xe4\xbd\xa0\n\xba\xc3\n\xc4\xe3\n\xc4\xe3\n");
    let differ = exchange(dialer, b"login gbk utf-8\n\xc4\xe3\nlogin utf-8 gbk\n\xe4\xbd\xa0\n").await;
    assert_eq!(differ, b"\xe5\xa5\xbd\n\xe4\xbd\xa0\n\xba\xc3\n\xc4\xe3\n");
    let undeclared = exchange(dialer, b"login big5 gbk\n\xe4\xbd\xa0\n").await;
    assert_eq!(undeclared, b"Big5 is not among the encodings that were declared: UTF-8, GBK\n\xe4\xbd\xa0\n");
}

/// Text as one frame behind its length, with a byte-order mark or without.
fn prefixed(mark: &str, text: &str, encoding: Encoding) -> Vec<u8> {
    let mut out = bytes::BytesMut::new();
    encoding.encode(&format!("{mark}{text}"), Default::default(), &mut out).unwrap();
    [&[u8::try_from(out.len()).unwrap()], &out[..]].concat()
}

#[tokio::test]
async fn behind_a_login_each_direction_has_the_mark_of_its_encoding() {
    const MARK: &str = "\u{feff}";
    let utf_16 = Encoding::UTF_16LE;
    let codec = |mark| LengthPrefix::u8().format(Chosen::one_of(UTF_8, [utf_16]).mark(mark));
    let logged_in = |mark| {
        start(move |listener| {
            serve(listener, codec(mark)).on_bad(|_, _| wirework::OnBad::reply("坏")).answer(|text, conn| {
                let Some(login) = login(text) else { return conn.send(text) };
                let told = login.and_then(|(reads, writes)| {
                    conn.read_format().read_in(reads)?;
                    Ok(conn.write_format().write_in(writes)?)
                });
                conn.send(told.map_or_else(|error| error.to_string(), |()| "好".into()))
            })
        })
    };
    let required = logged_in(ByteOrderMark::Require);
    let wire = [
        prefixed("", "login utf-16le utf-16le", UTF_8), // bad: it has no mark
        prefixed(MARK, "login utf-16le utf-16le", UTF_8),
        b"\x04\xff\xfe\x60\x4f".to_vec(),
        prefixed("", "你", utf_16),
        b"\x04\xfe\xff\x4f\x60".to_vec(), // the mark of UTF-16BE is none here
        prefixed(MARK, "login utf-8 utf-16le", utf_16),
        prefixed(MARK, "你", UTF_8),
        prefixed(MARK, "你", utf_16), // bad: it is no UTF-8
    ];
    let answers = [("坏", UTF_8), ("好", utf_16), ("你", utf_16), ("坏", utf_16), ("坏", utf_16)]
        .into_iter()
        .chain([("好", utf_16), ("你", utf_16), ("坏", utf_16)])
        .map(|(text, encoding)| prefixed(MARK, text, encoding));
    let got = exchange(&required, &wire.concat()).await;
    assert_eq!(got.escape_ascii().to_string(), answers.collect::<Vec<_>>().concat().escape_ascii().to_string());

    let stripped = logged_in(ByteOrderMark::Strip);
    let wire = [
        prefixed("", "login utf-16le utf-8", UTF_8),
        prefixed(MARK, "你", utf_16),
        prefixed("", "login utf-16le utf-16le", utf_16),
        prefixed("", "你", utf_16),
    ];
    let answers = [("好", UTF_8), ("你", UTF_8), ("好", utf_16), ("你", utf_16)];
    let answers = answers.map(|(text, encoding)| prefixed("", text, encoding));
    assert_eq!(exchange(&stripped, &wire.concat()).await, answers.concat());
}

/// Here the mark says in which Unicode a message is.
fn by_mark(message: &[u8], _now: Encoding) -> Result<Choice, BoxError> {
    Ok(match message {
        [0xff, 0xfe, ..] => Choice::FromNow(Encoding::UTF_16LE),
        [0xfe, 0xff, ..] => Choice::FromNow(Encoding::UTF_16BE),
        [0xef, 0xbb, 0xbf, ..] => Choice::FromNow(UTF_8),
        _ => Choice::AsBefore,
    })
}

#[tokio::test]
async fn a_rule_may_go_by_the_mark_that_is_then_taken_off() {
    let chosen = Chosen::one_of(UTF_8, [Encoding::UTF_16LE, Encoding::UTF_16BE]).by(by_mark).strip_mark();
    let codec = LengthPrefix::u8().format(chosen);
    let dialer = start(|listener| serve(listener, codec).reply(async |text| format!("{}:{text}", text.len())));
    let wire = b"\x03\xe4\xbd\xa0\x04\xff\xfe\x60\x4f\x02\x60\x4f\x04\xfe\xff\x4f\x60\x06\xef\xbb\xbf\xe4\xbd\xa0";
    let answers = [UTF_8, Encoding::UTF_16LE, Encoding::UTF_16LE, Encoding::UTF_16BE, UTF_8]
        .map(|encoding| prefixed("", "3:你", encoding));
    assert_eq!(exchange(&dialer, wire).await, answers.concat());
}

/// `charset gbk` is itself in the encoding before.
fn charset(line: &[u8], _now: Encoding) -> Result<Choice, BoxError> {
    let Some(label) = line.strip_prefix(b"charset ") else { return Ok(Choice::AsBefore) };
    let label = label.split(|byte| *byte == b' ').next().unwrap_or_default();
    Ok(Choice::FromNext(std::str::from_utf8(label)?.parse()?))
}

#[tokio::test]
async fn a_login_packet_sets_the_encoding_for_both_directions() {
    let codec = || Lines::any().format(Chosen::one_of(UTF_8, [GBK]).by(charset));
    let answer = start(|listener| serve(listener, codec()).answer(|line, reply| reply.send(line)));
    let reply = start(|listener| serve(listener, codec()).reply(async |line| line));
    for dialer in [answer, reply] {
        // An echo: what comes and what is sent are alike, when both are understood.
        let wire = b"charset gbk \xe4\xbd\xa0\n\xc4\xe3\n\xba\xc3\ncharset utf-8 \xc4\xe3\n\xe4\xbd\xa0\n";
        assert_eq!(exchange(&dialer, wire).await, wire);
        assert_eq!(exchange(&dialer, b"\xc4\xe3\n\xe4\xbd\xa0\n").await, b"\xe4\xbd\xa0\n", "another is as it was");
        assert_eq!(exchange(&dialer, b"charset koi8-r\ncharset ?\n\xe4\xbd\xa0\n").await, b"\xe4\xbd\xa0\n");
    }
}

#[tokio::test]
async fn a_reply_to_a_bad_message_is_in_the_encoding_of_the_good_one_before() {
    let codec = Lines::any().format(Chosen::one_of(UTF_8, [GBK]).by(charset));
    let dialer = start(|listener| {
        let server = serve(listener, codec).on_bad(|_, _| wirework::OnBad::reply("坏"));
        server.answer(|_, _| {})
    });
    assert_eq!(exchange(&dialer, b"\xff\n").await, "坏\n".as_bytes());
    assert_eq!(exchange(&dialer, b"charset gbk\n\xc4\xe3\n\xff\n").await, b"\xbb\xb5\n");
}

#[tokio::test]
async fn both_directions_differ_from_the_start() {
    let codec = Lines::any().format(Chosen::one_of(GBK, []).replies_one_of(UTF_8, []));
    let dialer = start(|listener| serve(listener, codec).reply(async |line| line));
    assert_eq!(exchange(&dialer, b"\xc4\xe3\n\xc4\xe3\n").await, b"\xe4\xbd\xa0\n\xe4\xbd\xa0\n");
}

#[tokio::test]
async fn the_halves_are_told_each_for_itself_and_do_not_follow() {
    let (io, mut peer) = duplex(64);
    let (mut receiver, mut sender) = over(io, lines()).split();
    peer.write_all(b"\xe4\xbd\xa0\n\xc4\xe3\n\xc4\xe3\n").await.unwrap();
    assert_eq!(receiver.recv().await.unwrap().unwrap(), "你");
    receiver.read_format().read_in(GBK).unwrap();
    assert_eq!(receiver.recv().await.unwrap().unwrap(), "你");
    sender.feed("你").await.unwrap();
    sender.write_format().write_in(GBK).unwrap();
    sender.send("你").await.unwrap();
    let mut got = [0; 7];
    peer.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"\xe4\xbd\xa0\n\xc4\xe3\n");
}

#[tokio::test]
async fn the_next_codec_begins_afresh() {
    let codec = Lines::any().format(Chosen::one_of(UTF_8, [GBK]).by(charset));
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, codec.clone());
    peer.write_all(b"charset gbk\n\xc4\xe3\n\xe4\xbd\xa0\n\xc4\xe3\n").await.unwrap();
    connection.recv().await.unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "你");
    let mut connection = connection.with_codec(&codec).unwrap();
    connection.send("你").await.unwrap();
    let mut got = [0; 4];
    peer.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"\xe4\xbd\xa0\n", "nothing has come yet");
    assert_eq!(connection.recv().await.unwrap().unwrap(), "你");
    assert!(matches!(connection.recv().now_or_never(), Some(Err(Error::Bad(_)))), "it is GBK");
}

#[tokio::test]
async fn a_message_that_might_answer_a_call_is_read_in_its_own_encoding() {
    let rule = |message: &[u8], _now| {
        Ok::<_, BoxError>(if message.starts_with(b"login") { Choice::FromNext(GBK) } else { Choice::AsBefore })
    };
    let codec = LengthPrefix::u8().format(Chosen::one_of(UTF_8, [GBK]).by(rule));
    let answers = Correlation::by_key(
        |request: &str| request.strip_prefix('?').map(str::to_owned),
        |message: &String| message.strip_prefix('=').map(str::to_owned),
    );
    let dialer = start(|listener| {
        serve(listener, codec).calls(answers).answer_with(
            |handle| drop(tokio::spawn(async move { handle.call("?who").await })),
            |(), text, reply| reply.send(if text == "login 你" || text == "你" { "good" } else { "bad" }),
        )
    });
    let mut io = dialer.dial().await.unwrap();
    let mut read = [0; 5];
    io.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"\x04?who");
    io.write_all(&[prefixed("", "login 你", UTF_8), prefixed("", "你", GBK)].concat()).await.unwrap();
    for _ in 0..2 {
        io.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"\x04good");
    }
}
