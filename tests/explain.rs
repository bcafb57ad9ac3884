//! Compositions drawn: exactly, for those that `drawings.txt` holds; without a surprise, for all.

use wirework::Composition;
use wirework::notation::{entries, explain};

#[test]
fn drawings_are_exact() {
    let expected = include_str!("drawings.txt");
    let mut blocks = expected.split("## ").skip(1);
    let count = blocks.by_ref().map(|block| {
        let (composition, drawing) = block.split_once('\n').unwrap();
        let drawn = explain(&composition.parse::<Composition>().unwrap()).to_string();
        assert_eq!(drawn.trim_end(), drawing.trim_end(), "{composition}\n{drawn}");
    });
    assert!(count.count() >= 10);
}

fn is_plain(drawn: &str, composition: &str) {
    let moves = |c: &char| c.is_control() && *c != '\n';
    assert_eq!(drawn.chars().find(moves), None, "{composition}");
}

#[test]
fn every_sample_is_drawn_and_nothing_moves_the_cursor() {
    for sample in entries().flat_map(|entry| entry.samples) {
        let drawn = explain(&sample.composition.parse::<Composition>().unwrap());
        is_plain(&drawn.to_string(), sample.composition);
        is_plain(&drawn.to_svg(), sample.composition);
        let short = sample.composition.contains("max 0") || sample.composition.contains("max items 1");
        assert!(short || drawn.to_string().contains("on the wire"), "{}:\n{drawn}", sample.composition);
        // Rows of a drawing are as wide as their borders.
        for line in drawn.to_string().lines().filter(|line| line.contains('│')) {
            assert!(line.ends_with('│'), "{line}");
        }
    }
}

#[test]
fn what_is_large_or_strange_is_drawn_or_told() {
    for composition in [
        "length u64be at 1000000000000",
        "length u64be plus 1000",
        "length u8 | pad to 16777216 with 00",
        "length u8 | pad multiple 16777216 with 00",
        "head(lines | pad to 16777216 with SP, after $)",
        "fold(lines, after *, length u8 | pad to 16777216 with 00)",
        "fixed 18446744073709551615",
        "fixed 1000",
        "lines max 0",
        "chunk 1",
        "head(lines, word 18446744073709551615 of a)",
        "head(until \"\\x1b\\x07\", after \"\\x1b[2J\", then \"\\r\\x08\")",
        "head(lines, last word of \"\\x1b[2J\")",
        "peek {\"\\x1b[2J\": until \"\\x07\", 00: until \"u\"}",
        "until \"\\xC2\\x85\" or \"<&>\"",
        "idle 1ns | escape dots | check crc-32/iso-hdlc as hex after \"\\x1b\" | constant 1B5B324A at end",
        "first(first(first(lines, rest), fixed 2), peek {digit: lines, else switch(lines) {\"A\": rest}}) | check lrc",
        "length u16be | iso-2022-jp",
        "length u16be | utf-16le",
    ] {
        let composition: Composition = composition.parse().unwrap_or_else(|error| panic!("{error}"));
        let text = composition.to_string();
        is_plain(&text, &text);
        is_plain(&explain(&composition).to_string(), &text);
        is_plain(&explain(&composition).to_svg(), &text);
    }
}

#[test]
fn text_that_is_sent_otherwise_is_drawn_as_it_comes() {
    let drawn = |text: &str| explain(&text.parse().unwrap()).to_string();
    assert_eq!(drawn("until \"，\" | gbk sends utf-8"), drawn("until \"，\" | gbk"));
    assert!(drawn("marked \"《\" \"》\" | gbk").starts_with("A frame begins with \"《\" and ends with \"》\""));
}
