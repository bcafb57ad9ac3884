//! What is not allocated.

mod support;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::framing::Until;
use wirework::{Encoding, FramingExt, GBK, Lines, UTF_8, serve};

use support::start;

/// How often something is allocated, on this thread, while a server answers this many messages that came together.
fn allocations(framing: &Until, encoding: Encoding, message: &[u8], messages: usize) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let wire = message.repeat(messages);
    let mut back = vec![0; wire.len()];
    let mut io = runtime.block_on(async {
        let codec = framing.clone().text(encoding);
        start(|listener| serve(listener, codec).answer(|line, reply| reply.send(line))).dial().await.unwrap()
    });
    let mut exchange = || {
        runtime.block_on(async {
            io.write_all(&wire).await.unwrap();
            io.read_exact(&mut back).await.unwrap();
        });
    };
    // The thread's buffers and those of the pipe grow once.
    exchange();
    exchange();
    let count = allocation_counter::measure(exchange).count_total;
    assert_eq!(back, wire);
    count
}

#[test]
fn answer_allocates_nothing_for_a_message() {
    for (framing, encoding, message) in [
        (Lines::any(), UTF_8, "一行\n".as_bytes()),
        (Lines::any(), GBK, b"\xd2\xbb\xd0\xd0\n"),
        (Until::new("|"), GBK, b"\x82\x7c|"),
        (Until::new("|").or("END"), GBK, b"\x82\x7c|"),
    ] {
        let [few, many] = [2, 2000].map(|messages| allocations(&framing, encoding, message, messages));
        assert!(many <= few + 8, "{encoding}: {few} for 2 messages, {many} for 2000");
    }
}

/// How many bytes are allocated, in all, while a server answers one line of this length that comes byte by byte.
fn allocated_byte_by_byte(len: usize) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut io = runtime.block_on(async {
        let lines = Lines::any();
        start(|listener| serve(listener, lines).answer(|line, reply| reply.send(line))).dial().await.unwrap()
    });
    let line = [&b"x".repeat(len)[..], b"\n"].concat();
    let mut back = vec![0; line.len()];
    let allocated = allocation_counter::measure(|| {
        runtime.block_on(async {
            for byte in &line {
                io.write_all(&[*byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            io.read_exact(&mut back).await.unwrap();
        });
    });
    assert!(back == line);
    allocated.bytes_total
}

#[test]
fn a_message_that_comes_byte_by_byte_is_not_copied_for_each_byte() {
    // The thread's buffers, once.
    allocated_byte_by_byte(1);
    let (short, long) = (allocated_byte_by_byte(4_000), allocated_byte_by_byte(16_000));
    assert!(long < 5 * short + (1 << 20), "{short} bytes for 4 000, {long} for 16 000");
}
