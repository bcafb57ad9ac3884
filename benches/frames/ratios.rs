//! Ratios of times, for which the contenders of a group take turns in one process: times that are taken minutes apart differ
//! by more than what is compared.
//!
//! A time is the 10th percentile of all turns. A missed target is marked, and nothing fails of it: this is no test.

use std::time::{Duration, Instant};

use crate::group::{Contender, Group, Stream};

const ROUNDS: usize = 200;
const TURN: Duration = Duration::from_micros(1500);

/// Prints a row for each of ours and each size.
pub(crate) fn print(groups: impl Iterator<Item = Group>) {
    println!("nanoseconds a frame, and ours divided by theirs; contenders in turn, 10th percentile of {ROUNDS}\n");
    println!("{:<16}{:<14}{:>5}{:>9}{:>12}{:>8}{:>8}", "framing", "as", "bytes", "ours", "theirs", "ratio", "target");
    for group in groups {
        let contenders: Vec<_> = group.contenders().collect();
        let measured: Vec<_> = group.sizes.iter().map(|size| measure(&contenders, &group.stream(*size))).collect();
        for (i, ours) in group.ours.iter().enumerate() {
            for (size, times) in group.sizes.iter().zip(&measured) {
                let (theirs, time) = (times[0], times[i + 1]);
                let ratio = time / theirs;
                let target = match (ours.target)(*size) {
                    Some(target) if ratio <= target => format!("{target:.2}"),
                    Some(target) => format!("{target:.2}  missed"),
                    None => String::new(),
                };
                let row = format!(
                    "{:<16}{:<14}{size:>5}{time:>9.1}{theirs:>12.1}{ratio:>8.2}    {target}",
                    group.name, ours.contender.name
                );
                println!("{}", row.trim_end());
            }
        }
    }
}

/// Nanoseconds a frame of every contender.
fn measure(contenders: &[Contender], stream: &Stream) -> Vec<f64> {
    let mut contenders: Vec<_> = contenders.iter().map(|contender| (*contender, repeats(*contender, stream))).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((contender, repeats), times) in contenders.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repeats {
                stream.read_by(*contender);
            }
            times.push(start.elapsed().as_secs_f64() * 1e9 / (*repeats as f64 * stream.frames as f64));
        }
    }
    times.iter_mut().map(|times| *times.select_nth_unstable_by(ROUNDS / 10, f64::total_cmp).1).collect()
}

/// How often to read the stream for one turn to last long enough; also warms up.
fn repeats(contender: Contender, stream: &Stream) -> u32 {
    let start = Instant::now();
    let mut repeats = 0;
    while start.elapsed() < TURN {
        stream.read_by(contender);
        repeats += 1;
    }
    repeats
}
