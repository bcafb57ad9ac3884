//! The corpus of the fuzz targets, through what they do with an input.

use wirework_fuzz::{TARGETS, corpus};

#[test]
fn every_input_that_is_kept_passes() {
    for (name, target) in TARGETS {
        let inputs = corpus::inputs(name).unwrap();
        assert!(!inputs.is_empty(), "nothing is kept for {name}");
        for input in inputs {
            // Shown only when it fails.
            eprintln!("{name}: {}", input.escape_ascii());
            target(&input);
        }
    }
}
