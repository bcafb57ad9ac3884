//! Contenders that read the same stream.

use std::fmt;
use std::hint::black_box;

const STREAM: usize = 1024 * 1024;

/// From frames that are almost nothing but their framing to frames that are almost nothing but their payload.
pub(crate) const SIZES: &[usize] = &[16, 64, 256, 4096];

/// Contenders that read the same stream.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    /// How long the payloads are.
    pub(crate) sizes: &'static [usize],
    /// A payload of this length.
    pub(crate) payload: fn(usize) -> Vec<u8>,
    /// Appends one frame with this payload to a stream.
    pub(crate) write: fn(&mut Vec<u8>, &[u8]),
    pub(crate) theirs: Contender,
    pub(crate) ours: &'static [Ours],
}

#[derive(Clone, Copy)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Reads a stream, and says how many frames there were.
    pub(crate) read: fn(&[u8]) -> usize,
}

/// A contender that stands beside the other one.
#[derive(Clone, Copy)]
pub(crate) struct Ours {
    pub(crate) contender: Contender,
    /// The largest ratio of our time to theirs that we accept, by the size of the frame.
    pub(crate) target: fn(usize) -> Option<f64>,
}

impl Group {
    /// All contenders, the one that the others stand beside first.
    pub(crate) fn contenders(self) -> impl Iterator<Item = Contender> {
        std::iter::once(self.theirs).chain(self.ours.iter().map(|ours| ours.contender))
    }

    pub(crate) fn stream(self, size: usize) -> Stream {
        let payload = (self.payload)(size);
        let mut stream = Stream { wire: Vec::new(), frames: 0 };
        while stream.wire.len() < STREAM {
            (self.write)(&mut stream.wire, &payload);
            stream.frames += 1;
        }
        stream
    }

    /// Every contender over every size.
    pub(crate) fn cases(self) -> impl Iterator<Item = Case> {
        let sizes = self.sizes.iter();
        self.contenders()
            .flat_map(move |contender| sizes.clone().map(move |size| Case { group: self, contender, size: *size }))
    }
}

/// Printable characters.
pub(crate) fn text(size: usize) -> Vec<u8> {
    (b' '..=b'~').cycle().take(size).collect()
}

pub(crate) struct Stream {
    wire: Vec<u8>,
    pub(crate) frames: usize,
}

impl Stream {
    pub(crate) fn read_by(&self, contender: Contender) {
        assert_eq!((contender.read)(black_box(&self.wire)), self.frames, "{}", contender.name);
    }
}

/// One contender over one size of frames, for divan.
pub(crate) struct Case {
    group: Group,
    contender: Contender,
    size: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} of {}", self.group.name, self.contender.name, self.size)
    }
}

impl Case {
    pub(crate) fn bench(&self, bencher: divan::Bencher) {
        let stream = self.group.stream(self.size);
        bencher.counter(divan::counter::ItemsCount::new(stream.frames)).bench_local(|| stream.read_by(self.contender));
    }
}
