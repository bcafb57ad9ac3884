//! What `service` promises, over memory and under a paused clock.

mod support;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready as when_ready};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};
use tokio_util::sync::PollSemaphore;
use tower::{Service, ServiceBuilder, service_fn};
use wirework::core::{BoxError, Codec};
use wirework::{FramingExt, Limits, Lines, Text, UTF_8, serve};

use support::runtime::{in_memory, paused};
use support::{Events, exchange, start};

fn lines() -> impl Codec<Format = Text> {
    Lines::any().text(UTF_8)
}

/// Handles `MILLISECONDS WHAT`: waits as long, and gives what.
async fn wait(line: String) -> Result<String, BoxError> {
    let (millis, what) = line.split_once(' ').ok_or("it has two words")?;
    sleep(Duration::from_millis(millis.parse()?)).await;
    Ok(what.to_owned())
}

/// Counts the messages of one connection.
#[derive(Clone)]
struct Counting(usize);

impl Service<String> for Counting {
    type Response = Option<String>;
    type Error = Infallible;
    type Future = Ready<Result<Option<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, line: String) -> Self::Future {
        self.0 += 1;
        ready(Ok((line != "quiet").then(|| format!("{} {line}", self.0))))
    }
}

#[test]
fn each_connection_has_its_own_service() {
    in_memory(async {
        let plain = start(|listener| serve(listener, lines()).service(Counting(0)));
        let concurrent = start(|listener| serve(listener, lines()).service(Counting(0)).concurrency(3));
        for dialer in [plain, concurrent] {
            for _ in 0..2 {
                assert_eq!(exchange(&dialer, b"a\nquiet\nb\n").await, b"1 a\n3 b\n");
            }
        }
    });
}

#[test]
fn layers_go_in_front_and_their_errors_end_the_conversation_behind_the_replies_before() {
    paused(async {
        for most in [1, 4] {
            let events = Events::default();
            let dialer = start(|listener| {
                let service = ServiceBuilder::new().timeout(Duration::from_secs(1)).service_fn(wait);
                serve(listener, lines()).on_event(events.hook()).service(service).concurrency(most)
            });
            let started = Instant::now();
            assert_eq!(exchange(&dialer, b"900 a\n90000 late\n1 b\n").await, b"a\n");
            assert_eq!(started.elapsed().as_millis(), if most == 1 { 1900 } else { 1000 });
            assert_eq!(events.take(), ["memory: request timed out"]);
        }
    });
}

#[test]
fn a_limit_of_all_connections_holds_with_several_at_once() {
    paused(async {
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, highest) = (now.clone(), peak.clone());
        let dialer = start(|listener| {
            let service = ServiceBuilder::new().concurrency_limit(3).service(service_fn(move |line| {
                let (counted, highest) = (counted.clone(), highest.clone());
                async move {
                    highest.fetch_max(counted.fetch_add(1, Relaxed) + 1, Relaxed);
                    let reply = wait(line).await;
                    counted.fetch_sub(1, Relaxed);
                    reply
                }
            }));
            serve(listener, lines()).service(service).concurrency(8)
        });
        let wire = b"10 x\n".repeat(20);
        let (one, other) = tokio::join!(exchange(&dialer, &wire), exchange(&dialer, &wire));
        assert_eq!((one, other), (b"x\n".repeat(20), b"x\n".repeat(20)));
        assert_eq!((peak.load(Relaxed), now.load(Relaxed)), (3, 0));
    });
}

#[test]
fn who_says_nothing_has_no_share_in_a_limit() {
    paused(async {
        let service = || ServiceBuilder::new().concurrency_limit(1).service_fn(wait);
        let plain = start(|listener| serve(listener, lines()).service(service()));
        let concurrent = start(|listener| serve(listener, lines()).service(service()).concurrency(4));
        for dialer in [plain, concurrent] {
            let mut idle = dialer.dial().await.unwrap();
            idle.write_all(b"1 hello\n").await.unwrap();
            let mut hello = [0; 6];
            idle.read_exact(&mut hello).await.unwrap();
            let other = tokio::time::timeout(Duration::from_secs(1), exchange(&dialer, b"1 a\n1 b\n")).await;
            assert_eq!(other.unwrap(), b"a\nb\n");
        }
    });
}

/// Ready whenever somebody says so.
#[derive(Clone)]
struct Gated {
    gate: PollSemaphore,
    pass: Option<Arc<OwnedSemaphorePermit>>,
}

impl Gated {
    fn new(gate: &Arc<Semaphore>) -> Self {
        Self { gate: PollSemaphore::new(gate.clone()), pass: None }
    }
}

impl Service<String> for Gated {
    type Response = String;
    type Error = &'static str;
    type Future = Ready<Result<String, &'static str>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        if self.pass.is_none() {
            self.pass = Some(Arc::new(when_ready!(self.gate.poll_acquire(cx)).ok_or("the gate is closed")?));
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, line: String) -> Self::Future {
        Arc::into_inner(self.pass.take().expect("it was ready")).expect("it is ours").forget();
        ready(Ok(line))
    }
}

#[test]
fn nothing_more_is_read_while_the_service_is_not_ready_and_what_was_replied_leaves() {
    paused(async {
        for most in [None, Some(4)] {
            let gate = Arc::new(Semaphore::new(1));
            let service = Gated::new(&gate);
            let dialer = match most {
                None => start(|listener| serve(listener, lines()).service(service)),
                Some(most) => start(|listener| serve(listener, lines()).service(service).concurrency(most)),
            };
            let line = [&b"x".repeat(60_000)[..], b"\n"].concat();
            let (mut read, mut write) = tokio::io::split(dialer.dial().await.unwrap());
            let mut taken = 0;
            let mut reply = vec![0; line.len()];
            write.write_all(&line).await.unwrap();
            read.read_exact(&mut reply).await.unwrap();
            while tokio::time::timeout(Duration::from_secs(3), write.write_all(&line)).await.is_ok() {
                taken += 1;
            }
            assert!((1..=6).contains(&taken), "{taken}");
            gate.add_permits(1);
            read.read_exact(&mut reply).await.unwrap();
        }
    });
}

#[test]
fn a_service_that_is_never_ready_or_fails_ends_the_conversation_behind_the_replies_before() {
    paused(async {
        for most in [None, Some(4)] {
            let events = Events::default();
            let gate = Arc::new(Semaphore::new(2));
            let (added, service) = (events.clone(), Gated::new(&gate));
            let limits = Limits { handler: Duration::from_secs(7).into(), ..Limits::default() };
            let server = |listener| serve(listener, lines()).limits(limits).on_event(move |event| added.add(event));
            let dialer = match most {
                None => start(|listener| server(listener).service(service)),
                Some(most) => start(|listener| server(listener).service(service).concurrency(most)),
            };
            let started = Instant::now();
            assert_eq!(exchange(&dialer, b"a\nb\nc\n").await, b"a\nb\n");
            assert_eq!(started.elapsed().as_secs(), 7);
            assert_eq!(events.take(), ["memory: the handler was not done after 7s"]);
            gate.add_permits(1);
            let mut io = dialer.dial().await.unwrap();
            io.write_all(b"a\nb\n").await.unwrap();
            let mut reply = [0; 2];
            io.read_exact(&mut reply).await.unwrap();
            gate.close();
            assert_eq!(io.read(&mut reply).await.unwrap(), 0);
            drop(io);
            sleep(Duration::from_millis(1)).await;
            assert_eq!((&reply, events.take()), (b"a\n", vec!["memory: the gate is closed".to_owned()]));
        }
    });
}
