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
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio_util::codec::{Decoder, LengthDelimitedCodec, LinesCodec};
use wirework::core::{EncodeError, Format, Frame, FrameError, Frames, Framing, Input, Step};
use wirework::{LengthPrefix, Limits, Lines, Text, UTF_8};

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
        let measured = SIZES.map(|size| measure(group, &group.stream(size)));
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
}

/// Nanoseconds a frame of every contender, theirs first.
fn measure(group: Group, stream: &Stream) -> Vec<f64> {
    let mut contenders: Vec<_> = group.contenders().map(|contender| (contender, repeats(contender, stream))).collect();
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
