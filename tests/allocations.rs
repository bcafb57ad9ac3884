//! What is not allocated.

mod support;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::core::{FrameError, Frames};
use wirework::framing::{Counts, LengthField, Special};
use wirework::{Encoding, Error, FramingExt, GBK, LengthPrefix, Lines, UTF_8, serve};

use support::start;

/// How often something is allocated, on this thread, while a server answers this many lines that came together.
fn allocations(encoding: Encoding, line: &[u8], lines: usize) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let wire = line.repeat(lines);
    let mut back = vec![0; wire.len()];
    let mut io = runtime.block_on(async {
        let lines = Lines::any().text(encoding);
        start(|listener| serve(listener, lines).answer(|line, reply| reply.send(line))).dial().await.unwrap()
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
    for (encoding, line) in [(UTF_8, "一行\n".as_bytes()), (GBK, b"\xd2\xbb\xd0\xd0\n")] {
        let (few, many) = (allocations(encoding, line, 2), allocations(encoding, line, 2000));
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

/// Every kind of length that can claim 4 GiB, and a wire that does.
fn claims_of_4_gib() -> Vec<(LengthPrefix, &'static [u8])> {
    let then = |field| LengthPrefix::u8().special(0, Special::Then(field));
    vec![
        (LengthPrefix::u32_be(), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_le(), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_be().mask(0xffff_fff0), b"\xff\xff\xff\xff"),
        (LengthPrefix::u32_be().at(1).counts(Counts::Whole).plus(4), b"P\xff\xff\xff\xff"),
        (LengthPrefix::u64_be(), b"\0\0\0\x01\0\0\0\0"),
        (LengthPrefix::u64_le().trailer(b"!"), b"\0\0\0\0\x01\0\0\0"),
        (LengthPrefix::varint(), b"\xff\xff\xff\xff\x0f"),
        (LengthPrefix::varint().at(1), b"P\xff\xff\xff\xff\x0f"),
        (LengthPrefix::decimal(10), b"4294967295"),
        (LengthPrefix::decimal(11).space_padded(), b" 4294967295"),
        (LengthPrefix::hex(8), b"ffffffff"),
        (LengthPrefix::netstring(), b"4294967295:"),
        (LengthPrefix::hex_until(b"\r\n"), b"ffffffff\r\n"),
        (LengthPrefix::bcd(5), b"\x42\x94\x96\x72\x95"),
        (LengthPrefix::ber(), b"\x84\xff\xff\xff\xff"),
        (LengthPrefix::u8().special(0, Special::Length(0xffff_ffff)), b"\0"),
        (then(LengthField::u32_be()), b"\0\xff\xff\xff\xff"),
        (then(LengthField::varint()), b"\0\xff\xff\xff\xff\x0f"),
    ]
}

#[test]
fn a_claimed_length_allocates_nothing() {
    for (prefix, claim) in claims_of_4_gib() {
        let mut frames = Frames::new(prefix.clone().max_len(usize::MAX));
        let allocated = allocation_counter::measure(|| {
            frames.push(claim);
            assert!(frames.next().unwrap().is_none());
        });
        assert!(allocated.bytes_max <= 64, "{allocated:?} for {claim:02x?}: {prefix:?}");
        let mut limited = Frames::new(prefix.clone());
        let mut refused = None;
        let allocated = allocation_counter::measure(|| {
            limited.push(claim);
            refused = limited.next().err();
        });
        // The error quotes the first bytes.
        assert!(allocated.bytes_max <= 128, "{allocated:?} for {claim:02x?}: {prefix:?}");
        let Some(Error::Lost(lost)) = refused else { panic!("{claim:02x?} is taken: {prefix:?}") };
        assert!(matches!(lost.cause, FrameError::TooLong { .. }), "{lost}");
    }
}
