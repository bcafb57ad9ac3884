//! What the fuzz targets have found, each by the law that it broke.

use wirework::Composed;
use wirework_laws::{Promises, segmentation};

fn composed(text: &str) -> Composed {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_fold_whose_head_recovers_from_damage_is_lost_alike_for_every_cut() {
    let fold = composed("fold(fixed 4294967295 | resync gap 20ms, after SP, lines)");
    segmentation(&fold, b"abc", &[2], &Promises::default()).unwrap();
}
