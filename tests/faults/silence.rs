//! Peers that keep a server waiting.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, split};
use tokio::time::{Instant, sleep};
use wirework::servers::{Goodbye, State};
use wirework::{FramingExt, LengthPrefix, Limit, Limits, Lines, UTF_8, memory, serve};

use crate::support::Events;
use crate::support::runtime::paused;
use crate::world::{assert_met, rest, start};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn one_byte_a_second_for_ever() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any()).on_event(events.hook());
        let server = start(server.answer(|line, reply| reply.send(line)));
        let (mut read, mut write) = split(dialer.dial().await.unwrap());
        let began = Instant::now();
        let drip = async {
            while write.write_all(b"x").await.is_ok() {
                sleep(SECOND).await;
            }
        };
        tokio::select! {
            () = drip => {}
            (_, end) = rest(&mut read) => end.unwrap(),
        }
        assert_met(began.elapsed(), 30 * SECOND);
        drop((read, write));
        server.stop().await;
        let told = events.take();
        assert!(told[0].starts_with("memory: a message that began at byte 0 was not whole after 30s: 3"), "{told:?}");
    });
}

#[test]
fn bytes_that_come_fast_enough_put_the_deadline_off() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(
            serve(listener, LengthPrefix::u32_be())
                .answer(|frame, reply| reply.send(frame.len().to_string().as_bytes())),
        );
        let mut io = dialer.dial().await.unwrap();
        let began = Instant::now();
        io.write_all(&(200 * 1024_u32).to_be_bytes()).await.unwrap();
        // 2 KiB a second: slow, and twice as fast as it must be.
        for _ in 0..100 {
            sleep(SECOND).await;
            io.write_all(&[b'x'; 2048]).await.unwrap();
        }
        let mut reply = [0; 10];
        io.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"\0\0\0\x06204800");
        assert!(began.elapsed() >= 100 * SECOND);
        server.stop().await;
    });
}

#[test]
fn connect_and_say_nothing() {
    paused(async {
        let (dialer, listener) = memory();
        let events = Events::default();
        let server = serve(listener, Lines::any().text(UTF_8)).on_event(events.hook());
        let server = start(server.reply(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        let began = Instant::now();
        assert_eq!(io.read(&mut [0]).await.unwrap(), 0, "an orderly end");
        assert_met(began.elapsed(), 60 * SECOND);
        server.stop().await;
        assert_eq!(events.take(), ["memory: nothing came for 60s"]);
    });
}

#[test]
fn silence_between_messages_has_a_deadline_of_its_own() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, Lines::any().text(UTF_8)).reply(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        let mut reply = [0; 3];
        for _ in 0..3 {
            sleep(50 * SECOND).await;
            io.write_all(b"hi\n").await.unwrap();
            io.read_exact(&mut reply).await.unwrap();
        }
        let began = Instant::now();
        assert_eq!(io.read(&mut reply).await.unwrap(), 0);
        assert_met(began.elapsed(), 300 * SECOND);
        server.stop().await;
    });
}

#[test]
fn a_peer_that_is_sent_a_lot_and_says_nothing_is_gone() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, Lines::any().text(UTF_8)).each(async |mut conn| {
            conn.recv().await?;
            loop {
                // Pushes every second do not put the deadline of the silent one off.
                match conn.recv_or(sleep(SECOND)).await {
                    Ok(wirework::Received::Other(())) => conn.feed("tick").await?,
                    Ok(_) => return Ok(()),
                    Err(error) => {
                        conn.feed(error.to_string()).await?;
                        return Ok(conn.close().await?);
                    }
                }
            }
        }));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"subscribe\n").await.unwrap();
        let began = Instant::now();
        let (read, end) = rest(&mut io).await;
        assert_met(began.elapsed(), 300 * SECOND);
        end.unwrap();
        assert!(String::from_utf8(read).unwrap().ends_with("tick\nno message came for 300s\n"));
        server.stop().await;
    });
}

#[test]
fn a_sign_of_life_that_is_answered_keeps_the_conversation() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any().text(UTF_8)).keep_alive(100 * SECOND, "PING");
        let server = start(server.reply(async |line| (line != "PONG").then_some(line)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"hello\n").await.unwrap();
        let began = Instant::now();
        let mut line = [0; 6];
        io.read_exact(&mut line).await.unwrap();
        for n in 1..=10 {
            io.read_exact(&mut line[..5]).await.unwrap();
            assert_eq!(&line[..5], b"PING\n");
            assert_met(began.elapsed() / n, 100 * SECOND);
            io.write_all(b"PONG\n").await.unwrap();
        }
        let silent = Instant::now();
        let (read, end) = rest(&mut io).await;
        end.unwrap();
        assert_eq!(read, b"PING\nPING\n", "asked again and again, and then it is gone");
        assert_met(silent.elapsed(), 300 * SECOND);
        server.stop().await;
    });
}

#[test]
fn claims_the_maximum_and_stalls_a_thousand_times() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, LengthPrefix::u32_be()).answer(|frame, reply| reply.send(frame)));
        let mut stalled = Vec::new();
        for _ in 0..1000 {
            let mut io = dialer.dial().await.unwrap();
            io.write_all(&(1024 * 1024_u32 - 4).to_be_bytes()).await.unwrap();
            stalled.push(io);
        }
        let mut other = dialer.dial().await.unwrap();
        other.write_all(b"\0\0\0\x02hi").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        server
            .until(|server| server.connections().iter().filter(|c| c.state == State::Receiving).count() == 1000)
            .await;
        assert!(server.handle.buffered() < 64 * 1000, "{} bytes for what is claimed", server.handle.buffered());
        let began = Instant::now();
        for io in &mut stalled {
            rest(io).await.1.unwrap();
        }
        assert_met(began.elapsed(), 30 * SECOND);
        other.write_all(b"\0\0\0\x02hi").await.unwrap();
        other.read_exact(&mut [0; 6]).await.unwrap();
        assert_eq!(server.handle.buffered(), 0);
        server.stop().await;
    });
}

#[test]
fn who_is_too_late_is_told_so() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Lines::any().text(UTF_8)).goodbye(|why| match why {
            Goodbye::TooLate(error) => Some(format!("421 {error}")),
            Goodbye::Lost(lost) => Some(format!("500 {}", lost.cause)),
            Goodbye::Draining => Some("221 closing".to_owned()),
            _ => None,
        });
        let server = start(server.answer(|line, reply| reply.send(line)));
        let mut late = dialer.dial().await.unwrap();
        assert_eq!(rest(&mut late).await.0, b"421 nothing came for 60s\n");
        let mut long = dialer.dial().await.unwrap();
        long.write_all(&[b'x'; 65 * 1024]).await.unwrap();
        assert_eq!(rest(&mut long).await.0, b"500 longer than 65536 bytes\n");
        let mut open = dialer.dial().await.unwrap();
        open.write_all(b"hello\n").await.unwrap();
        open.read_exact(&mut [0; 6]).await.unwrap();
        server.handle.stop();
        assert_eq!(rest(&mut open).await.0, b"221 closing\n");
        server.stop().await;
    });
}

#[test]
fn a_handler_that_takes_its_time_is_not_the_peers_silence() {
    paused(async {
        let (dialer, listener) = memory();
        let server = start(serve(listener, Lines::any().text(UTF_8)).reply(async |line| {
            sleep(1000 * SECOND).await;
            line
        }));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"think\nagain\n").await.unwrap();
        let mut replies = [0; 12];
        io.read_exact(&mut replies).await.unwrap();
        assert_eq!(&replies, b"think\nagain\n");
        server.stop().await;
    });
}

#[test]
fn unlimited_is_a_word() {
    paused(async {
        let (dialer, listener) = memory();
        let limits = Limits {
            first_byte: Limit::Unlimited,
            idle: Limit::Unlimited,
            frame: Limit::Unlimited,
            ..Limits::default()
        };
        let server = start(serve(listener, Lines::any().text(UTF_8)).limits(limits).reply(async |line| line));
        let mut io = dialer.dial().await.unwrap();
        for piece in [&b"a"[..], b"\n", b"b\n"] {
            sleep(10_000 * SECOND).await;
            io.write_all(piece).await.unwrap();
        }
        let mut replies = [0; 4];
        io.read_exact(&mut replies).await.unwrap();
        assert_eq!(&replies, b"a\nb\n");
        server.stop().await;
    });
}
