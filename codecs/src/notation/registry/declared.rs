//! The number that a head declares: the length of a body, or how many items follow.

use super::{Given, Opt, Refusal, Takes, Value};
use crate::combine::{Declared, Place, Which};

pub(super) const HEADER: Opt = Opt::named(
    "header",
    Takes::Word,
    "none",
    "the number is the value of this header line; a head without it declares none",
);
pub(super) const OR: Opt =
    Opt::named("or", Takes::Word, "none", "the header has this name, too; a head that is made has the first one")
        .repeated();
pub(super) const BLANK_BEFORE_COLON: Opt =
    Opt::flag("blank before colon", "a blank may stand before the colon of the header, as in SIP; in HTTP it may not");
pub(super) const REQUIRED: Opt = Opt::flag("required", "a head that declares no number ends the stream");
pub(super) const WORD: Opt =
    Opt::named("word", Takes::Size, "none", "the number is this word of a line, counted from 1");
pub(super) const LAST_WORD: Opt = Opt::flag("last word", "the number is the last word of a line");
pub(super) const OF: Opt = Opt::named(
    "of",
    Takes::Words,
    "none",
    "the first words of lines in which `word` and `last word` find a number; other lines declare none",
);
pub(super) const AFTER: Opt = Opt::named("after", Takes::Text, "none", "the number stands behind the first such mark");
pub(super) const NONE: Opt =
    Opt::named("none", Takes::Text, "none", "this in place of a number says that nothing follows the head");

pub(super) fn build(given: &Given) -> Result<Declared, Refusal> {
    let verbs = || given.words("of").to_vec();
    let places = [
        given.word("header").map(Declared::header),
        given.size("word").map(|number| Declared::word(number, verbs())),
        given.flag("last word").then(|| Declared::last_word(verbs())),
        given.bytes("after").map(Declared::after),
    ];
    let mut places = places.into_iter().flatten();
    let (Some(mut declared), None) = (places.next(), places.next()) else {
        return Err(Refusal::new(
            "a head declares its number in one place: `header NAME`, `word N of VERBS`, `last word of VERBS` or \
             `after MARK`",
        ));
    };
    if given.flag("of") && !matches!(declared.place, Place::Word(..)) {
        return Err(Refusal::of("of", "`of` belongs to `word N` and `last word`; leave it out"));
    }
    if let Some(option) = ["or", "blank before colon"].into_iter().find(|option| given.flag(option))
        && !matches!(declared.place, Place::Header(_))
    {
        return Err(Refusal::of(option, format!("`{option}` belongs to `header`; leave it out")));
    }
    declared = given.all("or").filter_map(Value::as_word).fold(declared, Declared::or);
    if given.flag("blank before colon") {
        declared = declared.blank_before_colon();
    }
    if let Some(none) = given.bytes("none") {
        declared = declared.none(none);
    }
    Ok(if given.flag("required") { declared.required() } else { declared })
}

pub(super) fn describe(given: Given, declared: &Declared) -> Given {
    let words = |words: &[String]| Value::Words(words.to_vec());
    let given = match &declared.place {
        Place::Header(name) => given.with("header", Value::Word(name.to_string())),
        Place::Word(Which::Nth(number), verbs) => {
            given.with("word", Value::Size(*number as u64)).with("of", words(verbs))
        }
        Place::Word(Which::Last, verbs) => given.with_flag("last word", true).with("of", words(verbs)),
        Place::After(mark) => given.with("after", Value::Bytes(mark.to_vec())),
        Place::Function(_) => given.with("header", Value::Word("(a function)".to_owned())),
    };
    let or = |given: Given, name: &String| given.with("or", Value::Word(name.clone()));
    (declared.or.iter().fold(given, or))
        .with_flag("blank before colon", declared.blank_before_colon)
        .with_if("none", declared.none.as_ref().map(|none| Value::Bytes(none.to_vec())))
        .with_flag("required", declared.required)
}
