//! Ours divided by theirs, of contenders that take [turns](crate::turns).

use crate::group::Group;
use crate::turns::{self, ROUNDS};

/// Prints a row for each of ours and each size.
pub(crate) fn print(groups: impl Iterator<Item = Group>) {
    println!("nanoseconds a frame, and ours divided by theirs; contenders in turn, 10th percentile of {ROUNDS}\n");
    println!("{:<16}{:<14}{:>5}{:>9}{:>12}{:>8}{:>8}", "framing", "as", "bytes", "ours", "theirs", "ratio", "target");
    for group in groups {
        let contenders: Vec<_> = group.contenders().collect();
        let measure = |size: &usize| {
            let mut stream = group.stream(*size);
            let times = turns::measure(&contenders, &mut stream, |contender, stream| stream.read_by(contender));
            times.into_iter().map(|time| time * 1e9 / stream.frames as f64).collect::<Vec<_>>()
        };
        let measured: Vec<_> = group.sizes.iter().map(measure).collect();
        for (i, ours) in group.ours.iter().enumerate() {
            for (size, times) in group.sizes.iter().zip(&measured) {
                let (theirs, time) = (times[0], times[i + 1]);
                let ratio = time / theirs;
                let target = turns::target((ours.target)(*size), ratio);
                let row = format!(
                    "{:<16}{:<14}{size:>5}{time:>9.1}{theirs:>12.1}{ratio:>8.2}    {target}",
                    group.name, ours.contender.name
                );
                println!("{}", row.trim_end());
            }
        }
    }
}
