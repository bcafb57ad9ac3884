//! The text notation and the data notation, from the registry that both come from.

use wirework::Composition;
use wirework::Error;
use wirework::core::Frames;
use wirework::notation::entries;

fn samples() -> impl Iterator<Item = (Composition, &'static [u8], &'static [&'static [u8]])> {
    entries().flat_map(|entry| entry.samples).map(|sample| {
        let composition = sample.composition.parse().unwrap_or_else(|error| panic!("{error}"));
        (composition, sample.wire, sample.payloads)
    })
}

#[test]
fn every_sample_decodes_to_its_payloads() {
    let wrong: Vec<String> = samples()
        .filter_map(|(composition, wire, payloads)| {
            let found = decoded(&composition, wire);
            (found != payloads).then(|| format!("{composition}: {found:02x?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn decoded(composition: &Composition, wire: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Frames::new(composition.framing().clone());
    frames.push(wire);
    frames.close();
    let mut found = Vec::new();
    loop {
        match frames.next() {
            Ok(Some(frame)) => found.push(frame.bytes().to_vec()),
            Ok(None) => return found,
            Err(Error::Bad(_)) => {}
            Err(error) => panic!("{composition}: {error}"),
        }
    }
}

#[test]
fn every_composition_prints_as_what_it_is_read_from() {
    for (composition, ..) in samples() {
        let text = composition.to_string();
        assert_eq!(text.parse::<Composition>().as_ref(), Ok(&composition), "{text}");
        let data = serde_json::to_value(&composition).unwrap();
        assert_eq!(serde_json::from_value::<Composition>(data.clone()).unwrap(), composition, "{data}");
        let toml = toml::to_string(&std::collections::BTreeMap::from([("codec", &composition)])).unwrap();
        let read: std::collections::BTreeMap<String, Composition> = toml::from_str(&toml).unwrap();
        assert_eq!(read["codec"], composition, "{toml}");
    }
}

#[test]
fn words_that_would_be_read_as_something_else_are_quoted() {
    for (data, text) in [
        (
            r#"[{"head": {"head": "lines", "last_word": true, "of": ["A,B", "then", "C"]}}]"#,
            r#"head(lines, last word of "A,B" "then" C)"#,
        ),
        (r#"[{"head": {"head": "lines", "header": "a|b"}}]"#, r#"head(lines, header "a|b")"#),
    ] {
        let composition: Composition = serde_json::from_str(data).unwrap();
        assert_eq!(composition.to_string(), text);
        assert_eq!(text.parse::<Composition>().unwrap(), composition);
        let again = serde_json::to_value(&composition).unwrap();
        assert_eq!(serde_json::from_value::<Composition>(again).unwrap(), composition);
    }
}
