//! What one frame costs: `cargo bench --bench frames`.
//!
//! Every contender does the same work. It is given the same stream of equal frames in pieces of 64 KiB that cut frames
//! anywhere, as a socket would give them; it copies each piece into its buffer, where a socket would have written it; it
//! hands every frame out; and it has to find as many frames as the stream holds. Buffers start empty and are kept over one
//! stream of 1 MiB. Every frame is dropped at once, which is kind to an allocator: what is kept or sent to another thread
//! costs more.
//!
//! Contenders that read the same stream are a [`Group`](group::Group): [lines](lines), the [u32 prefix](prefix), [what is put
//! together at run time](composed), [layers](layers).
//!
//! First come the times of each contender alone, by divan; arguments behind `--` are divan's. Then, when there are none,
//! the [ratios](ratios).

mod composed;
mod group;
mod layers;
#[path = "../lent/mod.rs"]
mod lent;
mod lines;
mod prefix;
mod ratios;
mod read;
#[path = "../turns/mod.rs"]
mod turns;

use group::{Case, Group};

fn main() {
    divan::main();
    // `cargo test` runs this without `--bench`, to see that it works.
    if std::env::args().skip(1).eq(["--bench".to_owned()]) {
        ratios::print(groups());
    }
}

fn groups() -> impl Iterator<Item = Group> {
    [lines::GROUP].into_iter().chain(prefix::GROUPS).chain(composed::GROUPS).chain([layers::GROUP])
}

#[divan::bench(args = groups().flat_map(Group::cases), max_time = 0.5)]
fn frames(bencher: divan::Bencher, case: &Case) {
    case.bench(bencher);
}
