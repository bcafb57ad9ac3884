//! What was asked and answered, pushed and heard, by all clients.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// After so many requests somebody who waits for them is told.
const PROGRESS: u64 = 1000;

#[derive(Default)]
pub(crate) struct Ledger {
    counts: Mutex<Counts>,
    /// The last push that was on its way has come.
    settled: Notify,
}

#[derive(Default)]
struct Counts {
    requests: u64,
    failed: u64,
    opened: u64,
    /// How many requests each node has answered.
    nodes: BTreeMap<String, u64>,
    /// By their numbers.
    pushes: Vec<Push>,
    /// Those of them that are on their way.
    awaited: u64,
}

struct Push {
    to: u64,
    confirmed: bool,
    came: u32,
}

impl Ledger {
    pub(crate) fn opened(&self) {
        self.counts().opened += 1;
    }

    /// A reply has come, of a node that is named in it.
    pub(crate) fn answered(&self, reply: &str, expected: &str) {
        let counts = &mut *self.counts();
        match reply.splitn(3, ' ').collect::<Vec<_>>()[..] {
            [_, node, text] if text == expected => {
                counts.served();
                match counts.nodes.get_mut(node) {
                    Some(answers) => *answers += 1,
                    None => _ = counts.nodes.insert(node.to_owned(), 1),
                }
            }
            _ => counts.fail(format_args!("{reply:?} is no reply to {expected:?}")),
        }
    }

    pub(crate) fn failed(&self, why: impl Display) {
        self.counts().fail(why);
    }

    /// Something is about to be pushed. Gives its number.
    pub(crate) fn push(&self, to: u64) -> usize {
        let counts = &mut *self.counts();
        counts.pushes.push(Push { to, confirmed: false, came: 0 });
        counts.pushes.len() - 1
    }

    /// A node has replied to a push: when that is `ok`, the bus has it.
    pub(crate) fn pushed(&self, number: usize, reply: &str) {
        let counts = &mut *self.counts();
        match counts.pushes.get_mut(number) {
            Some(push) if reply.ends_with(" ok") => {
                push.confirmed = true;
                counts.awaited += u64::from(push.came == 0);
                counts.served();
            }
            _ => counts.fail(format_args!("{reply:?} is no reply to a push")),
        }
    }

    /// Something that was pushed has come to a client, perhaps before its sender is told so.
    pub(crate) fn came(&self, to: u64, message: &str) {
        let counts = &mut *self.counts();
        let number = message.strip_prefix("* ").and_then(|number| number.parse::<usize>().ok());
        match number.and_then(|number| counts.pushes.get_mut(number)) {
            Some(push) if push.to == to => {
                push.came += 1;
                if push.confirmed && push.came == 1 {
                    counts.awaited -= 1;
                }
            }
            _ => counts.fail(format_args!("client {to} is told {message:?}")),
        }
        if counts.awaited == 0 {
            self.settled.notify_one();
        }
    }

    /// Ready when all that was pushed has come. Nobody pushes any more.
    pub(crate) async fn all_came(&self) {
        while self.counts().awaited > 0 {
            self.settled.notified().await;
        }
    }

    /// How it went with so many clients, and whether all is well.
    pub(crate) fn report(&self, clients: u64) -> (String, bool) {
        let counts = self.counts();
        let Counts { requests, failed, opened, nodes, pushes, awaited: lost, .. } = &*counts;
        let doubled: u32 = pushes.iter().map(|push| push.came.saturating_sub(1)).sum();
        let nodes: String = nodes.iter().map(|(node, answers)| format!("{node}={answers} ")).collect();
        let (pushes, reconnects) = (pushes.len(), opened.saturating_sub(clients));
        let report = format!(
            "requests {requests} failed {failed} pushes {pushes} lost {lost} doubled {doubled} nodes {nodes}reconnects {reconnects}"
        );
        (report, *failed == 0 && *lost == 0)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn served(&mut self) {
        self.requests += 1;
        if self.requests.is_multiple_of(PROGRESS) {
            eprintln!("{} requests so far", self.requests);
        }
    }

    fn fail(&mut self, why: impl Display) {
        self.failed += 1;
        eprintln!("{why}");
    }
}
