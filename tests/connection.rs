//! What a connection promises, over memory and under a paused clock.

mod support;

use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::coop::unconstrained;
use tokio::task::yield_now;
use wirework::core::Mirror;
use wirework::core::{Codec, EncodeError, FrameError, Framing, Input, Step, Tail};
use wirework::framing::Until;
use wirework::servers::{Address, Foreign, Peer, TokioCodec};
use wirework::{Connection, Error, FramingExt, LengthPrefix, Limits, Lines, Received, UTF_8, connect, memory, serve};

use support::{Counted, start};

fn over<C: Codec>(io: DuplexStream, codec: C) -> Connection<DuplexStream, C> {
    Connection::new(io, Peer::new(Address::Memory), &codec, Limits::default()).unwrap()
}

#[tokio::test]
async fn recv_that_is_dropped_loses_nothing() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(UTF_8));
    peer.write_all(b"hel").await.unwrap();
    assert!(connection.recv().now_or_never().is_none(), "it has read half a line, and is dropped");
    peer.write_all(b"lo\n").await.unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "hello");
}

#[tokio::test]
async fn a_bad_message_is_an_error_of_its_own_and_the_next_one_comes() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(UTF_8));
    peer.write_all(b"one\n\xff\ntwo\nunfinished").await.unwrap();
    drop(peer);
    assert_eq!(connection.recv().await.unwrap().unwrap(), "one");
    let bad = connection.recv().await.unwrap_err();
    assert!(matches!(bad, Error::Bad(_)) && !bad.is_fatal());
    assert_eq!(connection.recv().await.unwrap().unwrap(), "two");
    let lost = connection.recv().await.unwrap_err();
    assert!(matches!(lost, Error::Lost(_)) && lost.is_fatal());
    assert!(connection.recv().await.unwrap().is_none(), "and then it is over");
}

#[tokio::test]
async fn a_peer_that_lost_its_stream_can_still_be_told_why() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, LengthPrefix::u8().max_len(4));
    peer.write_all(b"\x05hello").await.unwrap();
    assert!(matches!(connection.recv().await.unwrap_err(), Error::Lost(_)));
    connection.send("4 is all").await.unwrap_err();
    connection.send("long").await.unwrap();
    peer.shutdown().await.unwrap();
    connection.close().await.unwrap();
    let mut told = Vec::new();
    peer.read_to_end(&mut told).await.unwrap();
    assert_eq!(told, b"\x04long");
}

#[tokio::test]
async fn what_was_read_ahead_is_read_by_the_next_codec() {
    let (io, mut peer) = duplex(64);
    peer.write_all(b"set 7\r\nhel\nl\r\nget\r\n\0\x02hi").await.unwrap();
    let mut connection = over(io, Lines::crlf().text(UTF_8));
    assert_eq!(connection.recv().await.unwrap().unwrap(), "set 7");
    assert_eq!(connection.recv_exact(7).await.unwrap(), "hel\nl\r\n");
    assert_eq!(connection.recv().await.unwrap().unwrap(), "get");
    let mut connection = connection.with_codec(&LengthPrefix::u16_be()).unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "hi");
}

#[tokio::test]
async fn recv_exact_gathers_over_reads_and_says_when_it_cannot() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any());
    peer.write_all(b"line\nab").await.unwrap();
    connection.recv().await.unwrap();
    assert!(connection.recv_exact(4).now_or_never().is_none());
    peer.write_all(b"cd\nrest").await.unwrap();
    assert_eq!(connection.recv_exact(4).await.unwrap(), "abcd");
    assert_eq!(connection.recv().await.unwrap().unwrap(), "");
    drop(peer);
    let short = connection.recv_exact(9).await.unwrap_err().to_string();
    assert!(short.contains("ended inside it, after 4 bytes"), "{short}");
    assert!(short.starts_with("stream lost in message 3 at byte 10, which begins 72 65 73 74"), "{short}");
}

#[tokio::test]
async fn a_body_that_was_refused_is_not_taken_for_messages() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any());
    peer.write_all(b"put 2000000\nget secret\n").await.unwrap();
    connection.recv().await.unwrap();
    let claim = connection.recv_exact(2_000_000).await.unwrap_err();
    assert!(claim.is_fatal(), "{claim}");
    assert!(claim.to_string().contains("message 2 at byte 12"), "{claim}");
    assert!(claim.to_string().contains("longer than 1048576 bytes (it claims 2000000)"), "{claim}");
    assert!(connection.recv().await.unwrap().is_none());
    assert!(connection.recv_exact(1).await.is_err());
}

#[tokio::test]
async fn bodies_that_were_taken_do_not_hold_the_reads_that_they_came_in() {
    let (io, mut peer) = duplex(1 << 20);
    let mut connection = over(io, Lines::any());
    peer.write_all(&b"put\nx".repeat(10_000)).await.unwrap();
    let mut bodies = Vec::new();
    let held = allocation_counter::measure(|| {
        for _ in 0..10_000 {
            unconstrained(connection.recv()).now_or_never().unwrap().unwrap();
            bodies.push(connection.recv_exact(1).now_or_never().unwrap().unwrap());
        }
    });
    assert!(bodies.iter().all(|body| body == "x"));
    // Each step copies what it gives out, not what is left of the read.
    assert!(held.bytes_total < 10_000 * 200 + (1 << 20), "{held:?}");
}

#[test]
fn a_frame_longer_than_its_framing_allows_is_refused_however_it_comes() {
    #[derive(Clone)]
    struct Pipes;
    impl Framing for Pipes {
        fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
            Ok(match input.bytes.iter().position(|byte| *byte == b'|') {
                Some(end) => Step::Frame { span: 0..end, advance: end + 1 },
                None => Step::More(1),
            })
        }
        fn finish(&mut self, out: &mut BytesMut, _: usize) -> Result<(), EncodeError> {
            out.extend_from_slice(b"|");
            Ok(())
        }
        fn max_len(&self) -> usize {
            4
        }
    }
    for (wire, fits) in [(&b"abc|"[..], true), (b"abcd|", false)] {
        for cut in 0..wire.len() {
            let mut frames = wirework::core::Frames::new(Pipes);
            let (first, second) = wire.split_at(cut);
            frames.push(first);
            let first = frames.next().map(|frame| frame.is_some());
            frames.push(second);
            let second = frames.next().map(|frame| frame.is_some());
            assert_eq!(first.is_ok() && second.is_ok_and(|there| there), fits, "{wire:?} cut at {cut}");
        }
    }
}

#[tokio::test]
async fn what_was_fed_is_written_while_recv_waits() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(UTF_8));
    connection.feed("one").await.unwrap();
    connection.feed("two").await.unwrap();
    assert!(connection.recv().now_or_never().is_none());
    let mut got = [0; 8];
    peer.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"one\ntwo\n");
}

#[tokio::test]
async fn send_waits_for_a_peer_that_does_not_read() {
    let (io, mut peer) = duplex(1024);
    let mut connection = over(io, LengthPrefix::u32_be());
    let message = [7; 1000];
    let mut taken = 0;
    while connection.feed(message).now_or_never().is_some() {
        taken += 1;
        assert!(taken < 1000, "a peer that does not read makes us hold ever more");
    }
    let limits = Limits::default();
    assert!(taken * 1004 >= limits.output_high && taken * 1004 < limits.output_high + 3 * 1004, "{taken}");
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).await.unwrap();
        all.len()
    });
    connection.feed(message).await.unwrap();
    connection.flush().await.unwrap();
    drop(connection);
    assert_eq!(reading.await.unwrap(), (taken + 1) * 1004, "what was not taken was not sent");
}

#[tokio::test]
async fn a_peer_with_many_messages_leaves_the_thread_to_others_between_them() {
    let seen = Arc::new(AtomicUsize::new(0));
    let (io, mut peer) = duplex(4096);
    peer.write_all(&b"\n".repeat(1000)).await.unwrap();
    let (mut connection, whole) = (over(io, Lines::any()), seen.clone());
    tokio::spawn(async move {
        while connection.recv().await.unwrap().is_some() {
            whole.fetch_add(1, Ordering::Relaxed);
        }
    });
    yield_now().await;
    assert!((1..1000).contains(&seen.swap(0, Ordering::Relaxed)));
    let (io, mut peer) = duplex(4096);
    peer.write_all(&b"\n".repeat(1000)).await.unwrap();
    let ((mut receiver, _sender), half) = (over(io, Lines::any()).split(), seen.clone());
    tokio::spawn(async move {
        while receiver.recv().await.unwrap().is_some() {
            half.fetch_add(1, Ordering::Relaxed);
        }
    });
    yield_now().await;
    assert!((1..1000).contains(&seen.load(Ordering::Relaxed)));
}

#[tokio::test]
async fn others_go_first_and_then_the_peer() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(UTF_8));
    let (push, mut pushed) = mpsc::channel(4);
    peer.write_all(b"zero\none\ntwo\n").await.unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "zero", "and two more have come");
    for number in 1..=3 {
        push.try_send(number).unwrap();
    }
    let mut heard = Vec::new();
    while let Some(received) = connection.recv_or(pushed.recv()).now_or_never() {
        heard.push(match received.unwrap() {
            Received::Message(line) => line,
            Received::Other(number) => number.unwrap().to_string(),
            Received::End => break,
        });
    }
    assert_eq!(heard, ["1", "2", "3", "one", "two"]);
    peer.write_all(b"three").await.unwrap();
    assert!(connection.recv_or(pushed.recv()).now_or_never().is_none(), "half a line is kept");
    peer.write_all(b"\n").await.unwrap();
    drop(peer);
    assert!(matches!(connection.recv_or(pushed.recv()).await, Ok(Received::Message(line)) if line == "three"));
    assert!(matches!(connection.recv_or(pushed.recv()).await, Ok(Received::End)));
}

#[tokio::test]
async fn others_who_always_have_more_leave_the_peer_and_the_thread_their_turns() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(UTF_8));
    let conversation = tokio::spawn(async move {
        for _ in 0..1_000_000 {
            if let Received::Message(line) = connection.recv_or(ready(())).await.unwrap() {
                return Some(line);
            }
        }
        None
    });
    yield_now().await;
    peer.write_all(b"enough\n").await.unwrap();
    assert_eq!(conversation.await.unwrap().as_deref(), Some("enough"));
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_heard_and_what_it_is_sent_waits() {
    let (io, mut peer) = duplex(1024);
    let mut connection = over(io, LengthPrefix::u32_be());
    let (push, mut pushed) = mpsc::channel(1000);
    for number in 0..1000_u32 {
        push.try_send(number.to_be_bytes().repeat(250)).unwrap();
    }
    let message = |number: u32| [&1000_u32.to_be_bytes()[..], &number.to_be_bytes().repeat(250)].concat();
    let conversation = tokio::spawn(async move {
        loop {
            match connection.recv_or(pushed.recv()).await.unwrap() {
                Received::Message(message) => assert_eq!(message, "hello"),
                Received::Other(None) | Received::End => return connection.close().await.unwrap(),
                Received::Other(Some(message)) => {
                    connection.feed(message).now_or_never().expect("there is room").unwrap();
                }
            }
        }
    });
    yield_now().await;
    let waiting = 1000 - push.capacity();
    assert!((900..1000).contains(&waiting), "{waiting} of 1000 wait in the queue");
    // More than the transport holds: all of it is heard.
    for _ in 0..1000 {
        peer.write_all(b"\0\0\0\x05hello").await.unwrap();
    }
    let mut heard = vec![0; 1004];
    for number in 0..1000 {
        peer.read_exact(&mut heard).await.unwrap();
        assert!(heard == message(number));
    }
    push.send(b"last".to_vec()).await.unwrap();
    let mut heard = [0; 8];
    peer.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"\0\0\0\x04last");
    drop(peer);
    conversation.await.unwrap();
}

#[tokio::test]
async fn what_others_give_together_is_taken_in_one_turn_and_leaves_in_one_write() {
    let writes = Arc::new(AtomicUsize::new(0));
    let (io, mut peer) = duplex(4096);
    let io = Counted(io, writes.clone());
    let mut connection = Connection::new(io, Peer::new(Address::Memory), &Lines::any(), Limits::default()).unwrap();
    let (push, mut pushed) = mpsc::channel(200);
    (0..200).for_each(|_| push.try_send("news").unwrap());
    tokio::spawn(async move {
        while let Ok(Received::Other(Some(line))) = connection.recv_or(pushed.recv()).await {
            connection.feed(line).await.unwrap();
        }
    });
    yield_now().await;
    assert_eq!(push.capacity(), 200, "as many wait as there is room for");
    let mut heard = vec![0; 1000];
    peer.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, b"news\n".repeat(200));
    assert_eq!(writes.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn others_go_on_once_what_was_fed_is_written() {
    let (io, _peer) = duplex(1024 * 1024);
    let mut connection = over(io, Lines::any());
    let (push, mut pushed) = mpsc::channel(200);
    (0..200).for_each(|_| push.try_send([b'a'; 1000]).unwrap());
    tokio::spawn(async move {
        while let Ok(Received::Other(Some(line))) = connection.recv_or(pushed.recv()).await {
            connection.feed(line).await.unwrap();
        }
    });
    yield_now().await;
    assert_eq!(push.capacity(), 200, "nobody would tell the connection to go on");
}

#[tokio::test]
async fn what_cannot_be_sent_leaves_the_connection_as_it_was() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Lines::any().text(wirework::GBK));
    connection.feed("one").await.unwrap();
    let unmappable = connection.send("😀").await.unwrap_err();
    assert!(matches!(unmappable, Error::Encode(EncodeError::Unmappable { .. })), "{unmappable}");
    let delimiter = connection.send("a\nb").await.unwrap_err();
    assert!(matches!(delimiter, Error::Encode(EncodeError::Delimiter { offset: 1, .. })), "{delimiter}");
    connection.send("two").await.unwrap();
    drop(connection);
    let mut got = String::new();
    peer.read_to_string(&mut got).await.unwrap();
    assert_eq!(got, "one\ntwo\n");
}

#[tokio::test]
async fn a_connection_is_a_stream_and_a_sink() {
    let (io, peer) = duplex(64);
    let (mut sink, stream) = over(io, Lines::any().text(UTF_8)).split_halves();
    let mut other = over(peer, Lines::any().text(UTF_8));
    SinkExt::send(&mut sink, "over").await.unwrap();
    assert_eq!(StreamExt::next(&mut other).await.unwrap().unwrap(), "over");
    SinkExt::<&str>::close(&mut other).await.unwrap();
    assert_eq!(stream.count().await, 0);
}

/// `futures`' own split, by way of `Stream` and `Sink`.
trait SplitHalves: Sized {
    fn split_halves(self) -> (futures::stream::SplitSink<Self, &'static str>, futures::stream::SplitStream<Self>);
}

impl<C: Codec<Format = wirework::Text>> SplitHalves for Connection<DuplexStream, C> {
    fn split_halves(self) -> (futures::stream::SplitSink<Self, &'static str>, futures::stream::SplitStream<Self>) {
        StreamExt::split(self)
    }
}

#[tokio::test]
async fn halves_live_in_two_tasks() {
    let (io, peer) = duplex(64);
    let (mut receiver, mut sender) = over(io, Lines::any().text(UTF_8)).split();
    let mut other = over(peer, Lines::any().text(UTF_8));
    let receiving = tokio::spawn(async move { receiver.recv().await });
    sender.send("out").await.unwrap();
    assert_eq!(other.recv().await.unwrap().unwrap(), "out");
    other.send("in").await.unwrap();
    assert_eq!(receiving.await.unwrap().unwrap().unwrap(), "in");
    sender.close().await.unwrap();
    assert!(other.recv().await.unwrap().is_none());
}

#[tokio::test]
async fn a_client_speaks_the_mirror_of_the_servers_codec() {
    let json = LengthPrefix::u32_be().json::<u32, Vec<u32>>();
    let mirror = json.clone().mirror();
    let dialer = start(|listener| serve(listener, json).reply(async |n| (0..n).collect::<Vec<u32>>()));
    let mut client = connect(&dialer, mirror).await.unwrap();
    client.send(3).await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn a_clients_composition_that_cannot_work_is_refused_before_it_connects() {
    let (dialer, mut listener) = memory();
    let codec = Until::new("，").text("iso-2022-jp".parse::<wirework::Encoding>().unwrap());
    let refused = connect(&dialer, codec).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
    let accepted = pin!(wirework::servers::Listener::accept(&mut listener)).now_or_never();
    assert!(accepted.is_none(), "nobody has dialled");
}

/// A frame ends when nothing has come for 100 ms.
#[derive(Clone, Debug)]
struct UntilSilence;

impl Framing for UntilSilence {
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let len = input.bytes.len();
        if input.tail == Tail::Open || len == 0 {
            return Ok(Step::More(1));
        }
        Ok(Step::Frame { span: 0..len, advance: len })
    }
    fn finish(&mut self, _: &mut BytesMut, _: usize) -> Result<(), EncodeError> {
        Ok(())
    }
    fn quiet_after(&self) -> Option<Duration> {
        Some(Duration::from_millis(100))
    }
}

#[tokio::test(start_paused = true)]
async fn a_framing_that_asks_is_told_of_silence() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, UntilSilence);
    let talking = tokio::spawn(async move {
        for (pause, bytes) in [(0, "ab"), (99, "cd"), (101, "ef")] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            peer.write_all(bytes.as_bytes()).await.unwrap();
        }
        peer
    });
    assert_eq!(connection.recv().await.unwrap().unwrap(), "abcd");
    assert_eq!(connection.recv().await.unwrap().unwrap(), "ef");
    drop(talking.await.unwrap());
    assert!(connection.recv().await.unwrap().is_none());
    let answering = start(|listener| serve(listener, UntilSilence).answer(|bytes, reply| reply.send(bytes)));
    let mut io = answering.dial().await.unwrap();
    io.write_all(b"xyz").await.unwrap();
    let mut back = [0; 3];
    io.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"xyz");
}

#[tokio::test]
async fn close_writes_what_was_fed_and_ends_this_side_once() {
    let (io, mut peer) = duplex(64);
    let writes = Arc::new(AtomicUsize::new(0));
    let io = Counted(io, writes.clone());
    let mut connection = Connection::new(io, Peer::new(Address::Memory), &Lines::any(), Limits::default()).unwrap();
    connection.feed("one").await.unwrap();
    connection.feed("two").await.unwrap();
    let closing = tokio::spawn(connection.close());
    let mut got = String::new();
    peer.read_to_string(&mut got).await.unwrap();
    assert_eq!((got.as_str(), writes.load(Ordering::Relaxed)), ("one\ntwo\n", 1));
    drop(peer);
    closing.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_codec_of_ours_goes_into_framed_and_goes_on_after_a_bad_message() {
    let (io, mut peer) = duplex(64);
    peer.write_all(b"one\n\xff\ntwo\n").await.unwrap();
    let codec = TokioCodec::new(&Lines::any().text(UTF_8)).unwrap();
    let mut framed = tokio_util::codec::Framed::new(io, codec);
    assert_eq!(framed.next().await.unwrap().unwrap().unwrap(), "one");
    assert!(framed.next().await.unwrap().unwrap().is_err());
    assert_eq!(framed.next().await.unwrap().unwrap().unwrap(), "two");
    SinkExt::send(&mut framed, "three").await.unwrap();
    drop(framed);
    let mut got = String::new();
    peer.read_to_string(&mut got).await.unwrap();
    assert_eq!(got, "three\n");
}

#[tokio::test]
async fn a_codec_of_tokio_util_goes_into_a_server_and_keeps_its_items() {
    let lines = Foreign::<_, String>::new(tokio_util::codec::LinesCodec::new());
    let dialer = start(|listener| serve(listener, lines).reply(async |line| line.to_uppercase()));
    assert_eq!(support::exchange(&dialer, b"a\nbc\nd").await, b"A\nBC\nD\n");
    let lengths = Foreign::<_, bytes::Bytes>::new(tokio_util::codec::LengthDelimitedCodec::new());
    let dialer = start(|listener| serve(listener, lengths).reply(async |bytes| bytes.freeze()));
    let mut client = connect(&dialer, LengthPrefix::u32_be()).await.unwrap();
    let large = vec![7; 200_000];
    for message in [&b"one"[..], b"", &large] {
        client.send(message).await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), message);
    }
}

#[tokio::test]
async fn a_frame_of_a_foreign_codec_that_the_stream_cuts_is_not_a_clean_end() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Foreign::<_, bytes::Bytes>::new(tokio_util::codec::LengthDelimitedCodec::new()));
    // This decoder has used up the length when the stream ends.
    peer.write_all(b"\0\0\0\x05").await.unwrap();
    drop(peer);
    let cut = connection.recv().await.unwrap_err();
    assert!(cut.to_string().contains("ended inside it, after 4 bytes"), "{cut}");
}

#[tokio::test]
async fn raw_bytes_can_be_taken_past_a_foreign_codec_that_has_begun() {
    let (io, mut peer) = duplex(64);
    let mut connection = over(io, Foreign::<_, bytes::Bytes>::new(tokio_util::codec::LengthDelimitedCodec::new()));
    peer.write_all(b"\0\0\0\x02hi").await.unwrap();
    peer.write_all(b"\0\0\0\x01").await.unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "hi");
    assert!(connection.recv().now_or_never().is_none());
    assert_eq!(connection.recv_exact(4).await.unwrap(), "\0\0\0\x01");
    peer.write_all(b"\0\0\0\x03end").await.unwrap();
    assert_eq!(connection.recv().await.unwrap().unwrap(), "end");
}

#[test]
fn half_a_message_keeps_no_more_memory_than_it_has_bytes() {
    let wire = [&b"line\n".repeat(10_000)[..], b"half"].concat();
    let mut frames = wirework::core::Frames::new(Lines::any());
    let held = allocation_counter::measure(|| {
        frames.push(&wire);
        while frames.next().unwrap().is_some() {}
    });
    assert_eq!(frames.pending(), b"half");
    assert!(held.bytes_current <= 64, "{held:?}");
}

#[tokio::test]
async fn framing_and_encoding_can_be_chosen_at_run_time() {
    use wirework::core::{BoxFraming, TextEncoding};
    for (framing, encoding, wire, twice) in [
        (Lines::any().boxed(), wirework::GBK, &b"\xc4\xe3\n"[..], &b"\xc4\xe3\xc4\xe3\n"[..]),
        (LengthPrefix::u8().boxed(), UTF_8, b"\x03\xe4\xbd\xa0", b"\x06\xe4\xbd\xa0\xe4\xbd\xa0"),
    ] {
        let (framing, encoding): (BoxFraming, Arc<dyn TextEncoding>) = (framing, Arc::new(encoding));
        let dialer = start(|listener| serve(listener, framing.text(encoding)).reply(async |text| text.repeat(2)));
        assert_eq!(support::exchange(&dialer, wire).await, twice);
    }
    let chunks = wirework::Chunks::new(1).boxed().text(wirework::GBK);
    assert!(chunks.compose().is_err(), "an erased framing is told of the encoding, too");
}
