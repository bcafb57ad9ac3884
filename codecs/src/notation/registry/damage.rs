//! What becomes of damage.

use std::time::Duration;

use crate::combine::{Policy, Resync};
use crate::composed::Composed;
use crate::notation::entry::{Entry, Kind, Sample};
use crate::notation::given::{Given, Refusal};
use crate::notation::option::{Opt, Takes, Value};
use crate::notation::part::Part;

pub(super) const ALL: &[&Entry] = &[&RESYNC];

static RESYNC: Entry = Entry {
    name: "resync",
    aliases: &[],
    kind: Kind::Resync,
    summary: "What would end the stream is one bad frame, and the stream goes on.",
    options: &[
        Opt::named("delimiter", Takes::Text, "none", "it goes on behind the next of these"),
        Opt::named("mark", Takes::Hex, "none", "it goes on at the next of these"),
        Opt::flag("check", "it goes on at the next byte where a whole frame stands"),
        Opt::named("gap", Takes::Duration, "none", "it goes on behind the next silence of this length"),
        Opt::named(
            "bytes",
            Takes::Size,
            "64KiB",
            "how many bytes may be passed over until a good frame comes; 4KiB under `check`, and else a frame more",
        ),
        Opt::named("failures", Takes::Size, "16", "how many bad frames may come until a good one does"),
    ],
    samples: &[Sample::new("lines max 4 | resync delimiter LF", b"ABCDEFGH\nAB\n", &[b"AB"])],
    build: |given| {
        let places = [
            given.bytes("delimiter").map(|bytes| Place::Delimiter(bytes.to_vec())),
            given.bytes("mark").map(|bytes| Place::Mark(bytes.to_vec())),
            given.flag("check").then_some(Place::Check),
            given.duration("gap").map(Place::Gap),
        ];
        let mut places = places.into_iter().flatten();
        match (places.next(), places.next()) {
            (Some(place), None) => {
                Ok(Part::Resync(Recovery { place, bytes: given.size("bytes"), failures: given.size("failures") }))
            }
            _ => {
                let why =
                    "`resync` goes on at one place: `delimiter BYTES`, `mark BYTES`, `check` or `gap TIME`".to_owned();
                Err(Refusal { option: None, why })
            }
        }
    },
};

/// How a framing, which stands in front, recovers from damage.
#[derive(Clone, Debug)]
pub(in crate::notation) struct Recovery {
    place: Place,
    bytes: Option<usize>,
    failures: Option<usize>,
}

#[derive(Clone, Debug)]
enum Place {
    Delimiter(Vec<u8>),
    Mark(Vec<u8>),
    Check,
    Gap(Duration),
}

impl Recovery {
    pub(in crate::notation) fn of(self, framing: Composed) -> Composed {
        let mut resync = match self.place {
            Place::Delimiter(bytes) => Resync::delimiter(framing, bytes),
            Place::Mark(bytes) => Resync::mark(framing, bytes),
            Place::Check => Resync::check(framing),
            Place::Gap(gap) => Resync::gap(framing, gap),
        };
        if self.bytes.is_some() {
            resync.budget.bytes = self.bytes;
        }
        if let Some(failures) = self.failures {
            resync.budget.failures = failures;
        }
        resync.into()
    }
}

/// What the notation says of a recovery; the framing in front of it is described by itself.
pub(in crate::notation) fn describe(resync: &Resync<Composed>) -> (&'static Entry, Given) {
    let given = match &resync.policy {
        Policy::Delimiter(delimiter) => Given::new().with("delimiter", Value::Bytes(delimiter.bytes.clone())),
        Policy::Mark(mark) => Given::new().with("mark", Value::Bytes(mark.clone())),
        Policy::Check => Given::new().with_flag("check", true),
        Policy::Gap(gap) => Given::new().with("gap", Value::Duration(*gap)),
    };
    let given = given.with_if("bytes", resync.budget.bytes.map(|bytes| Value::Size(bytes as u64))).with_size(
        "failures",
        resync.budget.failures,
        16,
    );
    (&RESYNC, given)
}
