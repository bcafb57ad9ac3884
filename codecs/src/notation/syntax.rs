//! The tree of a composition before anybody knows what its words mean.
//!
//! ```text
//! stages  = stage { "|" stage }
//! stage   = WORD { WORD | QUOTED | "(" [ stages { "," stages } ] ")" | "{" [ case { "," case } ] "}" }
//! case    = { WORD | QUOTED } ":" stages | "else" stages
//! ```

use std::ops::Range;

use super::NotationError;
use super::token::{Quoted, Token, What, tokens};

/// How deep compositions may stand in each other.
pub(super) const DEEPEST: usize = 16;

/// Stages, joined by ` | `.
#[derive(Clone, Debug)]
pub(super) struct Stages {
    pub(super) stages: Vec<Stage>,
    pub(super) span: Range<usize>,
}

/// A name and what stands behind it.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) args: Vec<Arg>,
    pub(super) span: Range<usize>,
    pub(super) name_span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Arg {
    pub(super) what: ArgKind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum ArgKind {
    Word(String),
    Quoted(Quoted),
    Group(Vec<Stages>),
    Cases(Vec<Case>),
}

/// One case of several: what it is for, and its stages.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Empty for `else`.
    pub(super) key: Vec<Arg>,
    pub(super) stages: Stages,
}

/// The tree of `text`.
pub(super) fn parse(text: &str) -> Result<Stages, NotationError> {
    parse_within(text, 0)
}

/// The tree of a text that stands as deep as this in others.
pub(super) fn parse_within(text: &str, depth: usize) -> Result<Stages, NotationError> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), end: text.len(), depth };
    let stages = parser.stages()?;
    match parser.tokens.next() {
        None => Ok(stages),
        Some(token) => Err(NotationError::new(token.span, "this does not belong here")),
    }
}

/// Words and quoted text alone, as a pattern is written.
pub(super) fn args(text: &str) -> Result<Vec<Arg>, NotationError> {
    let arg = |Token { what, span }| match what {
        What::Word(word) => Ok(Arg { what: ArgKind::Word(word), span }),
        What::Quoted(quoted) => Ok(Arg { what: ArgKind::Quoted(quoted), span }),
        What::Mark(_) => Err(NotationError::new(span, "this does not belong here")),
    };
    tokens(text)?.into_iter().map(arg).collect()
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    end: usize,
    depth: usize,
}

impl Parser {
    fn stages(&mut self) -> Result<Stages, NotationError> {
        let mut stages = vec![self.stage()?];
        while self.next_is('|') {
            stages.push(self.stage()?);
        }
        let start = stages.first().map_or(self.end, |stage| stage.span.start);
        let end = stages.last().map_or(self.end, |stage| stage.span.end);
        Ok(Stages { stages, span: start..end })
    }

    fn stage(&mut self) -> Result<Stage, NotationError> {
        let (name, name_span) = match self.tokens.next() {
            Some(Token { what: What::Word(name), span }) => (name, span),
            Some(token) => return Err(NotationError::new(token.span, "a stage begins with its name, such as `lines`")),
            None => {
                return Err(NotationError::new(
                    self.end..self.end,
                    "a stage is missing here, such as `lines` or `gbk`",
                ));
            }
        };
        let mut args = Vec::new();
        while let Some(arg) = self.arg()? {
            args.push(arg);
        }
        let end = args.last().map_or(name_span.end, |arg| arg.span.end);
        Ok(Stage { name, args, span: name_span.start..end, name_span })
    }

    fn arg(&mut self) -> Result<Option<Arg>, NotationError> {
        let token = self.tokens.next_if(|token| !matches!(token.what, What::Mark('|' | ',' | ')' | '}')));
        let Some(Token { what, span }) = token else { return Ok(None) };
        let (what, end) = match what {
            What::Word(word) => (ArgKind::Word(word), span.end),
            What::Quoted(quoted) => (ArgKind::Quoted(quoted), span.end),
            What::Mark('(') => {
                let (items, end) = self.list(')', &span, Self::stages)?;
                (ArgKind::Group(items), end)
            }
            What::Mark(_) => {
                let (cases, end) = self.list('}', &span, Self::case)?;
                (ArgKind::Cases(cases), end)
            }
        };
        Ok(Some(Arg { what, span: span.start..end }))
    }

    /// What stands between brackets, separated by commas; and where it ends.
    fn list<T>(
        &mut self,
        close: char,
        open: &Range<usize>,
        item: impl Fn(&mut Self) -> Result<T, NotationError>,
    ) -> Result<(Vec<T>, usize), NotationError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(NotationError::new(open.clone(), format!("brackets may stand {DEEPEST} deep and no deeper")));
        }
        let mut items = Vec::new();
        loop {
            items.push(item(self)?);
            match self.tokens.next() {
                Some(Token { what: What::Mark(','), .. }) => {}
                Some(Token { what: What::Mark(mark), span }) if mark == close => {
                    self.depth -= 1;
                    return Ok((items, span.end));
                }
                Some(token) => {
                    return Err(NotationError::new(token.span, format!("here `,` or `{close}` must stand")));
                }
                None => return Err(NotationError::new(open.clone(), "this bracket is not closed")),
            }
        }
    }

    fn case(&mut self) -> Result<Case, NotationError> {
        let mut key = Vec::new();
        loop {
            match self.tokens.next() {
                Some(Token { what: What::Word(word), .. }) if key.is_empty() && (word == "else" || word == "else:") => {
                    break;
                }
                Some(Token { what: What::Word(word), span }) => match word.strip_suffix(':') {
                    Some("") if !key.is_empty() => break,
                    Some(word) if !word.is_empty() => {
                        key.push(Arg { what: ArgKind::Word(word.to_owned()), span: span.start..span.end - 1 });
                        break;
                    }
                    _ => key.push(Arg { what: ArgKind::Word(word), span }),
                },
                Some(Token { what: What::Quoted(quoted), span }) => {
                    key.push(Arg { what: ArgKind::Quoted(quoted), span })
                }
                other => {
                    let span = other.map_or(self.end..self.end, |token| token.span);
                    return Err(NotationError::new(span, "a case is `PATTERN: FRAMING` or `else FRAMING`"));
                }
            }
        }
        Ok(Case { key, stages: self.stages()? })
    }

    fn next_is(&mut self, mark: char) -> bool {
        self.tokens.next_if(|token| token.what == What::Mark(mark)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_groups_and_cases() {
        let tree = parse(r#"peek {*: fold(line, after "*"), "GET " any: lines, else lines} | gbk replace"#).unwrap();
        assert_eq!(tree.stages.len(), 2);
        let ArgKind::Cases(cases) = &tree.stages[0].args[0].what else { panic!("{tree:?}") };
        assert_eq!(cases.iter().map(|case| case.key.len()).collect::<Vec<_>>(), [1, 2, 0]);
        assert!(matches!(&cases[0].stages.stages[0].args[0].what, ArgKind::Group(items) if items.len() == 2));
    }

    #[test]
    fn what_is_missing_is_said_where_it_is_missing() {
        for (text, span, said) in [
            ("", 0..0, "a stage is missing"),
            ("lines |", 7..7, "a stage is missing"),
            ("peek {digit lines}", 17..18, "PATTERN: FRAMING"),
            ("first(a, b", 5..6, "not closed"),
            ("lines)", 5..6, "does not belong here"),
            ("a {b: c)", 7..8, "`,` or `}`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.span(), Some(span), "{text}: {error}");
            assert!(error.message().contains(said), "{text}: {error}");
        }
        assert!(parse(&"a(".repeat(100_000)).unwrap_err().message().contains("deep"));
    }
}
