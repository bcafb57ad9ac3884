//! Documentation that is made from the code is what the code makes; `WIREWORK_WRITE_DOCS=1` writes it.

mod made;

use std::fmt::Write;

use wirework::core::{Codec, Format, Frame, TextEncoding};
use wirework::framing::Until;
use wirework::notation::{Entry, Kind, Opt, Sample, entries};
use wirework::notation::{Meaning, explain};
use wirework::{Composition, Encoding, FramingExt};

#[test]
fn the_reference_is_that_of_the_registry() {
    let text = made::read("docs/notation.md");
    let (by_hand, _) = text.split_once("-->\n").expect("a line says what follows");
    let mut made = format!("{by_hand}-->\n");
    for (kind, title) in [
        (Kind::Framing, "Framings"),
        (Kind::Combinator, "Combinators"),
        (Kind::Layer, "Layers"),
        (Kind::Resync, "Damage"),
        (Kind::Format, "Formats"),
    ] {
        writeln!(made, "\n### {title}").unwrap();
        entries().filter(|entry| entry.kind == kind).for_each(|entry| reference(entry, &mut made));
    }
    made::is("docs/notation.md", &made);
}

/// How each encoding is searched for what ends a frame, or why it is not.
#[test]
fn the_table_of_delimiters_is_what_framings_do() {
    const DELIMITERS: [(&str, &str); 8] =
        [("|", "\\|"), ("\\", "\\"), ("~", "~"), ("@", "@"), (",", ","), ("\n", "LF"), ("5", "5"), ("，", "，")];
    let encodings = [
        "utf-8",
        "gbk",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "iso-2022-jp",
        "utf-16le",
        "utf-16be",
        "windows-1252",
    ];
    let text = made::read("docs/text.md");
    let (before, rest) = text.split_once(MADE).expect("a line says what follows");
    let (_, behind) = rest.split_once(BY_HAND).expect("a line says what follows");
    let mut table = String::from("\n| |");
    DELIMITERS.iter().for_each(|(_, shown)| write!(table, " `{shown}` |").unwrap());
    writeln!(table, "\n|---|{}", "---|".repeat(DELIMITERS.len())).unwrap();
    let mut refusals = Vec::new();
    for label in encodings {
        let encoding = Encoding::for_label(label).unwrap();
        write!(table, "| {label} |").unwrap();
        for (delimiter, _) in DELIMITERS {
            let how = match Until::new(delimiter).text(encoding).compose() {
                Err(why) => {
                    refusals.push(format!("- `until {delimiter:?} | {label}`: {why}"));
                    "refused"
                }
                Ok(_) if encoding.is_plain(&encoding.spellings(delimiter.chars().next().unwrap())[0]) => "bytes",
                Ok(_) => "characters",
            };
            write!(table, " {how} |").unwrap();
        }
        table.push('\n');
    }
    writeln!(table, "\n{}\n", refusals.join("\n")).unwrap();
    made::is("docs/text.md", &format!("{before}{MADE}{table}{BY_HAND}{behind}"));
}

/// The compositions of each example of a protocol, drawn, and how much code it takes.
#[test]
fn the_examples_of_protocols_are_drawn() {
    let text = made::read("docs/protocols.md");
    let mut sections = text.split(MADE_FROM);
    let mut page = sections.next().unwrap_or_default().to_owned();
    let mut examples = Vec::new();
    for section in sections {
        let (path, rest) = section.split_once(BEFORE_MADE).expect("a line says from what");
        let (_, behind) = rest.split_once(BY_HAND).expect("a line says what follows");
        write!(page, "{MADE_FROM}{path}{BEFORE_MADE}{}{BY_HAND}{behind}", drawn(path)).unwrap();
        examples.push(path.to_owned());
    }
    examples.sort();
    let mut there: Vec<String> = std::fs::read_dir("examples/protocols")
        .unwrap()
        .map(|entry| format!("examples/protocols/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    there.sort();
    assert_eq!(examples, there, "each example has a section in docs/protocols.md");
    made::is("docs/protocols.md", &page);
}

const MADE_FROM: &str = "<!-- Made from ";
const BEFORE_MADE: &str = " by WIREWORK_WRITE_DOCS=1 cargo test --test docs -->\n";

fn drawn(path: &str) -> String {
    let (source, mut drawn) = (made::read(path), String::new());
    for constant in source.split("\nconst ").skip(1) {
        let Some((_, literal)) = constant.split_once(": &str = ") else { continue };
        let notation = text_of(literal.trim_start());
        if let Ok(composition) = notation.parse::<Composition>() {
            write!(drawn, "\n```text\n{notation}\n\n{}```\n", explain(&composition)).unwrap();
        }
    }
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    writeln!(drawn, "\n[{} lines of code](../{path}).\n", source.lines().filter(is_code).count()).unwrap();
    drawn
}

/// What a literal of Rust says, as far as a composition needs that.
fn text_of(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix("r#\"") {
        return raw.split("\"#").next().unwrap_or_default().to_owned();
    }
    let (mut text, mut rest) = (String::new(), literal.strip_prefix('"').unwrap_or_default());
    while let Some(end) = rest.find(['"', '\\']).filter(|end| !rest[*end..].starts_with('"')) {
        text.push_str(&rest[..end]);
        let escaped = &rest[end + 1..];
        // A line that goes on, or a character that stands for itself.
        rest = if escaped.starts_with('\n') { escaped.trim_start() } else { escaped };
        let itself = usize::from(escaped.starts_with(['"', '\\']));
        text.push_str(&rest[..itself]);
        rest = &rest[itself..];
    }
    text + rest.split('"').next().unwrap_or_default()
}

const MADE: &str = "<!-- Made by WIREWORK_WRITE_DOCS=1 cargo test --test docs -->\n";
const BY_HAND: &str = "<!-- By hand -->\n";

fn reference(entry: &Entry, out: &mut String) {
    let aliases = entry.aliases.iter().map(|alias| format!(" or `{alias}`")).collect::<String>();
    writeln!(out, "\n#### `{}`{aliases}\n\n{}\n\n```text\n{}\n```", entry.name, entry.summary, entry.usage()).unwrap();
    if !entry.options.is_empty() {
        writeln!(out, "\n| option | default | |\n|---|---|---|").unwrap();
        entry.options.iter().for_each(|opt| writeln!(out, "{}", option(opt)).unwrap());
    }
    writeln!(out, "\n| composition | bytes | frames |\n|---|---|---|").unwrap();
    entry.samples.iter().for_each(|sample| writeln!(out, "{}", row(sample)).unwrap());
}

fn option(opt: &Opt) -> String {
    let name = if opt.at_its_place { opt.name.to_uppercase() } else { opt.name.to_owned() };
    let default = match opt.default {
        None => "needed".to_owned(),
        Some("none" | "no") => String::new(),
        Some(default) => format!("`{default}`"),
    };
    format!("| `{name}` | {default} | {} |", opt.help.replace('|', "\\|"))
}

fn row(sample: &Sample) -> String {
    let composition: Composition = sample.composition.parse().unwrap();
    let payloads = sample.payloads.iter().map(|payload| match composition.meaning() {
        Meaning::Text(text) => match text.clone().own(Frame::lent(payload, &[])) {
            Ok(text) => format!("the text {text:?}"),
            Err(error) => error.to_string(),
        },
        _ => code(payload),
    });
    let errors = sample.errors.iter().map(|error| format!("*{}*", error.replace('*', "\\*")));
    let frames = payloads.chain(errors).collect::<Vec<_>>().join(", ");
    let composition = sample.composition.replace('|', "\\|");
    format!("| `{composition}` | {} | {frames} |", code(sample.wire))
}

fn code(bytes: &[u8]) -> String {
    match bytes.escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'").replace('|', "\\|") {
        empty if empty.is_empty() => "nothing".to_owned(),
        text => format!("`{text}`"),
    }
}

#[test]
fn drawings_are_those_of_explain() {
    let page = include_str!("../docs/notation.md");
    for (name, composition) in [
        ("jt808", "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8"),
        ("modbus-tcp", "length u16be at 4"),
        (
            "redis",
            r#"peek {"*": fold(lines crlf, after "*", head(lines crlf, after "$", none "-1", then CRLF)), else lines crlf}"#,
        ),
        ("lsp", "head(until blank line, header Content-Length, body only) | json"),
    ] {
        let path = format!("drawings/{name}.svg");
        assert!(
            page.contains(&format!("({path})")) && page.contains(&format!("`{composition}`")),
            "{name} is not shown"
        );
        let composition: Composition = composition.parse().unwrap();
        made::is(&format!("docs/{path}"), &explain(&composition).to_svg());
    }
}

#[test]
fn the_names_of_bytes_are_those_that_are_read() {
    let page = include_str!("../docs/notation.md");
    let line = page.lines().find(|line| line.starts_with("| a name |")).unwrap();
    let names = line.rsplit('`').nth(1).unwrap();
    for name in names.split(' ') {
        let composition: Composition = format!("until {name}").parse().unwrap();
        assert!(composition.to_string().ends_with(name) || name == "LF" || name == "CRLF", "{composition}");
    }
    assert_eq!(names.split(' ').count(), 23);
}
