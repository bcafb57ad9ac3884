//! How the key of a message is found.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::{self, Debug, Write};
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use wirework_core::BadCause;

/// Says which key a message has, by which it is dispatched. `None`: it has none.
pub(super) struct Key<M, K>(Arc<dyn Find<M, K>>);

impl<M: 'static, K: Eq + Hash + 'static> Key<M, K> {
    /// The key is a value that is made of the message.
    pub(super) fn of<F>(key: F) -> Self
    where
        K: Debug,
        F: Fn(&M) -> Option<K> + Send + Sync + 'static,
    {
        Self(Arc::new(Of(key)))
    }

    /// The key is a part of the message, lent.
    pub(super) fn part<Q, F>(key: F) -> Self
    where
        K: Borrow<Q>,
        Q: Eq + Hash + Debug + ?Sized + 'static,
        F: for<'m> Fn(&'m M) -> Option<&'m Q> + Send + Sync + 'static,
    {
        Self(Arc::new(Part(key, PhantomData)))
    }

    /// Which route the key of `message` has.
    pub(super) fn find(&self, message: &M, routes: &HashMap<K, usize>) -> Option<usize> {
        self.0.find(message, routes)
    }

    /// What is wrong with a message that has no route.
    pub(super) fn unhandled(&self, message: &M) -> BadCause {
        let mut shown = Short::default();
        BadCause::Unhandled(match self.0.show(message, &mut shown) {
            Some(()) => format!("there is no route for {}", shown.text).into(),
            None => "it has no key to find a route by".into(),
        })
    }
}

impl<M, K> Clone for Key<M, K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Finds keys of either kind.
trait Find<M, K>: Send + Sync {
    fn find(&self, message: &M, routes: &HashMap<K, usize>) -> Option<usize>;

    /// Writes the key, if there is one.
    fn show(&self, message: &M, to: &mut Short) -> Option<()>;
}

/// Keys that are values.
struct Of<F>(F);

impl<M, K, F> Find<M, K> for Of<F>
where
    K: Eq + Hash + Debug,
    F: Fn(&M) -> Option<K> + Send + Sync,
{
    fn find(&self, message: &M, routes: &HashMap<K, usize>) -> Option<usize> {
        routes.get(&(self.0)(message)?).copied()
    }

    fn show(&self, message: &M, to: &mut Short) -> Option<()> {
        to.show(&(self.0)(message)?);
        Some(())
    }
}

/// Keys that are parts of messages.
struct Part<F, Q: ?Sized>(F, PhantomData<fn(&Q)>);

impl<M, K, F, Q> Find<M, K> for Part<F, Q>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + Debug + ?Sized,
    F: for<'m> Fn(&'m M) -> Option<&'m Q> + Send + Sync,
{
    fn find(&self, message: &M, routes: &HashMap<K, usize>) -> Option<usize> {
        routes.get((self.0)(message)?).copied()
    }

    fn show(&self, message: &M, to: &mut Short) -> Option<()> {
        to.show(&(self.0)(message)?);
        Some(())
    }
}

/// How many characters of a key are quoted.
const LONGEST: usize = 64;

/// A key as it is quoted: cut if it is long, for what is wrong may be told to the peer, and it is the peer's key.
#[derive(Default)]
struct Short {
    text: String,
    len: usize,
}

impl Short {
    fn show(&mut self, key: &impl Debug) {
        // To refuse the rest is the only way to end formatting early.
        if write!(self, "{key:?}").is_err() {
            self.text.push_str(" ...");
        }
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if self.len >= LONGEST {
                return Err(fmt::Error);
            }
            self.len += 1;
            self.text.push(char);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_cut() {
        let key = Key::<String, &str>::part(|line| Some(line.as_str()));
        let why = |line: &str| key.unhandled(&line.to_owned()).to_string();
        assert_eq!(why("quit"), r#"there is no route for "quit""#);
        let (whole, cut) = ("x".repeat(LONGEST - 2), "x".repeat(LONGEST - 1));
        assert_eq!(why(&whole), format!(r#"there is no route for "{whole}""#));
        assert_eq!(why(&"x".repeat(100_000)), format!(r#"there is no route for "{cut} ..."#));
    }

    #[test]
    fn a_message_may_have_no_key() {
        let key = Key::<Vec<u8>, u16>::of(|message| Some(u16::from_be_bytes(*message.first_chunk()?)));
        let routes = HashMap::from([(0x0102, 7)]);
        assert_eq!(key.find(&vec![1, 2, 3], &routes), Some(7));
        assert_eq!(key.find(&vec![2, 1], &routes), None);
        assert_eq!(key.unhandled(&vec![2, 1]).to_string(), "there is no route for 513");
        assert_eq!(key.find(&vec![1], &routes), None);
        assert_eq!(key.unhandled(&vec![1]).to_string(), "it has no key to find a route by");
    }
}
