//! What may have been meant by a misspelt name.

/// The one of `known` that `word` is a slip of, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let word = Some(word).filter(|word| word.len() <= LONGEST)?.to_ascii_lowercase();
    let near = |known: &'a str| (strsim::damerau_levenshtein(&word, &known.to_ascii_lowercase()), known);
    let (distance, nearest) = known.into_iter().map(near).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(nearest)
}

/// `; did you mean ...?`, where there is something near.
pub(crate) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_what_a_slip_makes() {
        assert_eq!(nearest("legnth", ["lines", "length"]), Some("length"));
        assert_eq!(nearest("frobnicate", ["lines", "length"]), None);
        assert_eq!(suggestion("legnth", ["lines", "length"]), "; did you mean `length`?");
    }
}
