//! Byte strings as they come in an encoding: text, damage, and what is made to be mistaken.

/// A generator of numbers, always the same ones for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("it is below 256")
    }

    pub fn one_of<'a, T: ?Sized>(&mut self, all: &'a [Box<T>]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What wires are made of.
pub struct Pieces(Vec<Box<[u8]>>);

/// Names and words in all scripts that have an encoding of their own; those of 倈, 僜 and 東 hold the bytes of delimiters.
const TEXT: &str = "倈僜東表能功許珮束ソポボ亅丄乗東京漢字中文你好한글똠アァｱ£¥‾éÄ€，。１5aZ";

impl Pieces {
    /// Those of an encoding, in which `written` is some text, or nothing where it lacks a character; and of a delimiter.
    pub fn of(written: impl Fn(&str) -> Vec<u8>, delimiter: &str) -> Self {
        let mut pieces: Vec<Box<[u8]>> = Vec::new();
        let mut often = |bytes: &[u8], times: usize| (0..times).for_each(|_| pieces.push(bytes.into()));
        let own = written(delimiter);
        often(&own, 6);
        // The same in every other way in which one might come.
        own.iter().for_each(|byte| often(&[*byte], 2));
        delimiter.as_bytes().iter().for_each(|byte| often(&[*byte], 2));
        TEXT.chars().for_each(|character| often(&written(character.encode_utf8(&mut [0; 4])), 1));
        for bytes in [
            // Lead bytes, second bytes, digits of four-byte forms, half of one.
            &b"\x81"[..],
            b"\x82",
            b"\x83",
            b"\x8e",
            b"\x8f",
            b"\x9f",
            b"\xa1",
            b"\xa3",
            b"\xe0",
            b"\xfc",
            b"\xfe",
            b"\xff",
            b"\x80",
            b"\xc4",
            b"\x815",
            b"\x810\x810",
            b"\x815\x81",
            b"\x845",
            b"\x8f\xa2",
            b"\x8e\xb1",
            b"\xa2\xe3",
            b"\xa3\xa0",
            b"\x88\x62",
            // Escape sequences, whole and halved.
            b"\x1b",
            b"\x1b$",
            b"\x1b(",
            b"\x1b$B",
            b"\x1b$@",
            b"\x1b(J",
            b"\x1b(B",
            b"\x1b(I",
            b"%|",
            // Surrogates, in both orders.
            b"\xd8",
            b"\xdc",
            b"\x3d\xd8",
            b"\x00\xde",
            b"\xd8\x3d",
            b"\xde\x00",
            b"\0",
            b"5",
            b"a",
            b"|",
            b"\\",
            b"\n",
            b"\r",
        ] {
            often(bytes, 1);
        }
        Self(pieces)
    }

    /// Both these and those.
    pub fn and(self, others: Self) -> Self {
        Self([self.0, others.0].concat())
    }

    /// A few of them, one after the other, and any bytes between.
    pub fn wire(&self, random: &mut Random) -> Vec<u8> {
        let few = random.below(14);
        self.some(few, random)
    }

    /// As [`wire`](Self::wire), and one in 64 long enough to be searched ahead, with bytes in it that are counted in blocks.
    pub fn stream(&self, random: &mut Random) -> Vec<u8> {
        if random.below(64) > 0 {
            return self.wire(random);
        }
        let mut stream = Vec::new();
        for _ in 0..random.below(12) {
            stream.resize(stream.len() + random.below(70), random.byte() | 0x80);
            let many = random.below(60);
            stream.extend(self.some(many, random));
        }
        stream
    }

    fn some(&self, number: usize, random: &mut Random) -> Vec<u8> {
        let mut wire = Vec::new();
        for _ in 0..number {
            match random.below(8) {
                0 => wire.push(random.byte()),
                _ => wire.extend_from_slice(random.one_of(&self.0)),
            }
        }
        wire
    }
}

/// All that is left when a byte, or two that may be a pair, are taken away; of what is long, half of it first.
pub fn shorter(wire: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let without = |(at, len): (usize, usize)| Some([&wire[..at], wire.get(at + len..)?].concat());
    let half = wire.len() / 2;
    let halves = [(0, half), (half, wire.len() - half)].into_iter().filter(move |_| half > 8);
    halves.chain((0..wire.len()).flat_map(|at| [(at, 1), (at, 2)])).filter_map(without)
}
