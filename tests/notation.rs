//! The text notation and the data notation, from the registry that both come from.

use std::collections::BTreeMap;

use wirework::combine::{Declared, Head, Pattern, Peek, Switch};
use wirework::core::Frames;
use wirework::layer::{Check, Constant};
use wirework::notation::{Composed, Entry, Meaning, Opt, Sample, Takes, entries};
use wirework::{Composition, Error, LengthPrefix, Lines};

fn samples() -> impl Iterator<Item = &'static Sample> {
    entries().flat_map(|entry| entry.samples)
}

fn parsed(text: &str) -> Composition {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_sample_decodes_to_its_payloads_and_errors() {
    for sample in samples() {
        let (payloads, errors) = decoded(&parsed(sample.composition), sample.wire);
        assert_eq!(payloads, sample.payloads, "{}", sample.composition);
        assert_eq!(errors, sample.errors, "{}", sample.composition);
    }
}

fn decoded(composition: &Composition, wire: &[u8]) -> (Vec<Vec<u8>>, Vec<String>) {
    let mut frames = Frames::new(composition.framing().clone());
    frames.push(wire);
    frames.close();
    let (mut payloads, mut errors) = (Vec::new(), Vec::new());
    loop {
        match frames.next() {
            Ok(Some(frame)) => payloads.push(frame.bytes().to_vec()),
            Ok(None) => return (payloads, errors),
            Err(Error::Bad(bad)) => errors.push(bad.cause.to_string()),
            Err(Error::Lost(lost)) => {
                errors.push(lost.cause.to_string());
                return (payloads, errors);
            }
            Err(error) => panic!("{composition}: {error}"),
        }
    }
}

/// Whether a composition says something to an option, in data, where nothing else looks like it.
fn tells(composition: &Composition, entry: &Entry, opt: &Opt) -> bool {
    fn find(data: &serde_json::Value, stage: &str, option: &str) -> bool {
        match data {
            serde_json::Value::Array(all) => all.iter().any(|data| find(data, stage, option)),
            serde_json::Value::Object(map) => map.iter().any(|(name, data)| {
                (name == stage || stage == "ENCODING") && data.get(option).is_some() || find(data, stage, option)
            }),
            _ => false,
        }
    }
    find(&serde_json::to_value(composition).unwrap(), entry.name, &opt.name.replace(' ', "_"))
}

#[test]
fn every_option_is_used_by_a_sample_and_comes_back_from_every_notation() {
    for entry in entries() {
        assert!(!entry.samples.is_empty(), "{}", entry.name);
        for opt in entry.options {
            let used = entry.samples.iter().map(|sample| parsed(sample.composition));
            assert!(
                used.into_iter().any(|used| tells(&used, entry, opt)),
                "no sample of {} uses {}",
                entry.name,
                opt.name
            );
            if let Takes::Choice(words) = opt.takes {
                let said = |word: &&str| entry.samples.iter().any(|sample| sample.composition.contains(*word));
                let unsaid = words.iter().find(|word| !said(word) && Some(**word) != opt.default);
                assert_eq!(unsaid, None, "no sample of {} says it", entry.name);
            }
        }
    }
    for sample in samples() {
        comes_back(&parsed(sample.composition));
    }
}

fn comes_back(composition: &Composition) {
    let text = composition.to_string();
    assert_eq!(text.parse::<Composition>().as_ref(), Ok(composition), "{text}");
    let data = serde_json::to_value(composition).unwrap();
    assert_eq!(serde_json::from_value::<Composition>(data.clone()).unwrap(), *composition, "{data}");
    assert_eq!(serde_json::from_value::<Composition>(text.clone().into()).unwrap(), *composition, "{text}");
    let toml = toml::to_string(&BTreeMap::from([("codec", composition)])).unwrap();
    let read: BTreeMap<String, Composition> = toml::from_str(&toml).unwrap();
    assert_eq!(read["codec"], *composition, "{toml}");
}

#[test]
fn what_is_awkward_to_write_comes_back_too() {
    for text in [
        // Words that would be taken for options or for marks.
        r#"head(lines, word 2 of "max" "then" "a|b" PUT)"#,
        r#"head(until blank line, header "a|b")"#,
        // Bytes that are no text, and text that is no letters.
        r#"until "\x01\x7f|\"\\" or FFFE or "，" or "\t.""#,
        r#"peek {"else": lines, "a:b" any case: lines, 00FF: lines, CRLF: lines, else fixed 1}"#,
        // Large numbers, and fields with something behind them.
        "length u64be max 18446744073709551615",
        "length u8 special 0=18446744073709551615 special 1:hex-3A+upper special 2:hex4+spaces+upper",
        "length u64be mask 00FFFFFFFFFFFFFF",
        "length hex+upper until 0D0A",
        "length u8le",
        "idle 1500001ns",
        "first(length u32be inclusive, length u32be at 1 inclusive of the field | check crc-32/iso-hdlc)",
        "lines crlf last drop max 0 | check crc-16/modbus little as lower-hex after \"\" drop | constant 00 at end",
        "duplex(lines | escape dots | pad to 3 with SP, first(rest, fold(line, after *, line, max items 3)))",
        "switch(lines) {\"A\" any case for good: lines, 80..FF: peek {digit: lines | resync delimiter LF bytes 3}}",
        "lines | shift_jis escape substitute",
    ] {
        comes_back(&parsed(text));
    }
}

/// However they were told: in quotation marks they would be characters of some encoding.
#[test]
fn bytes_beyond_ascii_are_printed_in_hexadecimal() {
    let bytes = "中".as_bytes();
    let lines = || Composed::from(Lines::any());
    for (composed, printed) in [
        (lines().layer(Constant::before(bytes)), "lines | constant E4B8AD"),
        (lines().layer(Check::xor8().as_hex().behind(bytes)), "lines | check xor8 as hex after E4B8AD"),
        (Ok(Peek::new().on(Pattern::bytes(bytes), lines()).into()), "peek {E4B8AD: lines}"),
        (Ok(Switch::new(lines()).once(Pattern::bytes(bytes), lines()).into()), "switch(lines) {E4B8AD: lines}"),
        (
            Ok(Head::new(lines(), Declared::after(bytes).none(bytes)).then(bytes).into()),
            "head(lines, after E4B8AD, none E4B8AD, then E4B8AD)",
        ),
        (Ok(LengthPrefix::decimal_until(bytes).trailer(bytes).into()), "length dec until E4B8AD trailer E4B8AD"),
    ] {
        let composition = Composition::new(composed.unwrap(), Meaning::Bytes).unwrap();
        assert_eq!(composition.to_string(), printed);
        comes_back(&composition);
    }
    for text in ["lines max 9 | resync delimiter E4B8AD", "lines max 9 | resync mark E4B8AD"] {
        assert_eq!(parsed(text).to_string(), text);
        comes_back(&parsed(text));
    }
    let escaped = r#"lines | check xor8 as hex after "\xE4\xB8\xAD""#;
    assert_eq!(parsed(escaped).to_string(), "lines | check xor8 as hex after E4B8AD");
}

#[test]
fn stages_in_a_list_may_be_text() {
    for data in [
        r#"["length u16be at 4", "check xor8 | gbk"]"#,
        r#"[{"length": {"field": "u16be", "at": "4"}}, {"check": {"algorithm": "xor8"}}, "gbk"]"#,
        r#"[{"length": {"field": "u16be", "at": 4, "keep": false}}, "check xor8", {"gbk": {}}]"#,
        r#""length u16be at 4 | check xor8 | gbk""#,
    ] {
        let read: Composition = serde_json::from_str(data).unwrap_or_else(|error| panic!("{data}: {error}"));
        assert_eq!(read.to_string(), "length u16be at 4 | check xor8 | gbk");
    }
}

#[test]
fn a_codec_is_of_what_the_composition_ends_in() {
    let refused = |codec: Result<(), wirework::core::ComposeError>| codec.unwrap_err().to_string();
    let bytes = |text| parsed(text).bytes().map(drop);
    let text = |text| parsed(text).text().map(drop);
    let json = |text| parsed(text).json::<(), ()>().map(drop);
    assert!(bytes("lines").is_ok() && text("lines | gbk").is_ok() && json("lines | json").is_ok());
    for wrong in ["lines | gbk", "lines | json"] {
        assert_eq!(refused(bytes(wrong)), format!("the messages of `{wrong}` are no bytes; leave its last stage out"));
    }
    for wrong in ["lines", "lines | json"] {
        assert!(refused(text(wrong)).ends_with("end it in an encoding, such as `lines | utf-8`"));
    }
    for wrong in ["lines", "lines | gbk"] {
        let why = format!("the messages of `{wrong}` are no JSON; end it in json, such as `lines | json`");
        assert_eq!(refused(json(wrong)), why);
    }
}

#[test]
fn what_is_one_thing_prints_in_one_way() {
    for (written, printed) in [
        ("line any", "lines"),
        ("chunks 4", "chunk 4"),
        ("length u8 max 1MiB at 0", "length u8"),
        ("until LF", "lines lf"),
        ("length dec until : trailer \",\"", "netstring"),
        ("marked 7e shared", "marked 7E shared"),
        ("lines|gbk", "lines | gbk"),
        ("lines | GBK", "lines | gbk"),
        ("lines | gb2312", "lines | gbk"),
        ("lines | check CRC_16-Modbus", "lines | check crc-16/modbus"),
        ("head(lines, header A, or b)", "head(lines, header A or b)"),
    ] {
        assert_eq!(parsed(written).to_string(), printed, "{written}");
    }
}

/// Each in the words in which somebody would say it.
#[test]
fn protocols_are_written_as_they_are_said() {
    for (protocol, composition) in [
        ("tutorial", "chunk 1024 | gbk"),
        ("JT/T 808", "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8"),
        ("the same", "marked 7e shared | escape 7e:7d02 7d:7d01 | check xor8 | gbk"),
        ("HL7 MLLP", "marked 0B 1C0D"),
        ("Modbus TCP", "length u16be at 4"),
        ("MQTT", "length varint at 1"),
        ("bank XML", "length dec8 | gbk"),
        ("DNS over TCP, Erlang packet 2", "length u16be"),
        ("syslog RFC 6587", "peek {digit: length dec until SP, else lines}"),
        (
            "Redis",
            "peek {*: fold(lines crlf, after *, head(lines crlf, after $, none \"-1\", then CRLF)), else lines crlf}",
        ),
        ("LSP", "head(until blank line, header Content-Length, body only) | json"),
        ("PostgreSQL", "first(length u32be inclusive, length u32be at 1 inclusive of the field)"),
        ("NMEA 0183", "lines | check xor8 as hex after *"),
    ] {
        assert!(composition.parse::<Composition>().is_ok(), "{protocol}");
        comes_back(&parsed(composition));
    }
}
