//! What holds of a client whatever its server does: delays, reorders, leaves out and doubles answers, pushes, drops connections, asks to
//! leave, refuses logins. `PROPTEST_CASES=10000 cargo test --release --test client_laws` tries more.

mod support;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use support::runtime::paused;
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{Backoff, CallError, Client, Correlation, Listener, MemoryListener};
use wirework::{Connection, Limits, Lines, connect, memory};

/// What a server does about a request, besides answering it.
#[derive(Clone, Copy, Debug)]
enum Whim {
    Nothing,
    /// Answers after so many milliseconds; where answers have keys, others overtake it.
    Delay(u16),
    /// Answers never, where answers have keys.
    LeaveOut,
    /// Answers twice, where answers have keys.
    Double,
    /// Says something by itself before, so many times.
    Push(u8),
    /// Ends the connection, and what was to be said over it is not.
    Drop,
    /// The same, behind its answer.
    DropBehind,
    /// Asks to leave.
    AskToLeave,
}

/// What a server does with a connection.
#[derive(Clone, Copy, Debug)]
enum Login {
    Welcome,
    /// With something pushed at once.
    WelcomeAndPush,
    Refuse,
    Drop,
}

/// A call that somebody makes.
#[derive(Clone, Copy, Debug)]
struct Wish {
    /// Milliseconds before it.
    after: u16,
    deadline: u16,
    /// After which it is given up, if that is before the deadline.
    patience: u16,
    safe: bool,
}

#[derive(Clone, Debug)]
struct Case {
    by_key: bool,
    whims: Vec<Whim>,
    logins: Vec<Login>,
    tasks: Vec<Vec<Wish>>,
    limits: Limits,
    keep_alive: bool,
    /// Whether what comes unsolicited is taken slowly.
    slow: bool,
    /// After how many milliseconds it is closed, whatever is in flight.
    close_after: Option<u16>,
}

fn whim() -> impl Strategy<Value = Whim> {
    prop_oneof![
        6 => Just(Whim::Nothing),
        5 => (0..3000_u16).prop_map(Whim::Delay),
        1 => Just(Whim::LeaveOut),
        1 => Just(Whim::Double),
        3 => (1..20_u8).prop_map(Whim::Push),
        1 => Just(Whim::Drop),
        1 => Just(Whim::DropBehind),
        1 => Just(Whim::AskToLeave),
    ]
}

fn login() -> impl Strategy<Value = Login> {
    prop_oneof![
        6 => Just(Login::Welcome),
        2 => Just(Login::WelcomeAndPush),
        1 => Just(Login::Refuse),
        1 => Just(Login::Drop),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let after = prop_oneof![Just(0), 0..2000_u16];
    (after, 1..4000_u16, prop_oneof![3 => Just(u16::MAX), 1 => 0..2000_u16], any::<bool>())
        .prop_map(|(after, deadline, patience, safe)| Wish { after, deadline, patience, safe })
}

fn case() -> impl Strategy<Value = Case> {
    let limits = (1..8_usize, 1..8_usize, 1000..5000_u64).prop_map(|(queue, calls, overdue)| Limits {
        queue,
        calls,
        overdue: Duration::from_millis(overdue).into(),
        ..Limits::default()
    });
    let server = (any::<bool>(), vec(whim(), 1..40), vec(login(), 1..8));
    let client = (vec(vec(wish(), 1..12), 1..5), limits, any::<bool>(), any::<bool>());
    (server, client, proptest::option::weighted(0.3, 0..4000_u16)).prop_map(
        |((by_key, whims, logins), (tasks, limits, keep_alive, slow), close_after)| Case {
            by_key,
            whims,
            logins,
            tasks,
            limits,
            keep_alive,
            slow,
            close_after,
        },
    )
}

/// What a server has done.
#[derive(Debug, Default)]
struct Log {
    /// Over which connections it was asked for each request.
    carried_out: HashMap<String, Vec<usize>>,
    /// How often it has said something by itself, over each connection.
    pushed: BTreeMap<usize, usize>,
    connections: usize,
    requests: usize,
}

/// A server that does as its script says, over one connection.
struct Script {
    case: Arc<Case>,
    log: Arc<Mutex<Log>>,
    conn: Connection<DuplexStream, Until>,
    number: usize,
    pushed: usize,
    /// What is still to be said, and when, in the order of saying it.
    answers: Vec<(Instant, String)>,
}

/// The connection is over.
struct Over;

impl Script {
    async fn say(&mut self, line: String) -> Result<(), Over> {
        self.conn.send(line).await.map_err(|_| Over)
    }

    async fn push(&mut self) -> Result<(), Over> {
        self.say(format!("*{} {}", self.number, self.pushed)).await?;
        self.pushed += 1;
        *self.log.lock().unwrap().pushed.entry(self.number).or_default() = self.pushed;
        Ok(())
    }

    async fn hold(mut self) -> Result<(), Over> {
        if !matches!(self.conn.recv().await, Ok(Some(login)) if login == "login") {
            return Err(Over);
        }
        match self.case.logins[(self.number - 1) % self.case.logins.len()] {
            Login::Welcome => self.say("welcome".to_owned()).await?,
            Login::WelcomeAndPush => {
                self.say("welcome".to_owned()).await?;
                self.push().await?;
            }
            Login::Refuse => return self.say("go away".to_owned()).await,
            Login::Drop => return Err(Over),
        }
        loop {
            let due = self.answers.first().map(|(due, _)| *due);
            tokio::select! {
                biased;
                () = async { sleep_until(due.unwrap()).await }, if due.is_some() => {
                    let (_, answer) = self.answers.remove(0);
                    self.say(answer).await?;
                }
                received = self.conn.recv() => match received {
                    Ok(Some(line)) if line == "ping" => self.say("*pong".to_owned()).await?,
                    Ok(Some(line)) => self.request(String::from_utf8(line.to_vec()).unwrap()).await?,
                    _ => return Err(Over),
                },
            }
        }
    }

    async fn request(&mut self, request: String) -> Result<(), Over> {
        let whim = {
            let mut log = self.log.lock().unwrap();
            log.carried_out.entry(request.clone()).or_default().push(self.number);
            log.requests += 1;
            self.case.whims[log.requests % self.case.whims.len()]
        };
        let answer = format!("={} {}", request.trim_start_matches('?'), self.number);
        let mut due = Instant::now();
        match whim {
            Whim::Delay(after) => due += Duration::from_millis(after.into()),
            Whim::LeaveOut if self.case.by_key => return Ok(()),
            Whim::Double if self.case.by_key => self.answers.push((due, answer.clone())),
            Whim::Push(times) => {
                for _ in 0..times {
                    self.push().await?;
                }
            }
            Whim::Drop => return Err(Over),
            Whim::DropBehind => {
                // What is due before it is said before it.
                for (_, answer) in std::mem::take(&mut self.answers) {
                    self.say(answer).await?;
                }
                self.say(answer).await?;
                return Err(Over);
            }
            Whim::AskToLeave => self.say("!leave".to_owned()).await?,
            _ => {}
        }
        if self.case.by_key {
            self.answers.push((due, answer));
            self.answers.sort_by_key(|(due, _)| *due);
        } else {
            let last = self.answers.last().map_or(due, |(last, _)| *last);
            self.answers.push((due.max(last), answer));
        }
        Ok(())
    }
}

async fn serve(case: Arc<Case>, log: Arc<Mutex<Log>>, mut listener: MemoryListener) {
    while let Ok(incoming) = listener.accept().await {
        let (io, peer) = incoming.handshake.await.unwrap();
        let conn = Connection::new(io, peer, &Lines::any(), Limits::default()).unwrap();
        let number = {
            let mut log = log.lock().unwrap();
            log.connections += 1;
            log.connections
        };
        let (case, log) = (case.clone(), log.clone());
        let script = Script { case, log, conn, number, pushed: 0, answers: Vec::new() };
        tokio::spawn(script.hold());
    }
}

/// The key is the first word: the number of the call.
fn key(line: &[u8], begins: u8) -> Option<Vec<u8>> {
    let line = line.strip_prefix(&[begins])?;
    line.split(|byte| *byte == b' ').next().map(<[u8]>::to_vec)
}

fn correlation(case: &Case) -> Correlation<Raw> {
    if case.by_key {
        Correlation::by_key(|request: &[u8]| key(request, b'?'), |message: &Bytes| key(message, b'='))
    } else {
        Correlation::in_order_but(|message: &Bytes| !message.starts_with(b"="))
    }
}

/// Makes the calls of a task, and checks what comes of each.
async fn call(client: Client<Raw>, wishes: Vec<Wish>, task: usize, log: Arc<Mutex<Log>>, closes: bool) {
    for (n, Wish { after, deadline, patience, safe }) in wishes.into_iter().enumerate() {
        sleep(Duration::from_millis(after.into())).await;
        let number = format!("{}{task}.{n}", if safe { "safe" } else { "once" });
        let request = format!("?{number}");
        let [deadline, patience] = [deadline, patience].map(|millis| Duration::from_millis(millis.into()));
        let begun = Instant::now();
        let called = timeout(patience, client.call_within(deadline, request.clone())).await;
        assert!(begun.elapsed() <= deadline.min(patience) + Duration::from_millis(1), "{:?}", begun.elapsed());
        let Ok(called) = called else { continue };
        let carried_out = log.lock().unwrap().carried_out.get(&request).cloned().unwrap_or_default();
        match called {
            Ok(answer) => {
                let answer = String::from_utf8(answer.to_vec()).unwrap();
                let connection = carried_out.iter().find(|on| answer == format!("={number} {on}"));
                assert!(connection.is_some(), "{request} {carried_out:?} is answered by {answer}");
                assert_eq!(connection, carried_out.last(), "the answer is that of the last attempt");
            }
            Err(CallError::Deadline(_)) => {}
            Err(CallError::Lost) if !safe || closes => {}
            Err(CallError::Closed) if closes => assert!(carried_out.is_empty(), "{request} was sent: {carried_out:?}"),
            Err(other) => panic!("{request} {carried_out:?}: {other:?}"),
        }
    }
}

async fn holds(case: Case) {
    let case = Arc::new(case);
    let log = Arc::new(Mutex::new(Log::default()));
    let (dialer, listener) = memory();
    tokio::spawn(serve(case.clone(), log.clone(), listener));
    let mut calling = connect(dialer, Lines::any())
        .limits(case.limits.clone())
        .calls(correlation(&case))
        .login(async |mut conn| {
            conn.send("login").await?;
            match conn.recv().await? {
                Some(answer) if answer == "welcome" => Ok(conn),
                other => Err(format!("refused: {other:?}").into()),
            }
        })
        .resend(|request| request.starts_with(b"?safe"))
        .leave_when(|message| message == "!leave")
        .backoff(Backoff { first: Duration::from_millis(10), most: Duration::from_millis(500) });
    if case.keep_alive {
        calling = calling.keep_alive(Duration::from_secs(1), "ping");
    }
    let client = calling.start().unwrap();

    let mut unsolicited = client.unsolicited().unwrap();
    let slow = case.slow;
    let taking = tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Some(message) = unsolicited.next().await {
            taken.push(String::from_utf8(message.to_vec()).unwrap());
            if slow {
                sleep(Duration::from_millis(100)).await;
            }
        }
        (taken, unsolicited.missed())
    });
    let closes = case.close_after.is_some();
    let tasks = case.tasks.clone().into_iter().enumerate();
    let calls: Vec<_> =
        tasks.map(|(n, wishes)| tokio::spawn(call(client.clone(), wishes, n, log.clone(), closes))).collect();
    if let Some(after) = case.close_after {
        sleep(Duration::from_millis(after.into())).await;
        client.close().await;
        for call in calls {
            call.await.unwrap();
        }
    } else {
        for call in calls {
            call.await.unwrap();
        }
        // What the server has still to say has come.
        sleep(Duration::from_secs(10)).await;
        client.close().await;
    }

    let log = std::mem::take(&mut *log.lock().unwrap());
    for (request, on) in &log.carried_out {
        let mut on = on.clone();
        let times = on.len();
        on.dedup();
        assert_eq!(on.len(), times, "{request} came more than once over one connection: {on:?}");
        assert!(request.starts_with("?safe") || times == 1, "{request} was made {times} times");
    }
    let (taken, missed) = taking.await.unwrap();
    unsolicited_holds(&taken, missed, &log, closes);
}

/// Nothing that was pushed is doubled, out of order, or lost.
fn unsolicited_holds(taken: &[String], missed: u64, log: &Log, closes: bool) {
    let pushed = |line: &str| {
        let (connection, n) = line.strip_prefix('*')?.split_once(' ')?;
        Some((connection.parse::<usize>().unwrap(), n.parse::<usize>().unwrap()))
    };
    let mut seen = HashSet::new();
    let mut next: HashMap<usize, usize> = HashMap::new();
    for (connection, n) in taken.iter().filter_map(|line| pushed(line)) {
        assert!(seen.insert((connection, n)), "{n} of connection {connection} is doubled");
        let next = next.entry(connection).or_default();
        assert!(n >= *next, "{n} of connection {connection} is out of order");
        *next = n + 1;
    }
    if !closes {
        let all = log.pushed.iter().flat_map(|(connection, count)| (0..*count).map(|n| (*connection, n)));
        let lost: Vec<_> = all.filter(|of| !seen.contains(of)).collect();
        assert!(lost.len() as u64 <= missed, "{lost:?} of {:?} are lost, {missed} counted", log.pushed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_server_does_each_answer_is_that_of_its_call(case in case()) {
        paused(holds(case));
    }
}
