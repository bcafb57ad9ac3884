//! Compositions as data: a list of stages, each a name, or a map of its name to a map of its options.
//!
//! ```json
//! [{"length": {"field": "u16be", "at": 4}}, {"check": {"algorithm": "crc-16-modbus", "little": true}}, "gbk"]
//! ```

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::composition::{Builder, build, placed, unknown_stage};
use super::entry::Entry;
use super::error::suggestion;
use super::given::{Given, from_word};
use super::option::{Key, Opt, Takes, Value};
use super::registry::{self, format};
use super::token::{What, tokens};
use super::{Composed, Composition, NotationError, describe, given, syntax};

/// Data of any format.
#[derive(Clone, Debug, PartialEq)]
enum Datum {
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<Datum>),
    Map(Vec<(String, Datum)>),
}

impl Serialize for Composition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut stages = stages(self.framing());
        stages.extend(describe::meaning(self.meaning()).map(|(name, given)| stage(&name, &format::ENCODING, &given)));
        Datum::List(stages).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Composition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(&Datum::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Serialize for Composed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Datum::List(stages(self)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Composed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        framing(&Datum::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn stages(framing: &Composed) -> Vec<Datum> {
    describe::framing(framing).iter().map(|(entry, given)| stage(entry.name, entry, given)).collect()
}

fn stage(name: &str, entry: &Entry, given: &Given) -> Datum {
    let mut options = Vec::new();
    for opt in entry.options {
        let mut values: Vec<Datum> = given.all(opt.name).map(|value| datum(value, opt.takes, entry)).collect();
        let value = match (opt.repeats, values.len()) {
            (_, 0) => continue,
            (false, 1) => values.remove(0),
            _ => Datum::List(values),
        };
        options.push((opt.name.replace(' ', "_"), value));
    }
    match options.is_empty() {
        true => Datum::Text(name.to_owned()),
        false => Datum::Map(vec![(name.to_owned(), Datum::Map(options))]),
    }
}

fn datum(value: &Value, takes: Takes, entry: &Entry) -> Datum {
    match value {
        Value::Nothing => Datum::Flag(true),
        Value::Size(size) => Datum::Number(*size),
        Value::Words(words) => Datum::List(words.iter().cloned().map(Datum::Text).collect()),
        Value::Framing(framing) => Datum::List(stages(framing)),
        Value::Cases(cases) => Datum::List(cases.iter().map(case_datum).collect()),
        Value::Word(word) => Datum::Text(word.clone()),
        Value::Bytes(_) | Value::Duration(_) => Datum::Text(value.print(takes, entry)),
    }
}

fn case_datum((key, framing): &(Key, Composed)) -> Datum {
    let on = if key.0.is_empty() { "else".to_owned() } else { key.print() };
    Datum::Map(vec![("on".to_owned(), Datum::Text(on)), ("framing".to_owned(), Datum::List(stages(framing)))])
}

fn whole(data: &Datum) -> Result<Composition, NotationError> {
    let single = std::slice::from_ref(data);
    let stages = match data {
        Datum::Text(text) => return text.parse(),
        Datum::List(stages) => stages.as_slice(),
        _ => single,
    };
    let mut builder = Builder::default();
    for stage in stages {
        builder.add(part(stage)?).map_err(NotationError::without_place)?;
    }
    builder.finish().map_err(NotationError::without_place)
}

fn framing(data: &Datum) -> Result<Composed, NotationError> {
    whole(data)?.bytes().map_err(|refused| NotationError::without_place(refused.to_string()))
}

fn part(data: &Datum) -> Result<super::part::Part, NotationError> {
    let wrong = || NotationError::without_place("a stage is a name, or a map of its name to a map of its options");
    let (name, options) = match data {
        Datum::Text(name) => (name, &[][..]),
        Datum::Map(map) => match map.as_slice() {
            [(name, Datum::Map(options))] => (name, options.as_slice()),
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    match registry::entry(name) {
        Some(entry) => build(entry, &options_of(entry, options)?),
        None if format::is_label(name) => {
            let given = options_of(&format::ENCODING, options)?;
            format::text(name, &given).map_err(|refusal| placed(refusal, &given))
        }
        None => Err(NotationError::without_place(unknown_stage(name))),
    }
}

fn options_of(entry: &'static Entry, options: &[(String, Datum)]) -> Result<Given, NotationError> {
    let mut given = Given::new();
    for (name, data) in options {
        let spaced = name.replace('_', " ");
        let Some(opt) = entry.options.iter().find(|opt| opt.name == spaced) else {
            let nearest = suggestion(&spaced, entry.options.iter().map(|opt| opt.name));
            return Err(NotationError::without_place(format!("`{}` has no option `{name}`{nearest}", entry.name)));
        };
        let several = match data {
            Datum::List(several) if opt.repeats => several.as_slice(),
            single => std::slice::from_ref(single),
        };
        for data in several {
            match value(opt, data)? {
                Some(value) => given.add(opt, value, None)?,
                None => continue,
            }
        }
    }
    given.complete(entry)?;
    Ok(given)
}

/// What data say to an option; nothing for a flag that is not set.
fn value(opt: &Opt, data: &Datum) -> Result<Option<Value>, NotationError> {
    let value = match (opt.takes, data) {
        (Takes::Nothing, Datum::Flag(set)) => return Ok(set.then_some(Value::Nothing)),
        (Takes::Size, Datum::Number(size)) => Some(Value::Size(*size)),
        (Takes::Framing, data) => Some(Value::Framing(framing(data)?)),
        (Takes::Cases, Datum::List(cases)) => Some(Value::Cases(cases.iter().map(case).collect::<Result<_, _>>()?)),
        (Takes::Words, Datum::List(words)) => words.iter().map(Datum::text).collect::<Option<_>>().map(Value::Words),
        (Takes::Hex | Takes::Text, Datum::Text(text)) => bytes(opt.takes, text)?,
        (takes, Datum::Text(text)) => from_word(takes, text),
        _ => None,
    };
    value.map(Some).ok_or_else(|| {
        let what = opt.takes.placeholder();
        NotationError::without_place(format!("`{}` takes {what}: {}", opt.name, opt.help))
    })
}

/// Bytes are written as in the text notation.
fn bytes(takes: Takes, text: &str) -> Result<Option<Value>, NotationError> {
    let tokens = tokens(text).map_err(|error| error.in_text(text))?;
    Ok(match tokens.as_slice() {
        [token] => match &token.what {
            What::Word(word) => from_word(takes, word),
            What::Quoted(bytes) => Some(Value::Bytes(bytes.clone())),
            What::Mark(_) => None,
        },
        _ => None,
    })
}

fn case(data: &Datum) -> Result<(Key, Composed), NotationError> {
    let wrong = || NotationError::without_place("a case is a map with `on`, a pattern or `else`, and `framing`");
    let Datum::Map(map) = data else { return Err(wrong()) };
    let field = |name: &str| map.iter().find(|(key, _)| key == name).map(|(_, data)| data);
    let (Some(Datum::Text(on)), Some(behind), 2) = (field("on"), field("framing"), map.len()) else {
        return Err(wrong());
    };
    let key = match on.as_str() {
        "else" => Key::default(),
        pattern => given::key(&syntax::args(pattern).map_err(|error| error.in_text(pattern))?),
    };
    Ok((key, framing(behind)?))
}

impl Datum {
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Map(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DatumVisitor)
    }
}

struct DatumVisitor;

impl<'de> Visitor<'de> for DatumVisitor {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a composition: a list of stages, or a string such as \"lines | gbk\"")
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Datum, E> {
        Ok(Datum::Flag(flag))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Datum, E> {
        Ok(Datum::Number(number))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Datum, E> {
        u64::try_from(number).map(Datum::Number).map_err(|_| E::custom("a number here is not negative"))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Datum, E> {
        Ok(Datum::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Datum, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Datum::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Datum, A::Error> {
        let mut map = Vec::new();
        while let Some(field) = access.next_entry()? {
            map.push(field);
        }
        Ok(Datum::Map(map))
    }
}
