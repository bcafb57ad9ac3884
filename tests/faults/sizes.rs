//! Peers that send too much, or too little, or claim to.

use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use wirework::combine::Resync;
use wirework::{FramingExt, LengthPrefix, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::{rest, start};

const MIB: usize = 1024 * 1024;

#[test]
fn a_gigabyte_without_a_delimiter() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any()).on_event(events.hook());
        let server = start(server.answer(|line, reply| reply.send(line)));
        let (mut read, mut write) = split(dialer.dial().await.unwrap());
        let mut sent = 0;
        let mut most_held = 0;
        let block = vec![b'x'; MIB];
        while sent < 1024 * MIB && write.write_all(&block).await.is_ok() {
            sent += MIB;
            most_held = most_held.max(server.handle.buffered());
        }
        // 64 KiB end it; what it discards afterwards is bounded, too.
        assert!(sent <= Limits::default().linger_bytes + 2 * MIB, "{sent} bytes were taken");
        assert!(most_held <= 2 * 64 * 1024, "{most_held} bytes were held");
        assert_eq!(rest(&mut read).await.0, b"");
        drop((read, write));
        server.stop().await;
        assert!(events.take()[0].contains("longer than 65536 bytes"));
    });
}

#[test]
fn a_length_of_4_gib_minus_1() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, LengthPrefix::u32_be()).on_event(events.hook());
        let server = start(server.answer(|frame, reply| reply.send(frame)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"\0\0\0\x02hi\xff\xff\xff\xff").await.unwrap();
        io.shutdown().await.unwrap();
        let (read, end) = rest(&mut io).await;
        end.unwrap();
        assert_eq!(read, b"\0\0\0\x02hi", "what came before is answered");
        server.stop().await;
        let told = events.take();
        assert!(told[0].contains("message 2 at byte 6") && told[0].contains("4294967295"), "{told:?}");
    });
}

#[test]
fn claims_n_sends_n_minus_1_closes() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, LengthPrefix::u32_be()).on_event(events.hook());
        let server = start(server.answer(|frame, reply| reply.send(frame)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"\0\0\0\x02hi\0\0\0\x05four").await.unwrap();
        io.shutdown().await.unwrap();
        let (read, end) = rest(&mut io).await;
        end.unwrap();
        assert_eq!(read, b"\0\0\0\x02hi", "half a message is none");
        server.stop().await;
        let told = events.take();
        assert!(told[0].contains("the stream ended inside it, after 8 bytes"), "{told:?}");
    });
}

#[test]
fn too_long_then_a_good_one() {
    paused(async {
        let (dialer, listener) = memory();
        // By default a frame that is too long ends the conversation: what stands behind it is not answered.
        let server = start(serve(listener, Lines::any().max_len(8).text(UTF_8)).reply(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"one\nmuch too long\ntwo\n").await.unwrap();
        assert_eq!(rest(&mut io).await.0, b"one\n");
        drop((io, dialer));
        server.stop().await;

        // Declared so, one that is too long costs no other message.
        let (dialer, listener) = memory();
        let going_on = Resync::delimiter(Lines::any().max_len(8), "\n");
        let server = start(serve(listener, going_on.text(UTF_8)).reply(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"one\nmuch too long\ntwo\n").await.unwrap();
        let mut replies = [0; 8];
        io.read_exact(&mut replies).await.unwrap();
        assert_eq!(&replies, b"one\ntwo\n");
        server.stop().await;
    });
}
