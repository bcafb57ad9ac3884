//! The framings that a composition may have, and when.

use crate::combine::{Duplex, First, Policy, Switch};
use crate::composed::{Base, Composed};
use crate::notation::{print_bytes, print_duration, print_pattern};

/// A framing that says itself how its frames look, with its layers.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// When it holds, such as `first frame: `; empty where there is no other.
    pub(super) when: String,
    pub(super) framing: Composed,
    /// What becomes of damage, if it is no loss.
    pub(super) damage: String,
}

/// The framings that there are to draw.
pub(super) fn cases(framing: &Composed) -> Vec<Case> {
    let whole = Case { when: String::new(), framing: framing.clone(), damage: String::new() };
    within(whole)
}

fn within(case: Case) -> Vec<Case> {
    let alternatives: Vec<(String, Composed)> = match case.framing.base() {
        Base::Peek(peek) => {
            let branches = peek
                .branches
                .iter()
                .map(|(pattern, framing)| (format!("begins with {}", print_pattern(pattern)), framing));
            let otherwise = peek.otherwise.iter().map(|framing| ("otherwise".to_owned(), framing));
            branches.chain(otherwise).map(|(when, framing)| (when, framing.clone())).collect()
        }
        Base::First(First { first, then, .. }) => {
            vec![("first frame".to_owned(), first.clone()), ("later frames".to_owned(), then.clone())]
        }
        Base::Duplex(Duplex { reads, writes, .. }) => {
            vec![("in".to_owned(), reads.clone()), ("out".to_owned(), writes.clone())]
        }
        Base::Switch(Switch { base, cases, .. }) => std::iter::once(("at first".to_owned(), base.clone()))
            .chain(cases.iter().map(|case| {
                let how_long = if case.once { "after" } else { "for good after" };
                (format!("{how_long} {}", print_pattern(&case.pattern)), case.framing.clone())
            }))
            .collect(),
        Base::Resync(resync) => {
            let damage = match &resync.policy {
                Policy::Delimiter(delimiter) => {
                    format!("after damage the stream goes on behind the next {}", print_bytes(&delimiter.bytes))
                }
                Policy::Mark(mark) => format!("after damage the stream goes on at the next {}", print_bytes(mark)),
                Policy::Check => "after damage the stream goes on at the next frame whose check holds".to_owned(),
                Policy::Gap(gap) => {
                    format!("after damage the stream goes on behind {} of silence", print_duration(*gap))
                }
            };
            return layered(&case.framing, resync.framing.clone())
                .map(|framing| within(Case { damage, framing, ..case }))
                .unwrap_or_default();
        }
        _ => return vec![case],
    };
    let all = alternatives.into_iter().filter_map(|(when, inner)| {
        let comma = if case.when.is_empty() { "" } else { ", " };
        let when = format!("{}{comma}{when}", case.when);
        Some(within(Case { when, framing: layered(&case.framing, inner)?, damage: case.damage.clone() }))
    });
    all.flatten().collect()
}

/// The layers behind a combinator are behind each of its framings.
fn layered(combinator: &Composed, inner: Composed) -> Option<Composed> {
    combinator.layers().iter().try_fold(inner, |inner, layer| inner.layer(layer.clone())).ok()
}
