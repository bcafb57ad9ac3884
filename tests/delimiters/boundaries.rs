//! Where frames are: as a decoder of the whole stream has it, and as a framing has it.

use std::ops::Range;

use wirework::core::{Frames, Framing};

use crate::reference::{Item, Reference};
use crate::wires::shorter;

/// Where a delimiter stands, each time that one of them is seen: the first that ends, and of those that end there the longest.
/// Its characters stand side by side: between two of them there is no escape sequence.
pub fn seen(items: &[Item], delimiters: &[&str]) -> Vec<Range<usize>> {
    let mut delimiters: Vec<Vec<char>> = delimiters.iter().map(|delimiter| delimiter.chars().collect()).collect();
    delimiters.sort_by_key(|delimiter| std::cmp::Reverse(delimiter.len()));
    let (mut seen, mut from) = (Vec::new(), 0);
    for upto in 1..=items.len() {
        let stands = |wanted: &&Vec<char>| {
            let Some(start) = upto.checked_sub(wanted.len()).filter(|start| *start >= from) else { return false };
            let last = &items[start..upto];
            last.windows(2).all(|pair| pair[0].end == pair[1].start)
                && last.iter().map(|item| item.character).eq(wanted.iter().copied().map(Some))
        };
        if let Some(delimiter) = delimiters.iter().find(stands) {
            seen.push(items[upto - delimiter.len()].start..items[upto - 1].end);
            from = upto;
        }
    }
    seen
}

/// The payloads in front of these delimiters, or with them.
pub fn payloads(delimiters: &[Range<usize>], keep: bool) -> Vec<Range<usize>> {
    let begins = [0].into_iter().chain(delimiters.iter().map(|delimiter| delimiter.end));
    begins.zip(delimiters).map(|(begin, end)| begin..if keep { end.end } else { end.start }).collect()
}

/// The payloads that a framing finds when the wire comes in pieces of these lengths. A framing that loses its way finds no more.
pub fn found(
    framing: &(impl Framing + Clone),
    wire: &[u8],
    pieces: impl IntoIterator<Item = usize>,
) -> Vec<Range<usize>> {
    let mut frames = Frames::new(framing.clone());
    let (mut found, mut rest) = (Vec::new(), wire);
    let mut pieces = pieces.into_iter();
    while !frames.is_over() {
        match pieces.next() {
            Some(len) if !rest.is_empty() => {
                let (piece, behind) = rest.split_at(len.clamp(1, rest.len()));
                frames.push(piece);
                rest = behind;
            }
            _ => frames.close(),
        }
        while let Ok(Some(frame)) = frames.next() {
            let len = frame.bytes().len();
            let begin = usize::try_from(frames.location(&[]).offset).expect("it is short");
            found.push(begin..begin + len);
        }
    }
    found
}

/// A wire as short as it can be made that a scanner reads otherwise than the decoder of the whole.
pub fn counterexample<T: PartialEq>(
    reference: &Reference,
    wire: Vec<u8>,
    expected: impl Fn(&[Item]) -> T,
    scan: impl Fn(&[u8]) -> T,
) -> Vec<u8> {
    let differs = |wire: &[u8]| scan(wire) != expected(&reference.items(wire));
    let mut wire = wire;
    loop {
        let Some(shortened) = shorter(&wire).find(|wire| differs(wire)) else { return wire };
        wire = shortened;
    }
}
