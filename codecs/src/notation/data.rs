//! Compositions as data: a list of stages, each in the text notation, or a map of its name to a map of its options.
//!
//! ```json
//! [{"length": {"field": "u16be", "at": 4}}, {"check": {"algorithm": "crc-16/modbus", "little": true}}, "gbk"]
//! ```

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::builder::Builder;
use super::case::On;
use super::datum::Datum;
use super::given::Given;
use super::option::{Opt, Takes};
use super::syntax::DEEPEST;
use super::token::{Token, What, tokens};
use super::value::Value;
use super::{Composed, Composition, NotationError, describe, read, registry, syntax};
use crate::near::suggestion;

impl Serialize for Composition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut stages = stages(self.framing());
        stages.extend(describe::meaning(self.meaning()).iter().map(stage));
        Datum::List(stages).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Composition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Datum::deserialize(deserializer)?;
        let whole = built(&data, 0).and_then(|builder| builder.finish().map_err(NotationError::without_place));
        whole.map_err(de::Error::custom)
    }
}

impl Serialize for Composed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Datum::List(stages(self)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Composed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        framing(&Datum::deserialize(deserializer)?, 0).map_err(de::Error::custom)
    }
}

fn stages(framing: &Composed) -> Vec<Datum> {
    describe::framing(framing).iter().map(stage).collect()
}

fn stage(given: &Given) -> Datum {
    let mut options = Vec::new();
    for opt in given.entry.options {
        let mut values: Vec<Datum> = given.all(opt.name).map(|value| datum(value, opt.takes)).collect();
        let value = match (opt.repeats, values.len()) {
            (_, 0) => continue,
            (false, 1) => values.remove(0),
            _ => Datum::List(values),
        };
        options.push((opt.name.replace(' ', "_"), value));
    }
    match options.is_empty() {
        true => Datum::Text(given.name.clone()),
        false => Datum::Map(vec![(given.name.clone(), Datum::Map(options))]),
    }
}

fn datum(value: &Value, takes: Takes) -> Datum {
    match value {
        Value::Nothing => Datum::Flag(true),
        Value::Size(size) => Datum::Number(*size),
        Value::Word(word) => Datum::Text(word.clone()),
        Value::Words(words) => Datum::List(words.iter().cloned().map(Datum::Text).collect()),
        Value::Framing(framing) => Datum::List(stages(framing)),
        Value::Cases(cases) => Datum::List(cases.iter().map(case_datum).collect()),
        Value::Bytes(_) | Value::Delimiter(_) | Value::Duration(_) => Datum::Text(value.print(takes, &|_| false)),
    }
}

fn case_datum((on, framing): &(On, Composed)) -> Datum {
    let fields = [("on", Datum::Text(on.print())), ("framing", Datum::List(stages(framing)))];
    Datum::Map(fields.map(|(name, data)| (name.to_owned(), data)).into())
}

/// What data say, which stand `depth` deep in others.
fn built(data: &Datum, depth: usize) -> Result<Builder, NotationError> {
    if depth > DEEPEST {
        return Err(NotationError::without_place(format!("framings may stand {DEEPEST} deep and no deeper")));
    }
    let mut builder = Builder::default();
    match data {
        Datum::List(stages) => {
            for (n, stage) in stages.iter().enumerate() {
                add(&mut builder, stage, depth).map_err(|error| error.within(&format!("[{n}]")))?;
            }
        }
        stage => add(&mut builder, stage, depth)?,
    }
    Ok(builder)
}

/// A framing inside others, which has no format of its own.
fn framing(data: &Datum, depth: usize) -> Result<Composed, NotationError> {
    built(data, depth)?.framing().map_err(NotationError::without_place)
}

/// Adds a stage to those so far; or several, where they are written as text.
fn add(builder: &mut Builder, data: &Datum, depth: usize) -> Result<(), NotationError> {
    let (name, options) = match data {
        Datum::Text(text) => {
            let stages = syntax::parse_within(text, depth);
            let added = stages.and_then(|all| all.stages.iter().try_for_each(|stage| read::add(builder, stage)));
            return added.map_err(|error| error.in_text(text));
        }
        Datum::Map(map) => match map.as_slice() {
            [(name, Datum::Map(options))] => (name, options),
            _ => return Err(NotationError::without_place("a stage is a map of one name to a map of its options")),
        },
        other => {
            let why = format!("a stage is text, or a map of its name to a map of its options, not {other}");
            return Err(NotationError::without_place(why));
        }
    };
    let Some(entry) = registry::entry(name) else {
        return Err(NotationError::without_place(read::unknown_stage(name)));
    };
    let mut given = Given::called(entry, name.as_str());
    let part =
        options.iter().try_for_each(|(name, data)| tell(&mut given, name, data, depth)).and_then(|()| given.build());
    let added = part.and_then(|part| builder.add(part).map_err(NotationError::without_place));
    added.map_err(|error| error.within(name))
}

/// Tells a stage what data say to one of its options.
fn tell(given: &mut Given, name: &str, data: &Datum, depth: usize) -> Result<(), NotationError> {
    let name = name.replace('_', " ");
    let Some(opt) = given.entry.options.iter().find(|opt| opt.name == name) else {
        let nearest = suggestion(&name, given.entry.options.iter().map(|opt| opt.name));
        let stage = &given.name;
        return Err(NotationError::without_place(format!("`{stage}` has no option `{name}`{nearest}")));
    };
    let several = match data {
        Datum::List(several) if opt.repeats => several.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut one = |data| match value(opt, data, depth)? {
        Some(value) => given.add(opt, value, None),
        None => Ok(()),
    };
    several.iter().try_for_each(&mut one).map_err(|error| error.within(opt.name))
}

/// What data say to an option; nothing for a flag that is not set.
fn value(opt: &Opt, data: &Datum, depth: usize) -> Result<Option<Value>, NotationError> {
    let value = match (opt.takes, data) {
        (Takes::Nothing, Datum::Flag(set)) => return Ok(set.then_some(Value::Nothing)),
        (Takes::Size, Datum::Number(size)) => Some(Value::Size(*size)),
        (Takes::Framing, data) => Some(Value::Framing(framing(data, depth + 1)?)),
        (Takes::Cases, Datum::List(cases)) => Some(Value::Cases(self::cases(cases, depth)?)),
        (Takes::Words, Datum::List(words)) => {
            let words = words.iter().map(|word| word.text().map(str::to_owned));
            words.collect::<Option<_>>().map(Value::Words)
        }
        (Takes::Hex | Takes::Text | Takes::Delimiter, Datum::Text(text)) => bytes(opt.takes, text)?,
        (takes, Datum::Text(text)) => Value::from_word(takes, text),
        _ => None,
    };
    value.map(Some).ok_or_else(|| {
        let wanted = match opt.takes {
            Takes::Nothing => "true or false".to_owned(),
            Takes::Words => "a list of words".to_owned(),
            Takes::Cases => "a list of cases".to_owned(),
            takes => takes.wanted(),
        };
        NotationError::without_place(format!("{} is {wanted}, not {data}: {}", opt.called(), opt.help))
    })
}

/// Bytes are written as in the text notation.
fn bytes(takes: Takes, text: &str) -> Result<Option<Value>, NotationError> {
    let mut tokens = tokens(text).map_err(|error| error.in_text(text))?;
    match (tokens.pop(), tokens.is_empty()) {
        (Some(Token { what: What::Word(word), .. }), true) => Ok(Value::from_word(takes, &word)),
        (Some(Token { what: What::Quoted(quoted), span }), true) => {
            Value::from_quoted(takes, quoted).map_err(|why| NotationError::new(span, why).in_text(text))
        }
        _ => Ok(None),
    }
}

fn cases(cases: &[Datum], depth: usize) -> Result<Vec<(On, Composed)>, NotationError> {
    let numbered = cases.iter().enumerate();
    numbered.map(|(n, data)| case(data, depth).map_err(|error| error.within(&format!("[{n}]")))).collect()
}

fn case(data: &Datum, depth: usize) -> Result<(On, Composed), NotationError> {
    let wrong = || NotationError::without_place("a case is a map with `on`, a pattern or `else`, and `framing`");
    let Datum::Map(map) = data else { return Err(wrong()) };
    let field = |name: &str| map.iter().find(|(key, _)| key == name).map(|(_, data)| data);
    let (Some(Datum::Text(on)), Some(behind), 2) = (field("on"), field("framing"), map.len()) else {
        return Err(wrong());
    };
    let on = match on.as_str() {
        "else" => On::Else,
        pattern => syntax::args(pattern)
            .and_then(|args| On::read(&args))
            .map_err(|error| error.in_text(pattern).within("on"))?,
    };
    Ok((on, framing(behind, depth + 1).map_err(|error| error.within("framing"))?))
}
