//! A limit, or the word that there is none.

use std::fmt;

/// A limit, or the word that there is none: nothing is without a limit unless somebody wrote so.
///
/// ```
/// # use std::time::Duration;
/// # use wirework_servers::{Limit, Limits};
/// let limits = Limits { idle: Limit::Unlimited, frame: Duration::from_secs(5).into(), ..Limits::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit<T> {
    /// Up to this.
    At(T),
    /// None.
    Unlimited,
}

impl<T> Limit<T> {
    /// What it is, if there is one.
    pub fn at(self) -> Option<T> {
        match self {
            Self::At(limit) => Some(limit),
            Self::Unlimited => None,
        }
    }
}

impl<T: PartialOrd> Limit<T> {
    /// Whether there may be `value` and no more than that.
    pub fn allows(&self, value: &T) -> bool {
        match self {
            Self::At(limit) => value <= limit,
            Self::Unlimited => true,
        }
    }
}

impl<T> From<T> for Limit<T> {
    fn from(limit: T) -> Self {
        Self::At(limit)
    }
}

impl<T: fmt::Debug> fmt::Display for Limit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(limit) => limit.fmt(f),
            Self::Unlimited => f.write_str("unlimited"),
        }
    }
}
