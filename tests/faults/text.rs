//! Text that is malformed, cut, marked or ended in mixed ways.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::{Chunks, Encoding, FramingExt, GBK, Lines, OnBad, UTF_8, memory, serve};

use crate::support::runtime::paused;
use crate::world::{rest, start};

/// What a server of lines answers to `wire`, cut in two at `cut`; a bad line is answered with `?`.
async fn answers(encoding: Encoding, wire: &[u8], cut: usize) -> Vec<u8> {
    let (dialer, listener) = memory();
    let server = serve(listener, Lines::any().text(encoding)).on_bad(|_, _| OnBad::reply("?"));
    let server = start(server.answer(|line, reply| reply.send(line)));
    let mut io = dialer.dial().await.unwrap();
    let (before, after) = wire.split_at(cut);
    io.write_all(before).await.unwrap();
    tokio::task::yield_now().await;
    io.write_all(after).await.unwrap();
    io.shutdown().await.unwrap();
    let (read, end) = rest(&mut io).await;
    end.unwrap();
    server.stop().await;
    read
}

#[test]
fn malformed_and_truncated_text_at_every_edge() {
    paused(async {
        let utf_8: &[&[u8]] =
            &[b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe4\xbd", b"\xf0\x9f\x98"];
        let gbk: &[&[u8]] = &[b"\xff", b"\x81\x30", b"\xc4", b"\xfe\xff"];
        for (encoding, good, bad) in [(UTF_8, "好".as_bytes(), utf_8), (GBK, b"\xba\xc3", gbk)] {
            for bad in bad {
                // At the beginning of a line, in its middle, at its end, alone; and where the stream ends, in half a line.
                for line in [&[*bad, good][..], &[good, bad, good], &[good, bad], &[bad]] {
                    let line = line.concat();
                    let wire = [good, b"\n", &line, b"\n", good, b"\n", &line].concat();
                    let expected = [good, b"\n?\n", good, b"\n"].concat();
                    for cut in 0..=wire.len() {
                        assert_eq!(answers(encoding, &wire, cut).await, expected, "{wire:x?} cut at {cut}");
                    }
                }
            }
        }
    });
}

#[test]
fn bom_nul_lone_cr_mixed_line_ends() {
    paused(async {
        let wire = "\u{feff}one\r\ntwo\nthr\u{0}ee\r\nfo\rur\r\n\n\r\nend".as_bytes();
        let expected = "\u{feff}one\ntwo\nthr\u{0}ee\nfo\rur\n\n\n".as_bytes();
        for cut in 0..=wire.len() {
            assert_eq!(answers(UTF_8, wire, cut).await, expected, "cut at {cut}");
        }
    });
}

#[test]
fn a_character_that_the_end_of_the_stream_cuts_is_an_error_and_costs_nothing_before_it() {
    paused(async {
        let (dialer, listener) = memory();
        let server = serve(listener, Chunks::new(1024).text(GBK)).on_bad(|_, _| OnBad::reply("?"));
        let server = start(server.answer(|text, reply| reply.send(text)));
        let mut io = dialer.dial().await.unwrap();
        io.write_all(b"\xc4\xe3\xba").await.unwrap();
        let mut reply = [0; 2];
        io.read_exact(&mut reply).await.unwrap();
        assert_eq!(&reply, b"\xc4\xe3", "half a character waits for its other half");
        io.shutdown().await.unwrap();
        assert_eq!(rest(&mut io).await.0, b"?");
        server.stop().await;
    });
}
