//! What one frame costs, beside the codecs of tokio-util 0.7.20: `cargo bench --bench frames`.
//!
//! Every contender does the same work. It is given the same stream of equal frames, of 16, 64, 256 or 4096 bytes, in
//! pieces of 64 KiB that cut frames anywhere, as a socket would give them; it copies each piece into its buffer, where a
//! socket would have written it; it hands every frame out; and it has to find as many frames as the stream holds. Buffers
//! start empty and are kept over one stream of 1 MiB.
//!
//! | row | a frame is | tokio-util's |
//! |---|---|---|
//! | lines `Bytes` | owned, a copy up to 256 bytes, beyond that sharing the read buffer | `LinesCodec`, a `String` |
//! | lines lent | `&[u8]`, until the next one | `LinesCodec`, a `String` |
//! | lines by hand | as lent, in a loop around `memchr` without any framework: the floor | `LinesCodec`, a `String` |
//! | lines `&str` | checked as UTF-8, until the next one | `LinesCodec`, a `String` |
//! | lines `String` | checked as UTF-8 and owned | `LinesCodec`, a `String` |
//! | u32 prefix `Bytes` | owned, a copy up to 256 bytes, beyond that sharing the read buffer | `LengthDelimitedCodec`, a `BytesMut` that shares it |
//! | u32 prefix lent | `&[u8]`, until the next one | `LengthDelimitedCodec`, a `BytesMut` that shares it |
//!
//! The rows `u32 by hand` are those of the u32 prefix again, beside a framing that was written by hand for nothing else,
//! driven as ours is: what it costs that one type knows all kinds of lengths.
//!
//! Layers stand beside the same framing without one: all read the same stream of frames behind a u32 prefix, whose 64 bytes
//! end with values that both checks hold to be right, and hold nothing that is escaped.
//!
//! | row | of the 64 bytes |
//! |---|---|
//! | plain | all are the payload |
//! | check xor8 | the last one is the exclusive or of the others |
//! | check crc-16/modbus | the last two are the CRC of the others |
//! | escape table | all are searched for what is escaped |
//!
//! Every frame is dropped at once, which is kind to an allocator: what is kept or sent to another thread costs more.
//!
//! Where tokio-util has one way to hand a frame out, it stands beside each of ours; what it does more (a line is always a
//! checked `String`) is what those who need less pay there. Lines are ASCII, and end with LF.
//!
//! First come the times of each contender alone, by divan; arguments behind `--` are divan's. Then, when there are none,
//! the ratios, for which the contenders take turns in one process: times that are taken minutes apart differ by more than
//! what is compared. A time is the 10th percentile of all turns. A missed target is marked, and nothing fails of it: this
//! is no test.

use std::fmt;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio_util::codec::{Decoder, LengthDelimitedCodec, LinesCodec};
use wirework::core::{EncodeError, Format, Frame, FrameError, Frames, Framing, Input, Step};
use wirework::layer::{Check, Crc, Escape};
use wirework::{FramingExt, LengthPrefix, Limits, Lines, Text, UTF_8};

/// What one read brings at most.
const READ: usize = 64 * 1024;
const STREAM: usize = 1024 * 1024;
const SIZES: [usize; 4] = [16, 64, 256, 4096];

const ROUNDS: usize = 200;
const TURN: Duration = Duration::from_micros(1500);

fn main() {
    divan::main();
    // `cargo test` runs this without `--bench`, to see that it works.
    if std::env::args().skip(1).eq(["--bench".to_owned()]) {
        ratios();
    }
}

#[divan::bench(args = cases(LINES), max_time = 0.5)]
fn lines(bencher: divan::Bencher, case: &Case) {
    case.bench(bencher);
}

#[divan::bench(args = cases(PREFIX), max_time = 0.5)]
fn u32_prefix(bencher: divan::Bencher, case: &Case) {
    case.bench(bencher);
}

#[divan::bench(args = BY_HAND.into_iter().flat_map(cases), max_time = 0.5)]
fn u32_by_hand(bencher: divan::Bencher, case: &Case) {
    case.bench(bencher);
}

#[divan::bench(args = LAYERS, max_time = 0.5)]
fn layers(bencher: divan::Bencher, contender: &Contender) {
    let stream = checked_stream();
    bencher.counter(divan::counter::ItemsCount::new(stream.frames)).bench_local(|| stream.read_by(*contender));
}

/// Contenders that read the same stream.
#[derive(Clone, Copy)]
struct Group {
    name: &'static str,
    /// Appends one frame with this payload to a stream.
    write: fn(&mut Vec<u8>, &[u8]),
    theirs: Contender,
    ours: &'static [Ours],
}

#[derive(Clone, Copy)]
struct Contender {
    name: &'static str,
    /// Reads a stream, and says how many frames there were.
    read: fn(&[u8]) -> usize,
}

#[derive(Clone, Copy)]
struct Ours {
    contender: Contender,
    /// The largest ratio of our time to theirs that we accept, by the size of the frame.
    target: fn(usize) -> Option<f64>,
}

const LINES: Group = Group {
    name: "lines",
    write: |wire, payload| {
        wire.extend_from_slice(payload);
        wire.push(b'\n');
    },
    theirs: Contender { name: "LinesCodec", read: |wire| tokio_util(LinesCodec::new(), wire) },
    ours: &[
        Ours {
            contender: Contender { name: "Bytes", read: |wire| pushed(Lines::any(), wire, |frame| frame.to_bytes()) },
            target: |size| (size <= 256).then_some(0.6),
        },
        Ours {
            contender: Contender { name: "lent", read: |wire| lent(Lines::any(), wire, Lend) },
            target: |size| (size <= 256).then_some(0.3),
        },
        Ours { contender: Contender { name: "by hand", read: lines_by_hand }, target: |_| None },
        Ours {
            contender: Contender { name: "&str", read: |wire| lent(Lines::any(), wire, Text::new(UTF_8)) },
            target: |size| (size <= 256).then_some(0.5),
        },
        Ours {
            contender: Contender {
                name: "String",
                read: |wire| {
                    let mut text = Text::new(UTF_8);
                    pushed(Lines::any(), wire, |frame| text.own(frame).unwrap())
                },
            },
            target: |size| match size {
                ..=64 => Some(0.75),
                65..=256 => Some(0.9),
                _ => None,
            },
        },
    ],
};

const PREFIX: Group = Group {
    name: "u32 prefix",
    write: |wire, payload| {
        wire.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
        wire.extend_from_slice(payload);
    },
    theirs: Contender { name: "LengthDelimitedCodec", read: |wire| tokio_util(LengthDelimitedCodec::new(), wire) },
    ours: &[
        Ours {
            contender: Contender {
                name: "Bytes",
                read: |wire| pushed(LengthPrefix::u32_be(), wire, |frame| frame.to_bytes()),
            },
            target: |size| (size <= 256).then_some(0.6),
        },
        Ours {
            contender: Contender { name: "lent", read: |wire| lent(LengthPrefix::u32_be(), wire, Lend) },
            target: |size| (size <= 256).then_some(0.3),
        },
    ],
};

const BY_HAND: [Group; 2] = [
    Group {
        name: "u32 by hand",
        write: PREFIX.write,
        theirs: Contender { name: "by hand", read: |wire| pushed(U32ByHand, wire, |frame| frame.to_bytes()) },
        ours: &[Ours { contender: PREFIX.ours[0].contender, target: |_| Some(1.05) }],
    },
    Group {
        name: "u32 by hand",
        write: PREFIX.write,
        theirs: Contender { name: "by hand", read: |wire| lent(U32ByHand, wire, Lend) },
        ours: &[Ours { contender: PREFIX.ours[1].contender, target: |_| Some(1.05) }],
    },
];

/// A big-endian length of 4 bytes, and no other.
struct U32ByHand;

impl Framing for U32ByHand {
    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let Some(field) = input.bytes.first_chunk::<4>() else { return Ok(Step::More(4 - input.bytes.len())) };
        let len = u32::from_be_bytes(*field) as usize;
        if len > Limits::COUNTED_FRAME {
            return Err(FrameError::TooLong { claimed: Some(len as u64), max: Limits::COUNTED_FRAME });
        }
        let end = 4 + len;
        if input.bytes.len() < end {
            return Ok(Step::More(end - input.bytes.len()));
        }
        Ok(Step::Frame { span: 4..end, advance: end })
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let len = out.len() - start - 4;
        match u32::try_from(len) {
            Ok(field) if len <= Limits::COUNTED_FRAME => {
                out[start..start + 4].copy_from_slice(&field.to_be_bytes());
                Ok(())
            }
            _ => Err(EncodeError::TooLong { len, max: Limits::COUNTED_FRAME as u64 }),
        }
    }

    fn header_len(&self) -> usize {
        4
    }

    fn max_len(&self) -> usize {
        4 + Limits::COUNTED_FRAME
    }
}

/// Layers over the same framing, which stands first without any.
const LAYERS: [Contender; 4] = [
    Contender { name: "plain", read: |wire| lent(LengthPrefix::u32_be(), wire, Lend) },
    Contender { name: "check xor8", read: |wire| lent(LengthPrefix::u32_be().layer(Check::xor8()), wire, Lend) },
    Contender { name: "check crc-16/modbus", read: |wire| lent(LengthPrefix::u32_be().layer(modbus()), wire, Lend) },
    Contender { name: "escape table", read: |wire| lent(LengthPrefix::u32_be().layer(jt808()), wire, Lend) },
];

fn modbus() -> Check {
    static CRC: LazyLock<Crc> = LazyLock::new(|| Crc::named("crc-16/modbus").unwrap());
    Check::from(CRC.clone()).little_endian()
}

fn jt808() -> Escape {
    Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])
}

/// Frames of 64 bytes that end with their xor8, and with their CRC-16/MODBUS too.
fn checked_stream() -> Stream {
    let crc = Crc::named("crc-16/modbus").unwrap();
    let body = (0..=u32::MAX).map(|number| {
        let mut body = [b'x'; 64];
        body[..4].copy_from_slice(&number.to_be_bytes());
        let check = u16::try_from(crc.checksum(&body[..62])).unwrap();
        body[62..].copy_from_slice(&check.to_le_bytes());
        body
    });
    let clean = |body: &[u8; 64]| {
        body[..63].iter().fold(0, |all, byte| all ^ byte) == body[63] && !body.contains(&0x7D) && !body.contains(&0x7E)
    };
    let body = body.into_iter().find(clean).unwrap();
    let mut stream = Stream { wire: Vec::new(), frames: 0 };
    while stream.wire.len() < STREAM {
        (PREFIX.write)(&mut stream.wire, &body);
        stream.frames += 1;
    }
    stream
}

fn tokio_util<D: Decoder<Error: fmt::Debug>>(mut decoder: D, wire: &[u8]) -> usize {
    let mut buffer = BytesMut::new();
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
            black_box(frame);
            count += 1;
        }
    }
    count
}

/// Ours, in a buffer that the frames share.
fn pushed<F: Framing, T>(framing: F, wire: &[u8], mut own: impl FnMut(Frame<'_>) -> T) -> usize {
    let mut frames = Frames::new(framing);
    let mut count = 0;
    for piece in wire.chunks(READ) {
        frames.push(piece);
        while let Some(frame) = frames.next().unwrap() {
            black_box(own(frame));
            count += 1;
        }
    }
    count
}

/// Ours, in the reader's own buffer.
fn lent<F: Framing>(framing: F, wire: &[u8], mut view: impl View) -> usize {
    let mut frames = Frames::new(framing);
    let mut scratch = String::new();
    let mut buffer = Vec::new();
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.clear();
        buffer.extend_from_slice(frames.pending());
        buffer.extend_from_slice(piece);
        let mut lent = frames.lend(&buffer);
        while let Some(frame) = lent.next().unwrap() {
            view.view(frame, &mut scratch);
            count += 1;
        }
    }
    count
}

/// Lent lines without any framework: the least that a loop around `memchr` can take.
fn lines_by_hand(wire: &[u8]) -> usize {
    let mut buffer = Vec::new();
    let mut used = 0;
    let mut count = 0;
    for piece in wire.chunks(READ) {
        buffer.drain(..used);
        buffer.extend_from_slice(piece);
        used = 0;
        while let Some(len) = memchr::memchr(b'\n', &buffer[used..]) {
            black_box(&buffer[used..used + len]);
            used += len + 1;
            count += 1;
        }
    }
    count
}

/// What becomes of a frame that is lent.
trait View {
    fn view(&mut self, frame: Frame<'_>, scratch: &mut String);
}

struct Lend;

impl View for Lend {
    fn view(&mut self, frame: Frame<'_>, _: &mut String) {
        black_box(frame.bytes());
    }
}

impl View for Text {
    fn view(&mut self, frame: Frame<'_>, scratch: &mut String) {
        black_box(Format::view(self, frame, scratch).unwrap());
    }
}

impl Group {
    fn contenders(self) -> impl Iterator<Item = Contender> {
        std::iter::once(self.theirs).chain(self.ours.iter().map(|ours| ours.contender))
    }

    fn stream(self, size: usize) -> Stream {
        let payload: Vec<u8> = (b' '..=b'~').cycle().take(size).collect();
        let mut stream = Stream { wire: Vec::new(), frames: 0 };
        while stream.wire.len() < STREAM {
            (self.write)(&mut stream.wire, &payload);
            stream.frames += 1;
        }
        stream
    }
}

struct Stream {
    wire: Vec<u8>,
    frames: usize,
}

impl Stream {
    fn read_by(&self, contender: Contender) {
        assert_eq!((contender.read)(black_box(&self.wire)), self.frames, "{}", contender.name);
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One contender over one size of frames, for divan.
struct Case {
    contender: Contender,
    size: usize,
    group: Group,
}

fn cases(group: Group) -> Vec<Case> {
    group.contenders().flat_map(|contender| SIZES.map(|size| Case { contender, size, group })).collect()
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.contender.name, self.size)
    }
}

impl Case {
    fn bench(&self, bencher: divan::Bencher) {
        let stream = self.group.stream(self.size);
        bencher.counter(divan::counter::ItemsCount::new(stream.frames)).bench_local(|| stream.read_by(self.contender));
    }
}

fn ratios() {
    println!("nanoseconds a frame, and ours divided by theirs; contenders in turn, 10th percentile of {ROUNDS}\n");
    println!("{:<13}{:<8}{:>6}{:>9}{:>12}{:>8}{:>8}", "framing", "as", "bytes", "ours", "theirs", "ratio", "target");
    for group in [LINES, PREFIX].into_iter().chain(BY_HAND) {
        let contenders: Vec<_> = group.contenders().collect();
        let measured = SIZES.map(|size| measure(&contenders, &group.stream(size)));
        for (i, ours) in group.ours.iter().enumerate() {
            for (size, times) in SIZES.iter().zip(&measured) {
                let (theirs, time) = (times[0], times[i + 1]);
                let ratio = time / theirs;
                let target = match (ours.target)(*size) {
                    Some(target) if ratio <= target => format!("{target:.2}"),
                    Some(target) => format!("{target:.2}  missed"),
                    None => String::new(),
                };
                let row = format!(
                    "{:<13}{:<8}{size:>6}{time:>9.1}{theirs:>12.1}{ratio:>8.2}    {target}",
                    group.name, ours.contender.name
                );
                println!("{}", row.trim_end());
            }
        }
    }
    println!("\n{:<32}{:>6}{:>12}{:>8}", "u32 prefix with", "bytes", "ns a frame", "ratio");
    let times = measure(&LAYERS, &checked_stream());
    for (contender, time) in LAYERS.iter().zip(&times) {
        println!("{:<32}{:>6}{time:>12.1}{:>8.2}", contender.name, 64, time / times[0]);
    }
}

/// Nanoseconds a frame of every contender.
fn measure(contenders: &[Contender], stream: &Stream) -> Vec<f64> {
    let mut contenders: Vec<_> = contenders.iter().map(|contender| (*contender, repeats(*contender, stream))).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((contender, repeats), times) in contenders.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repeats {
                stream.read_by(*contender);
            }
            times.push(start.elapsed().as_secs_f64() * 1e9 / (*repeats as f64 * stream.frames as f64));
        }
    }
    times.iter_mut().map(|times| *times.select_nth_unstable_by(ROUNDS / 10, f64::total_cmp).1).collect()
}

/// How often to read the stream for one turn to last long enough; also warms up.
fn repeats(contender: Contender, stream: &Stream) -> u32 {
    let start = Instant::now();
    let mut repeats = 0;
    while start.elapsed() < TURN {
        stream.read_by(contender);
        repeats += 1;
    }
    repeats
}
