//! What the verbs of a server promise, over memory and under a paused clock.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use wirework::core::BoxError;
use wirework::servers::BindExt;
use wirework::{Chunks, FramingExt, GBK, LengthPrefix, Limits, Lines, OnBad, UTF_8, memory, serve};

use support::runtime::{in_memory, paused};
use support::{Counted, Events, exchange, start};

#[test]
fn a_handler_may_return_a_reply_an_option_or_a_result() {
    in_memory(async {
        let lines = || Lines::any().text(UTF_8);
        let plain = start(|listener| serve(listener, lines()).reply(async |line| line.to_uppercase()));
        assert_eq!(exchange(&plain, b"a\nb\n").await, b"A\nB\n");
        let borrowed = start(|listener| serve(listener, lines()).reply(async |_| "ok"));
        assert_eq!(exchange(&borrowed, b"a\nb\n").await, b"ok\nok\n");
        let maybe = start(|listener| serve(listener, lines()).reply(async |line| (line != "quiet").then_some(line)));
        assert_eq!(exchange(&maybe, b"quiet\nloud\n").await, b"loud\n");
        let fallible =
            start(|listener| serve(listener, lines()).reply(async |line| line.parse::<u8>().map(|n| n.to_string())));
        assert_eq!(exchange(&fallible, b"1\n2\nx\n3\n").await, b"1\n2\n", "an error ends it, after the replies before");
        let both = start(|listener| {
            serve(listener, lines())
                .reply(async |line| Ok::<_, BoxError>(line.parse::<u8>()?.checked_sub(1).map(|n| n.to_string())))
        });
        assert_eq!(exchange(&both, b"1\n0\n2\n").await, b"0\n1\n");
        let bytes = start(|listener| serve(listener, LengthPrefix::u8()).reply(async |_| b"ok"));
        assert_eq!(exchange(&bytes, b"\x01a").await, b"\x02ok");
    });
}

#[test]
fn answer_lends_the_message_and_writes_none_one_or_several_replies() {
    in_memory(async {
        let dialer = start(|listener| {
            let mut seen = 0; // each connection has its own
            serve(listener, Lines::any().text(GBK)).answer(move |line, reply| {
                seen += 1;
                match line {
                    "quiet" => Ok(()),
                    "twice" => reply.send(line).and_then(|()| reply.send(seen.to_string())),
                    "你好" => reply.send("好"),
                    "unsayable" => reply.send("😀"),
                    _ => return Err(BoxError::from("what?")),
                }
                .map_err(BoxError::from)
            })
        });
        assert_eq!(exchange(&dialer, b"quiet\ntwice\n\xc4\xe3\xba\xc3\n").await, b"twice\n2\n\xba\xc3\n");
        assert_eq!(
            exchange(&dialer, b"twice\nwhat\nquiet\n").await,
            b"twice\n1\n",
            "an error ends it, after the replies before"
        );
    });
}

#[test]
fn a_handler_of_answer_ends_the_conversation_with_a_reply() {
    in_memory(async {
        let events = Events::default();
        let dialer = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).on_event(events.hook()).answer(|line, reply| {
                if line == "quit" {
                    reply.close();
                }
                reply.send(line)
            })
        });
        assert_eq!(exchange(&dialer, b"one\nquit\ntwo\n").await, b"one\nquit\n");
        assert!(events.take().is_empty(), "that is no error");
    });
}

#[test]
fn a_bad_message_is_an_event_and_skipped() {
    in_memory(async {
        let events = Events::default();
        let (reply, answer) = (events.clone(), events.clone());
        let reply = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).on_event(move |event| reply.add(event)).reply(async |line| line)
        });
        let answer = start(|listener| {
            let server = serve(listener, Lines::any().text(UTF_8)).on_event(move |event| answer.add(event));
            server.answer(|line, reply| reply.send(line))
        });
        for dialer in [reply, answer] {
            assert_eq!(exchange(&dialer, b"one\n\xff\ntwo\n").await, b"one\ntwo\n");
            let skipped = r#"memory: skipped bad message 2 at byte 4, which begins FF "\xff": not UTF-8 at byte 0 of the message (FF)"#;
            assert_eq!(events.take(), [skipped]);
        }
    });
}

#[test]
fn a_bad_message_is_replied_to_or_closes_as_declared() {
    in_memory(async {
        let lines = || Lines::any().text(UTF_8);
        let wire = b"one\n\xff\ntwo\n";
        let close = start(|listener| serve(listener, lines()).on_bad(|_, _| OnBad::Close).reply(async |line| line));
        assert_eq!(exchange(&close, wire).await, b"one\n");
        let reply = start(|listener| {
            let server =
                serve(listener, lines()).on_bad(|bad, _| OnBad::reply(format!("ERR {}", bad.location.message)));
            server.answer(|line, reply| reply.send(line))
        });
        assert_eq!(exchange(&reply, wire).await, b"one\nERR 2\ntwo\n");
        let skip = start(|listener| serve(listener, lines()).on_bad(|_, _| OnBad::Skip).reply_once(async |line| line));
        assert_eq!(exchange(&skip, b"\xff\ntwo\nthree\n").await, b"two\n", "one message, not the first bad one");
    });
}

#[test]
fn a_lost_stream_ends_after_the_messages_before_it() {
    in_memory(async {
        let wire = b"\x02hi\x09too long";
        let reply = start(|listener| serve(listener, LengthPrefix::u8().max_len(4)).reply(async |bytes| bytes));
        assert_eq!(exchange(&reply, wire).await, b"\x02hi");
        let answer =
            start(|listener| serve(listener, LengthPrefix::u8().max_len(4)).answer(|bytes, reply| reply.send(bytes)));
        assert_eq!(exchange(&answer, wire).await, b"\x02hi");
    });
}

#[test]
fn joining_a_character_that_was_cut_by_a_read() {
    in_memory(async {
        let dialer = start(|listener| serve(listener, Chunks::new(1024).text(GBK)).reply(async |text| text));
        let mut io = dialer.dial().await.unwrap();
        let mut back = [0; 4];
        for byte in b"\xc4\xe3\xba\xc3" {
            io.write_all(&[*byte]).await.unwrap();
            // The other tasks run until all of them wait: the byte was read.
            tokio::task::yield_now().await;
        }
        io.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"\xc4\xe3\xba\xc3");
    });
}

#[test]
fn replies_to_messages_that_came_together_leave_in_one_write() {
    in_memory(async {
        let writes = Arc::new(AtomicUsize::new(0));
        let counting = writes.clone();
        let counted = async move |io, peer| Ok((Counted(io, counting), peer));
        let (reply, answer) = (counted.clone(), counted);
        let lines = || Lines::any().text(UTF_8);
        let reply = start(|listener| serve(listener.handshake(reply), lines()).reply(async |line| line));
        let answer =
            start(|listener| serve(listener.handshake(answer), lines()).answer(|line, reply| reply.send(line)));
        for dialer in [reply, answer] {
            assert_eq!(exchange(&dialer, &b"a\n".repeat(100)).await, b"a\n".repeat(100));
            assert_eq!(writes.swap(0, Ordering::Relaxed), 1);
        }
    });
}

#[test]
fn a_handler_that_waits_does_not_hold_back_the_replies_before_its_own() {
    in_memory(async {
        let release = Arc::new(Notify::new());
        let waiting = release.clone();
        let dialer = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).reply(async move |line| {
                if line == "slow" {
                    waiting.notified().await;
                }
                line
            })
        });
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"fast\nslow\n").await.unwrap();
        let mut reply = [0; 5];
        io.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"fast\n");
        release.notify_one();
        io.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"slow\n");
    });
}

#[test]
fn a_large_message_in_many_reads_and_a_large_reply_come_through_answer() {
    in_memory(async {
        let dialer = start(|listener| serve(listener, LengthPrefix::u32_be()).answer(|bytes, reply| reply.send(bytes)));
        let mut wire = Vec::new();
        for len in [1usize, 300_000, 0, 1_000_000, 70_000] {
            wire.extend((len as u32).to_be_bytes());
            wire.extend((0..len).map(|i| (i * 7 % 251) as u8));
        }
        let (mut read, mut write) = tokio::io::split(dialer.dial().await.unwrap());
        let sent = wire.clone();
        let writing = tokio::spawn(async move {
            write.write_all(&sent).await.unwrap();
            write.shutdown().await.unwrap();
        });
        let mut back = Vec::new();
        read.read_to_end(&mut back).await.unwrap();
        writing.await.unwrap();
        assert!(back == wire);
    });
}

#[test]
fn a_panic_ends_one_conversation_and_is_an_event() {
    in_memory(async {
        let events = Events::default();
        let dialer = start(|listener| {
            serve(listener, Lines::any().text(UTF_8)).on_event(events.hook()).reply(async |line| {
                assert_ne!(line, "panic");
                line
            })
        });
        let mut other = dialer.dial().await.unwrap();
        assert_eq!(exchange(&dialer, b"panic\n").await, b"");
        other.write_all(b"still here\n").await.unwrap();
        let mut reply = [0; 11];
        other.read_exact(&mut reply).await.unwrap();
        assert_eq!(events.take(), ["memory: the handler panicked"]);
    });
}

#[test]
fn a_slow_handshake_delays_nobody_and_has_a_deadline() {
    paused(async {
        let events = Events::default();
        let dialer = start(|listener| {
            let knocking = listener.handshake(async |mut io: tokio::io::DuplexStream, peer| {
                io.read_u8().await?;
                Ok((io, peer))
            });
            serve(knocking, Lines::any().text(UTF_8)).on_event(events.hook()).reply(async |line| line)
        });
        let mut silent = dialer.dial().await.unwrap();
        assert_eq!(exchange(&dialer, b"!hello\n").await, b"hello\n");
        let started = tokio::time::Instant::now();
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(started.elapsed().as_secs(), Limits::default().handshake.as_secs());
        assert_eq!(events.take(), ["handshake failed: memory: not done after 10s"]);
    });
}

#[test]
fn a_server_that_is_told_to_stop_takes_what_is_queued_and_lets_conversations_end() {
    in_memory(async {
        let (stop, stopped) = oneshot::channel::<()>();
        let (dialer, listener) = memory();
        let mut open = dialer.dial().await.unwrap();
        let server = serve(listener, Lines::any().text(UTF_8)).reply(async |line| line).until(stopped);
        stop.send(()).unwrap();
        let server = tokio::spawn(async { server.await });
        // It was told to stop before it began to accept: this connection was queued.
        open.write_all(b"one\n").await.unwrap();
        let mut reply = [0; 4];
        open.read_exact(&mut reply).await.unwrap();
        assert_eq!(
            dialer.dial().await.unwrap_err().kind(),
            std::io::ErrorKind::ConnectionRefused,
            "new clients are refused"
        );
        open.write_all(b"two\n").await.unwrap();
        open.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"two\n", "and the open conversation goes on");
        drop(open);
        assert_eq!(server.await.unwrap().unwrap().cut, 0);
    });
}

#[test]
fn who_was_told_goodbye_and_stays_is_not_cut_off() {
    paused(async {
        let (dialer, listener) = memory();
        let mut open = dialer.dial().await.unwrap();
        let limits = Limits { drain: Duration::from_secs(6), ..Limits::default() };
        let started = tokio::time::Instant::now();
        let server = serve(listener, Lines::any().text(UTF_8)).limits(limits).goodbye(|_| Some("bye"));
        let ended = server.reply(async |line| line).until(async {}).await.unwrap();
        assert_eq!((ended.cut, started.elapsed().as_secs()), (0, 6));
        let mut told = Vec::new();
        open.read_to_end(&mut told).await.unwrap();
        assert_eq!(told, b"bye\n");
    });
}

#[test]
fn a_conversation_that_does_not_end_is_cut_at_the_deadline() {
    paused(async {
        let (dialer, listener) = memory();
        let mut open = dialer.dial().await.unwrap();
        open.write_all(b"hang\n").await.unwrap();
        let started = tokio::time::Instant::now();
        let events = Events::default();
        let hangs = serve(listener, Lines::any().text(UTF_8))
            .on_event(events.hook())
            .reply(async |_: String| std::future::pending::<String>().await);
        let ended = hangs.until(async {}).await.unwrap();
        assert_eq!(events.take(), ["memory: cut off: it had not ended by itself"]);
        assert_eq!((ended.cut, started.elapsed().as_secs()), (1, Limits::default().drain.as_secs()));
        assert_eq!(open.read(&mut [0]).await.unwrap(), 0);
    });
}

#[test]
fn a_server_ends_when_nobody_can_dial_any_more() {
    in_memory(async {
        let (dialer, listener) = memory();
        drop(dialer);
        assert_eq!(serve(listener, Lines::any()).reply(async |line| line).await.unwrap().cut, 0);
    });
}

#[test]
fn a_composition_that_cannot_work_is_refused_before_anything_is_bound() {
    in_memory(async {
        let codec = Chunks::new(1).text(GBK);
        let bound = Arc::new(AtomicUsize::new(0));
        let binding = bound.clone();
        let server = serve(memory().1, codec).on_listening(move |_| _ = binding.fetch_add(1, Ordering::Relaxed));
        let error = server.reply(async |line| line).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("use Chunks::new(4)"), "{error}");
        assert_eq!(bound.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_limit_of_0_is_refused_before_anything_is_bound() {
    in_memory(async {
        let limits = Limits { connections: 0.into(), ..Limits::default() };
        let server = serve(memory().1, Lines::any()).limits(limits).on_listening(|_| panic!("it listens"));
        let error = server.reply(async |line| line).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with("the limit `connections` is 0"), "{error}");
    });
}

#[test]
fn a_peer_that_neither_reads_nor_ends_is_left_after_the_linger() {
    paused(async {
        let (done, ended) = oneshot::channel();
        let done = Arc::new(Mutex::new(Some(done)));
        let dialer = start(|listener| {
            serve(listener, Chunks::new(16)).each(async move |mut conn| {
                conn.recv().await?;
                conn.send("bye").await?;
                let closing = tokio::time::Instant::now();
                conn.close().await?;
                done.lock().unwrap().take().unwrap().send(closing.elapsed()).unwrap();
                Ok(())
            })
        });
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"hello").await.unwrap();
        assert_eq!(ended.await.unwrap(), Duration::from_secs(5));
        let mut reply = Vec::new();
        io.read_to_end(&mut reply).await.unwrap();
        assert_eq!(reply, b"bye");
    });
}

#[test]
fn a_reply_that_cannot_be_sent_is_an_event_and_the_conversation_goes_on() {
    in_memory(async {
        let events = Events::default();
        let (reply, answer, bad) = (events.clone(), events.clone(), events.clone());
        let lines = || Lines::any().text(UTF_8);
        let reply =
            start(|listener| serve(listener, lines()).on_event(move |event| reply.add(event)).reply(async |line| line));
        let answer = start(|listener| {
            serve(listener, lines()).on_event(move |event| answer.add(event)).answer(|line, reply| reply.send(line))
        });
        for dialer in [reply, answer] {
            // `Lines::any` receives `a` and a CR of it, and cannot send that.
            assert_eq!(exchange(&dialer, b"a\r\r\nnext\n").await, b"next\n");
            let left_out = "memory: left out a message: byte 1 of the payload would end the frame: CR before LF";
            assert_eq!(events.take(), [left_out]);
        }
        let bad = start(|listener| {
            let server = serve(listener, lines()).on_event(move |event| bad.add(event));
            server.on_bad(|_, _| OnBad::reply("two\nlines")).reply(async |line| line)
        });
        assert_eq!(exchange(&bad, b"\xff\nnext\n").await, b"next\n");
        assert_eq!(events.take().len(), 2, "what was bad, and that its reply was left out");
    });
}

#[test]
fn a_peer_that_sends_all_before_it_reads_gets_a_reply_larger_than_any_buffer() {
    paused(async {
        let dialer = start(|listener| serve(listener, Chunks::new(1024)).reply_once(async |_| vec![b'r'; 200_000]));
        let mut io = dialer.dial().await.unwrap();
        let talk = async {
            io.write_all(&vec![b'x'; 300_000]).await.unwrap();
            let mut reply = Vec::new();
            io.read_to_end(&mut reply).await.unwrap();
            reply.len()
        };
        assert_eq!(tokio::time::timeout(Duration::from_secs(3600), talk).await, Ok(200_000));
    });
}

#[test]
fn what_stops_a_server_adds_up() {
    in_memory(async {
        let (_dialer, listener) = memory();
        let (_never, first) = oneshot::channel::<()>();
        let server = serve(listener, Lines::any()).reply(async |line| line).until(first).until(async {});
        assert_eq!(server.await.unwrap().cut, 0);
    });
}

#[test]
fn answer_joins_a_message_that_comes_byte_by_byte() {
    in_memory(async {
        let line = [&b"x".repeat(60_000)[..], b"\n"].concat();
        let dialer = start(|listener| serve(listener, Lines::any()).answer(|bytes, reply| reply.send(bytes)));
        let mut io = dialer.dial().await.unwrap();
        let mut back = vec![0; line.len()];
        for byte in &line {
            io.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        io.read_exact(&mut back).await.unwrap();
        assert!(back == line);
    });
}
