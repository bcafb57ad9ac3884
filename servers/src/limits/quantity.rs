//! Times, sizes and counts as a person writes them in a configuration.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serialize, Serializer};

use super::Limit;

const UNLIMITED: &str = "unlimited";

const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// How a value is written.
pub(super) trait Quantity {
    type Value;
    /// What stands there, for who wrote something else.
    const EXPECTED: &str;
    fn of_number(number: u64) -> Option<Self::Value>;
    fn of_text(text: &str) -> Option<Self::Value>;
    fn write<S: Serializer>(value: &Self::Value, to: S) -> Result<S::Ok, S::Error>;
}

pub(super) struct Time;

impl Quantity for Time {
    type Value = Duration;
    const EXPECTED: &str = "a time such as \"30s\"";

    fn of_number(_: u64) -> Option<Duration> {
        None
    }
    fn of_text(text: &str) -> Option<Duration> {
        humantime::parse_duration(text).ok()
    }
    fn write<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&humantime::format_duration(*time))
    }
}

pub(super) struct Size;

impl Quantity for Size {
    type Value = usize;
    const EXPECTED: &str = "bytes such as 65536 or \"64 KiB\"";

    fn of_number(number: u64) -> Option<usize> {
        number.try_into().ok()
    }
    fn of_text(text: &str) -> Option<usize> {
        let (number, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
        number.trim_end().parse::<usize>().ok()?.checked_mul(*unit)
    }
    fn write<S: Serializer>(size: &usize, to: S) -> Result<S::Ok, S::Error> {
        match UNITS.iter().find(|(_, unit)| *size > 0 && size.is_multiple_of(*unit)) {
            Some((name, unit)) => to.collect_str(&format_args!("{} {name}", size / unit)),
            None => size.serialize(to),
        }
    }
}

pub(super) struct Count;

impl Quantity for Count {
    type Value = usize;
    const EXPECTED: &str = "a number";

    fn of_number(number: u64) -> Option<usize> {
        number.try_into().ok()
    }
    fn of_text(_: &str) -> Option<usize> {
        None
    }
    fn write<S: Serializer>(count: &usize, to: S) -> Result<S::Ok, S::Error> {
        count.serialize(to)
    }
}

/// A value that there must be.
pub(super) struct Only<Q>(PhantomData<Q>);

impl<Q: Quantity> Only<Q> {
    pub(super) fn serialize<S: Serializer>(value: &Q::Value, to: S) -> Result<S::Ok, S::Error> {
        Q::write(value, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Q::Value, D::Error> {
        from.deserialize_any(Self(PhantomData))
    }
}

impl<Q: Quantity> Visitor<'_> for Only<Q> {
    type Value = Q::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Q::EXPECTED)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Q::Value, E> {
        Q::of_number(number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Q::Value, E> {
        let unsigned = u64::try_from(number).ok().and_then(Q::of_number);
        unsigned.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Q::Value, E> {
        Q::of_text(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// A value, or the word that there is none.
pub(super) struct OrUnlimited<Q>(PhantomData<Q>);

impl<Q: Quantity> OrUnlimited<Q> {
    pub(super) fn serialize<S: Serializer>(value: &Limit<Q::Value>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Limit::At(value) => Q::write(value, to),
            Limit::Unlimited => to.serialize_str(UNLIMITED),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Limit<Q::Value>, D::Error> {
        from.deserialize_any(Self(PhantomData))
    }
}

impl<Q: Quantity> Visitor<'_> for OrUnlimited<Q> {
    type Value = Limit<Q::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, or \"{UNLIMITED}\"", Q::EXPECTED)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let value = Q::of_number(number).map(Limit::At);
        value.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        let unsigned = u64::try_from(number).ok().and_then(Q::of_number).map(Limit::At);
        unsigned.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let value = if text == UNLIMITED { Some(Limit::Unlimited) } else { Q::of_text(text).map(Limit::At) };
        value.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
