//! Times for ratios: the contenders take turns in one process, since times that are taken minutes apart differ by more than
//! what is compared.

use std::time::{Duration, Instant};

pub(crate) const ROUNDS: usize = 200;
const TURN: Duration = Duration::from_micros(1500);

/// Seconds that each contender takes for one run: the 10th percentile of all its turns.
pub(crate) fn measure<C: Copy, S>(contenders: &[C], on: &mut S, run: impl Fn(C, &mut S)) -> Vec<f64> {
    let mut times: Vec<_> = contenders.iter().map(|_| Vec::with_capacity(ROUNDS)).collect();
    let repeats: Vec<_> = contenders.iter().map(|contender| repeats(|| run(*contender, on))).collect();
    for _ in 0..ROUNDS {
        for ((contender, repeats), times) in contenders.iter().zip(&repeats).zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repeats {
                run(*contender, on);
            }
            times.push(start.elapsed().as_secs_f64() / f64::from(*repeats));
        }
    }
    times.iter_mut().map(|times| *times.select_nth_unstable_by(ROUNDS / 10, f64::total_cmp).1).collect()
}

/// How often to run for one turn to last long enough; also warms up.
fn repeats(mut run: impl FnMut()) -> u32 {
    let start = Instant::now();
    let mut repeats = 0;
    while start.elapsed() < TURN {
        run();
        repeats += 1;
    }
    repeats
}

/// The largest ratio that is accepted, marked where it is missed. Nothing fails of that: a benchmark is no test.
pub(crate) fn target(target: Option<f64>, ratio: f64) -> String {
    match target {
        Some(target) if ratio <= target => format!("{target:.2}"),
        Some(target) => format!("{target:.2}  missed"),
        None => String::new(),
    }
}
