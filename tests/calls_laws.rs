//! No answer is ever given to the wrong call, and no other message is lost, whatever the peer, the callers and the clock do.
//!
//! A scripted peer delays its answers, changes their order, leaves some out, gives some twice, says other things in between, and
//! cuts the connection. Several tasks ask it, with deadlines, and some are dropped while they wait.

#[path = "support/echo.rs"]
mod echo;
mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use echo::{Running, VERBS, Verb, settled};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use support::runtime::paused;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use wirework::Limits;
use wirework::core::Raw;
use wirework::servers::{CallError, Correlation, Handle};

/// A request, as `?KEY TASK.NUMBER`, and what becomes of it.
#[derive(Clone, Debug)]
struct Ask {
    /// What the task does before.
    pause: u64,
    deadline: u64,
    /// When it is dropped, if it is.
    dropped: Option<u64>,
    answer: Answer,
}

/// How the peer answers a request.
#[derive(Clone, Debug)]
struct Answer {
    delay: u64,
    /// How many answers there are: where they come in order, it is always one.
    times: usize,
    /// So many other messages come before it.
    others: usize,
}

#[derive(Clone, Debug)]
struct Case {
    verb: Verb,
    in_order: bool,
    /// Whether a task has the same few keys again and again. No answer is given twice, then: a second one would be that of the
    /// next call with its key.
    few_keys: bool,
    tasks: Vec<Vec<Ask>>,
    limits: Limits,
    /// When the peer cuts the connection.
    cut: Option<u64>,
    /// Whether it is closed by a handle rather than by the peer.
    by_handle: bool,
}

/// Some time, in milliseconds, of which many come together.
fn time(most: u64) -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..=most, (0..=most / 10).prop_map(|tens| 10 * tens)]
}

fn ask() -> impl Strategy<Value = Ask> {
    let times = prop_oneof![6 => Just(1), 1 => Just(0), 1 => Just(2)];
    let answer = (time(300), times, prop_oneof![4 => Just(0), 2 => 0_usize..4, 1 => Just(80)]);
    let answer = answer.prop_map(|(delay, times, others)| Answer { delay, times, others });
    (time(100), time(400), prop::option::weighted(0.2, time(300)), answer)
        .prop_map(|(pause, deadline, dropped, answer)| Ask { pause, deadline, dropped, answer })
}

fn case() -> impl Strategy<Value = Case> {
    let tasks = vec(vec(ask(), 0..8), 1..5);
    let limits = (select(vec![1_usize, 2, 1024]), select(vec![1_usize, 64])).prop_map(|(calls, queue)| Limits {
        calls,
        queue,
        ..Limits::default()
    });
    let cut = prop::option::weighted(0.3, time(1000));
    let flags = any::<(bool, bool, bool)>();
    (select(&VERBS[..]), flags, tasks, limits, cut).prop_map(|(verb, flags, tasks, limits, cut)| {
        let (in_order, few_keys, by_handle) = flags;
        Case { verb, in_order, few_keys, tasks, limits, cut, by_handle }
    })
}

/// `?KEY NAME` is asked, and `=KEY NAME` answers.
fn by_key() -> Correlation<Raw> {
    let key = |rest: &[u8]| rest.split(|byte| *byte == b' ').next().map(<[u8]>::to_vec);
    Correlation::by_key(
        move |request: &[u8]| key(request.strip_prefix(b"?")?),
        move |message: &Bytes| key(message.strip_prefix(b"=")?),
    )
}

/// The same by the order, which is all that tells.
fn in_order() -> Correlation<Raw> {
    Correlation::in_order_but(|message: &Bytes| !message.starts_with(b"="))
}

/// What the handlers have got, and a server that notes it. It replies nothing.
fn noting(case: &Case) -> (Running, Arc<Mutex<Vec<String>>>) {
    let got = Arc::<Mutex<Vec<String>>>::default();
    let (limits, calls) = (case.limits.clone(), if case.in_order { in_order() } else { by_key() });
    let note = {
        let got = got.clone();
        move |line: &[u8]| got.lock().unwrap().push(String::from_utf8(line.to_vec()).unwrap())
    };
    let running = match case.verb {
        Verb::Answer => Running::start(|serve, given| {
            serve.limits(limits).calls(calls).answer_with(echo::give(given), move |(), line, _| note(line))
        }),
        Verb::Reply => Running::start(|serve, given| {
            let handler = async move |(), line: Bytes| {
                // It waits, sometimes, so that messages are set aside.
                sleep(Duration::from_millis(u64::from(line.len().is_multiple_of(3)))).await;
                note(&line);
                None::<Bytes>
            };
            serve.limits(limits).calls(calls).reply_with(echo::give(given), handler)
        }),
        Verb::Several => Running::start(|serve, given| {
            let handler = async move |(), line: Bytes| {
                note(&line);
                sleep(Duration::from_millis(line.len() as u64)).await;
                None::<Bytes>
            };
            serve.limits(limits).calls(calls).reply_with(echo::give(given), handler).concurrency(2)
        }),
        Verb::Each => Running::start(|serve, given| {
            serve.limits(limits).calls(calls).each(async move |mut conn| {
                given.send(conn.handle())?;
                while let Some(line) = conn.recv().await? {
                    note(&line);
                }
                Ok(conn.close().await?)
            })
        }),
    };
    (running, got)
}

/// Asks as it is told to. What it asks has its own name, which the answer has, too.
async fn task(handle: Handle<Raw>, number: usize, asks: Vec<Ask>, few_keys: bool) {
    for (n, ask) in asks.into_iter().enumerate() {
        let millis = Duration::from_millis;
        sleep(millis(ask.pause)).await;
        let key = if few_keys { n % 2 } else { n };
        let (name, deadline) = (format!("{number}.{key} {number}.{n}"), millis(ask.deadline));
        let since = Instant::now();
        let call = handle.call_within(deadline, format!("?{name}"));
        let called = match ask.dropped {
            None => Some(call.await),
            Some(after) => timeout(millis(after), call).await.ok(),
        };
        assert!(since.elapsed() <= deadline + millis(2), "{name} goes on after its deadline");
        match called {
            None | Some(Err(CallError::Closed | CallError::Lost | CallError::Deadline(_))) => {}
            Some(Ok(answer)) => assert_eq!(answer, format!("={name}"), "it is the answer to another call"),
            Some(Err(CallError::Duplicate)) if few_keys => {}
            Some(Err(error)) => panic!("{name}: {error}"),
        }
    }
}

/// What the peer does with what it is asked until it cuts the connection. Gives the other messages that it has sent.
async fn peer(client: echo::Client, case: &Case) -> Vec<String> {
    let (mut receiver, sender) = client.split();
    let sent = Rc::new(RefCell::new(Vec::new()));
    // Answers are sent one after another.
    let sender = Rc::new(tokio::sync::Mutex::new(sender));
    let mut answers = FuturesUnordered::new();
    let mut not_before = Instant::now();
    let cut = async {
        match case.cut {
            Some(after) => sleep(Duration::from_millis(after)).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(cut);
    loop {
        let request = tokio::select! {
            biased;
            () = &mut cut => return sent.take(),
            Some(()) = answers.next() => continue,
            request = receiver.recv() => match request {
                Ok(Some(request)) => request,
                _ => break,
            },
        };
        let name = String::from_utf8(request.strip_prefix(b"?").unwrap().to_vec()).unwrap();
        let (task, n) = name.split_once(' ').unwrap().1.split_once('.').unwrap();
        let Answer { delay, times, others } =
            case.tasks[task.parse::<usize>().unwrap()][n.parse::<usize>().unwrap()].answer;
        let (sender, sent) = (sender.clone(), sent.clone());
        let at = Instant::now() + Duration::from_millis(delay);
        let at = if case.in_order { at.max(not_before) } else { at };
        not_before = at;
        let times = match (case.in_order, case.few_keys) {
            (true, _) => 1,
            (_, true) => times.min(1),
            (_, false) => times,
        };
        answers.push(async move {
            sleep_until(at).await;
            let mut sender = sender.lock().await;
            for other in 0..others {
                let other = format!("other {other} of {name}");
                if sender.feed(&*other).await.is_err() {
                    return;
                }
                sent.borrow_mut().push(other);
            }
            for _ in 0..times {
                if sender.feed(format!("={name}")).await.is_err() {
                    return;
                }
            }
            // The connection may be closed.
            let _ = sender.flush().await;
        });
    }
    sent.take()
}

async fn holds(case: Case) {
    let (mut server, got) = noting(&case);
    let (client, handle) = server.client().await;
    let tasks = async {
        let tasks: Vec<_> = case.tasks.iter().cloned().enumerate().collect();
        let tasks: Vec<_> =
            tasks.into_iter().map(|(n, asks)| tokio::spawn(task(handle.clone(), n, asks, case.few_keys))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        // What is late comes now.
        sleep(Duration::from_secs(5)).await;
        if case.by_handle {
            handle.close();
        } else {
            server.server.stop();
        }
    };
    let (said, ()) = tokio::join!(peer(client, &case), tasks);
    settled().await;
    let got = got.lock().unwrap().clone();
    // An answer that comes twice answers nothing the second time.
    let got: Vec<_> = got.into_iter().filter(|line| !line.starts_with('=')).collect();
    if case.cut.is_none() {
        assert_eq!(got, said, "each once, and in order");
    } else {
        assert!(said.starts_with(&got), "each once, and in order: of {said:?} it got {got:?}");
    }
    assert_eq!(server.server.buffered(), 0);
    assert_eq!(server.stop().await.cut, 0);
    assert!(handle.is_closed());
}

proptest! {
    #[test]
    fn an_answer_is_that_of_its_call_and_no_other_message_is_lost(case in case()) {
        paused(holds(case));
    }
}
