//! What somebody reads who wrote a composition wrong: the sentence, the mark under the place, and what is near.

use wirework::Composition;

fn refused(text: &str) -> String {
    match text.parse::<Composition>() {
        Ok(composition) => panic!("`{text}` is read as `{composition}`"),
        Err(error) => error.to_string(),
    }
}

/// Each is a sentence, the text and the mark, as they are printed.
fn are_said(expected: &[&str]) {
    for said in expected {
        let lines: Vec<&str> = said.lines().collect();
        let [_, text, _] = lines[..] else { panic!("{said}") };
        let text = text.strip_prefix("  ").unwrap();
        assert_eq!(&refused(text), said, "\n{}\n", refused(text));
    }
}

#[test]
fn a_stage_that_there_is_not() {
    are_said(&[
        "no stage and no encoding is called `linse`; did you mean `lines`?
  linse | gbk
  ^^^^^",
        "no stage and no encoding is called `frobnicate`; there are, for example, `lines`, `length u32be` and `gbk`
  frobnicate
  ^^^^^^^^^^",
        "no stage and no encoding is called `gkb`; did you mean `gbk`?
  lines | gkb replace
          ^^^",
        "no stage and no encoding is called `lenght`; did you mean `length`?
  first(lines, lenght u8)
               ^^^^^^",
        // Columns, not bytes; and nothing that moves the cursor.
        "no stage and no encoding is called `帧`; there are, for example, `lines`, `length u32be` and `gbk`
  first(until \"长\", 帧)
                    ^^",
        "no stage and no encoding is called `�[2Jlines`; there are, for example, `lines`, `length u32be` and `gbk`
  �[2Jlines
  ^^^^^^^^^",
        "a stage is missing here, such as `lines` or `gbk`
  lines |
         ^",
        "`ENCODING` stands for the label of an encoding; write one, such as `gbk`
  lines | ENCODING
          ^^^^^^^^",
    ]);
}

#[test]
fn an_encoding_that_is_not_told_well_enough() {
    are_said(&[
        "\"utf-16\" does not say which byte of a unit comes first, and a byte-order mark is not looked for; write utf-16le or \
         utf-16be
  lines | utf-16
          ^^^^^^",
        "no stage and no encoding is called `utf-32l`; did you mean `utf-32le`?
  lines | utf-32l
          ^^^^^^^",
        "no encoding is called \"gkb\"; did you mean `gbk`?
  lines | utf-8 sends gkb
                ^^^^^^^^^",
        "\"ucs-2\" does not say which byte of a unit comes first, and a byte-order mark is not looked for; write utf-16le or \
         utf-16be
  lines | utf-8 sends ucs-2
                ^^^^^^^^^^^",
        "\"hz-gb-2312\" is `replacement` in the Encoding Standard, in which nothing may be read or written: what stands behind it \
         hides ASCII characters behind escape sequences, which served attacks; let the peer send another, such as utf-8
  lines | hz-gb-2312
          ^^^^^^^^^^",
        "\"iso-2022-kr\" is `replacement` in the Encoding Standard, in which nothing may be read or written: what stands behind it \
         hides ASCII characters behind escape sequences, which served attacks; let the peer send another, such as utf-8
  lines | utf-8 sends iso-2022-kr
                ^^^^^^^^^^^^^^^^^",
        "ISO-8859-1 has no byte-order mark; leave `mark require` out
  lines | latin1 mark require
                 ^^^^^^^^^^^^",
    ]);
}

#[test]
fn an_option_that_there_is_not() {
    are_said(&[
        "`length` has no option `ta`; did you mean `at`?
  length u16be ta 4 | gbk
               ^^",
        "`lines` has no option `maxx`; did you mean `max`?
  lines maxx 4
        ^^^^",
        "`lines` has no option `wide`; it is written `lines [any|lf|crlf] [last refuse|give|drop] [max N]`
  lines lf wide
           ^^^^",
        "`length` has no option `of`; did you mean `inclusive of the field`?
  length u16be inclusive of field
                         ^^",
        "`escape` has no option `doubel`; did you mean `double`?
  lines | escape 7E:7D02 doubel 10
                         ^^^^^^",
        // In brackets, where a framing could stand as well.
        "`head` has no option `afetr`; did you mean `after`?
  head(lines crlf, afetr $)
                   ^^^^^",
        "`chunk` has no option `5`; it is written `chunk SIZE`
  chunk 4 5
          ^",
        "`first` takes nothing more; it is written `first(FIRST, LATER)`
  first(lines, rest, fixed 3)
                     ^^^^^^^",
    ]);
}

#[test]
fn an_option_too_many_or_too_few() {
    are_said(&[
        "`at` is given twice
  length u16be at 4 at 8
                    ^^^^",
        "`lines` takes one of `refuse`, `give`, `drop` for `last`, which is missing: a last piece that the stream ends \
         without ending is an error, is given as a frame, or is dropped
  lines last | gbk
        ^^^^",
        "`pad` needs `with`; write `pad [to N] [multiple N] with BYTES`
  lines | pad to 4
          ^^^^^^^^",
        "`first` needs its later; write `first(FIRST, LATER)`
  first(lines)
  ^^^^^^^^^^^^",
        "write the end mark too, or `shared` if one mark is both
  marked STX
         ^^^",
        "a frame is either dropped or closes; write one of them
  lines | check xor8 drop close
                          ^^^^^",
        "`resync` goes on at one place: `delimiter BYTES`, `mark BYTES`, `check` or `gap TIME`
  length u8 | resync delimiter LF gap 5ms
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "a length counts one thing: write one of `inclusive`, `inclusive of the field` and `counted from N`
  length u8 inclusive counted from 3
  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "`of` belongs to `word N` and `last word`; leave it out
  head(lines, after $, of A)
                       ^^^^",
        "`or` belongs to `header`; leave it out
  head(lines, after $, or A)
                       ^^^^",
        "`blank before colon` belongs to `header`; leave it out
  head(lines, after $, blank before colon)
                       ^^^^^^^^^^^^^^^^^^",
    ]);
}

#[test]
fn a_value_of_the_wrong_kind() {
    are_said(&[
        "`chunk` takes a number such as `1024` or `64KiB` for its size, not `64kb`: the most bytes of one frame
  chunk 64kb
        ^^^^",
        "`until` takes characters such as `\"，\"`, `CRLF` or `*`, or bytes such as `7E0D` for its terminator, not `abc`: what \
         ends a frame
  until abc
        ^^^",
        "`marked` takes characters such as `\"，\"`, `CRLF` or `*`, or bytes such as `7E0D` for its begin, not `7`: what stands \
         in front of a payload
  marked 7 8
         ^",
        "`idle` takes a time such as `50ms` or `2s` for its silence, not `5`: how long nothing comes behind a frame
  idle 5
       ^",
        "`lines` takes one of `any`, `lf`, `crlf` for its end, not `cr`: what ends a line: LF, CR LF, or `any` of both, \
         of which LF is sent
  lines cr
        ^^",
        "`u17be` is no kind of length; there are, for example, `u16be`, `u32le`, `varint`, `dec8`, `ber`, and \
         `dec until \":\"`
  length u17be
         ^^^^^",
        "`with` takes one byte, such as `7D`
  lines | pad to 4 with 0000
                   ^^^^^^^^^",
        "`7` is no byte; write it as `7D`
  until 00 | escape 7D xor 20 of 7 8
                              ^^^^",
        "no CRC is called \"crc-16/modbsu\"; did you mean CRC-16/MODBUS?
  length u8 | check crc-16/modbsu
                    ^^^^^^^^^^^^^",
        "no check is called `xor`; did you mean `xor8`?
  length u8 | check xor
                    ^^^",
        "this is no pattern; write bytes such as `*` or `\"GET \"`, `digit`, or a range such as `80..FF`
  peek {GET: lines, else rest}
        ^^^",
        "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `E4B8AD`
  lines | constant \"中\"
                   ^^^^",
        "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `EFBC8C`
  lines | check xor8 as hex after \"，\" | gbk
                                  ^^^^",
        "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `E4B8AD`
  peek {\"中\": lines, else rest}
        ^^^^",
        "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `EFBC9A`
  length dec until \"：\"
                   ^^^^",
        "bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `C2A7`
  head(lines, after \"§\")
                    ^^^",
        "this is no escape; there are \\r \\n \\t \\0 \\\\ \\\" and \\xNN
  until \"\\q\"
         ^^",
    ]);
}

#[test]
fn stages_that_do_not_go_together() {
    are_said(&[
        "this is a second framing behind `lines`; one says where messages end
  lines | length u8
          ^^^^^^^^^",
        "a framing must stand first, such as `lines` or `length u32be`
  check xor8 | lines
  ^^^^^^^^^^",
        "a format is the last stage; put this one in front of it
  lines | gbk | check xor8
                ^^^^^^^^^^",
        "only a whole composition can end in a format; leave it out here
  first(lines | gbk, lines)
                ^^^",
        "a `switch` has no `else`: behind any other frame nothing changes
  switch(lines) {else rest}
                ^^^^^^^^^^^",
        "`for good` belongs to `switch`; a `peek` looks at every frame
  peek {digit for good: lines}
       ^^^^^^^^^^^^^^^^^^^^^^^",
    ]);
}

#[test]
fn brackets_and_quotation_marks() {
    are_said(&[
        "this quotation mark is not closed
  until \"abc
        ^^^^",
        "this bracket is not closed
  head(lines
      ^",
        "this bracket is not closed
  peek {digit: lines
       ^",
        "a case is `PATTERN: FRAMING` or `else FRAMING`
  peek {digit lines}
                   ^",
        "this does not belong here
  lines, gbk
       ^",
    ]);
    let deep = |depth: usize| "first(rest, ".repeat(depth) + "lines" + &")".repeat(depth);
    assert!(deep(16).parse::<Composition>().is_ok());
    assert!(refused(&deep(17)).starts_with("brackets may stand 16 deep and no deeper\n  first("));
}

#[test]
fn what_is_read_and_cannot_work() {
    are_said(&[
        "the escape byte 7D must be escaped itself, else a payload with it in it cannot be told from an escape; add a pair \
         for it
  lines | escape 7E:7D02 | check xor8
          ^^^^^^^^^^^^^^",
        // What is built inside a head is refused before anything is filled up.
        "a payload is filled up to at most 16777216 bytes, not to 99999999999999999
  head(lines | pad to 99999999999999999 with 00, after $, body only)
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "a verb is ASCII, which \"发\" is not: it is compared as bytes, which are not the same in every encoding
  head(lines, last word of PUB 发)
  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "a header cannot be named \"长\": write the name alone, such as Content-Length
  head(lines, header 长)
  ^^^^^^^^^^^^^^^^^^^^^^",
        "a length has 1 to 8 bytes, not 9
  first(lines, length u72be)
               ^^^^^^^^^^^^",
        "no head can be made from the length of a body alone: leave `body_only` out, or declare the length in a header or \
         after a mark
  head(lines crlf, last word of PUB, body only)
  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "in GBK the byte 7C can be part of another character: 亅 is 81 7C; and where characters begin cannot be told behind \
         bytes that are no text, such as those of a check; write a check as digits, or use a length prefix
  until \"|\" | check sum8 | gbk
                           ^^^",
        "in ISO-2022-JP the escape sequences before them say what bytes are, so that '，' (1B 24 42 21 24 1B 28 42) cannot be \
         told in the middle of a stream; end frames with an ASCII character, but not with $ or (
  until \"，\" | iso-2022-jp
               ^^^^^^^^^^^",
        "GBK has no character '😀', so that nothing could end a frame
  until \"😀\" | gbk
               ^^^",
        "7C is no whole character of UTF-16LE; name the characters that are looked for, as text
  until 7C | utf-16le
             ^^^^^^^^",
    ]);
}

#[test]
fn data_say_where() {
    for (data, said) in [
        (
            r#"["lines", {"check": {"algorithm": "crc-16/modbsu"}}]"#,
            "[1].check.algorithm: no CRC is called \"crc-16/modbsu\"; did you mean CRC-16/MODBUS?",
        ),
        (r#"[{"length": {"field": "u16be", "ta": 4}}]"#, "[0].length: `length` has no option `ta`; did you mean `at`?"),
        (
            r#"[{"chunk": {"size": "big"}}]"#,
            "[0].chunk.size: its size is a number such as `1024` or `64KiB`, not \"big\": the most bytes of one frame",
        ),
        (r#"[{"chunk": {}}]"#, "[0].chunk: `chunk` needs its size; write `chunk SIZE`"),
        (r#"{"lines": {"max": 1, "max": 2}}"#, "lines.max: `max` is given twice"),
        (
            r#"["lines", {"length": {"field": "u8"}}]"#,
            "[1].length: this is a second framing behind `lines`; one says where messages end",
        ),
        (r#"["linse"]"#, "[0]: no stage and no encoding is called `linse`; did you mean `lines`?\n  linse\n  ^^^^^"),
        (r#"[{"linse": {}}]"#, "[0]: no stage and no encoding is called `linse`; did you mean `lines`?"),
        (
            r#"{"fold": {"head": "lines", "after": "*", "item": [{"head": {"head": "lines", "after": "$", "then": "no"}}]}}"#,
            "fold.item[0].head.then: `then` is bytes such as `7E0D`, `\"text\"`, `CRLF` or `*`, not \"no\": what stands \
             behind a body and does not belong to the payload",
        ),
        (
            r#"{"fold": {"head": "lines mxa 4", "after": "*", "item": "lines"}}"#,
            "fold.head: `lines` has no option `mxa`; did you mean `max`?\n  lines mxa 4\n        ^^^",
        ),
        (
            r#"[{"peek": {"cases": [{"on": "GET", "framing": "lines"}]}}]"#,
            "[0].peek.cases[0].on: this is no pattern; write bytes such as `*` or `\"GET \"`, `digit`, or a range such as \
             `80..FF`\n  GET\n  ^^^",
        ),
        (
            r#"[{"peek": {"cases": [{"on": "digit", "framing": ["lines", "gbk"]}]}}]"#,
            "[0].peek.cases[0].framing: only a whole composition can end in a format; leave it out here",
        ),
        (
            r#"[{"peek": {"cases": ["lines"]}}]"#,
            "[0].peek.cases[0]: a case is a map with `on`, a pattern or `else`, and `framing`",
        ),
        (
            r#"["lines", {"gbk": {"replace": 1}}]"#,
            "[1].gbk.replace: `replace` is true or false, not 1: malformed bytes become U+FFFD; otherwise they make the \
             message bad",
        ),
        (
            r#"[{"until": {"terminator": "\"abc"}}]"#,
            "[0].until.terminator: this quotation mark is not closed\n  \"abc\n  ^^^^",
        ),
        (
            r#"["lines", {"constant": {"bytes": "\"中\""}}]"#,
            "[1].constant.bytes: bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `E4B8AD`\n  \"中\"\n  ^^^^",
        ),
        (
            r#"[{"peek": {"cases": [{"on": "\"中\"", "framing": "lines"}]}}]"#,
            "[0].peek.cases[0].on: bytes stand here, whatever the encoding is; write them in hexadecimal: in UTF-8 these characters are `E4B8AD`\n  \"中\"\n  ^^^^",
        ),
        (r#"[7]"#, "[0]: a stage is text, or a map of its name to a map of its options, not 7"),
        (r#"[{"lines": 7}]"#, "[0]: a stage is a map of one name to a map of its options"),
        (r#"[]"#, "a composition needs a framing, such as `lines`"),
        (r#"["until \"😀\"", {"gbk": {}}]"#, "[1].gbk: GBK has no character '😀', so that nothing could end a frame"),
    ] {
        let error = serde_json::from_str::<Composition>(data).expect_err(data).to_string();
        assert_eq!(error, said, "{data}");
    }
    let deep = r#"{"first":{"first":"rest","later":"#.repeat(17) + r#""lines""# + &"}}".repeat(17);
    let error = serde_json::from_str::<Composition>(&deep).unwrap_err().to_string();
    assert!(error.ends_with("later.first.first: framings may stand 16 deep and no deeper"), "{error}");
}
