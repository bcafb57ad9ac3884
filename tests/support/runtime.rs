//! Runtimes for tests: what they have begun must have ended with them.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle as Runtime};

/// Runs a test under a paused clock, without a socket. After it no task is left.
pub(crate) fn paused(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // Time that nobody else waits in passes at once: a test that hangs fails.
        let bound = Duration::from_secs(1_000_000);
        tokio::time::timeout(bound, test).await.expect("it does not end");
        no_task_is_left().await;
    });
}

/// Runs a test in real time, without a socket. After it no task is left.
pub(crate) fn in_memory(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        test.await;
        no_task_is_left().await;
    });
}

/// Runs a test with sockets and real time, while no other test has sockets. After it no task and no descriptor is left.
pub(crate) fn on_sockets(test: impl Future<Output = ()>) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let before = descriptors();
        test.await;
        no_task_is_left().await;
        assert_eq!(descriptors(), before, "open descriptors");
    });
}

/// What `/proc` says is open; other tests of this process, which have no sockets, open none.
fn descriptors() -> Vec<String> {
    let links = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let mut open: Vec<String> =
        links.filter_map(|link| Some(std::fs::read_link(link.path()).ok()?.display().to_string())).collect();
    open.retain(|link| link.starts_with("socket:"));
    open.sort();
    open
}

async fn no_task_is_left() {
    let ended = async {
        while Runtime::current().metrics().num_alive_tasks() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let left = || Runtime::current().metrics().num_alive_tasks();
    assert!(tokio::time::timeout(Duration::from_secs(30), ended).await.is_ok(), "{} tasks are left", left());
}
