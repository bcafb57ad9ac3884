//! The gateway among a thousand devices.

use std::sync::Barrier;
use std::thread;

use crate::fleet::Fleet;
use crate::frame::Phone;
use crate::gateway::Gateway;
use crate::operator::Operator;

/// How many there are of each behaviour. Those who stall come first: the time in which a frame must be whole passes while
/// the others come.
const CAST: [(&str, usize); 7] = [
    ("stalls", 20),
    ("honest", 800),
    ("silent", 30),
    ("lies", 30),
    ("reconnects", 40),
    ("vanishes", 40),
    ("aborts", 40),
];

/// How many are started at once.
const BATCH: usize = 100;

/// How often each of those who are commanded gets a query and a text.
const ROUNDS: u32 = 4;

/// How many honest ones are commanded, are taken over, and are left at the end.
const COMMANDED: usize = 50;
const TAKEN_OVER: usize = 10;
const LEFT: usize = 20;

/// Some of these characters have bytes that are escaped.
const BROADCASTS: [&str; 2] = ["問題: 魚", "again ~} 京A00001"];

struct Device {
    phone: String,
    plate: String,
    behaviour: &'static str,
}

impl Device {
    fn query(&self) -> String {
        format!("parameters {}", self.phone)
    }

    /// Whether this is what it says of itself when it is asked for the how manieth time.
    fn is_answer(&self, query: u32, answer: &str) -> bool {
        let mileage = Phone::new(&self.phone).mileage(query);
        answer.starts_with(&format!("{}: 0x0001=60 0x0080={mileage} ", self.phone))
    }

    /// Whether this is the outcome of a command to it.
    fn is(&self, outcome: &str, answer: &str) -> bool {
        answer == format!("{}: {outcome}", self.phone)
    }
}

fn cast() -> Vec<Device> {
    let behaviours = CAST.iter().flat_map(|(behaviour, count)| vec![*behaviour; *count]);
    let device = |(n, behaviour)| Device {
        phone: format!("13800138{n:04}"),
        plate: format!("{}A{n:05}", ['京', '津', '沪', '粤'][n % 4]),
        behaviour,
    };
    behaviours.enumerate().map(device).collect()
}

#[test]
fn a_thousand_devices_of_which_some_vanish_stall_or_lie() {
    let cast = cast();
    let of = |behaviour: &str| cast.iter().filter(|device| device.behaviour == behaviour).collect::<Vec<_>>();
    let honest = of("honest");
    let Some(mut gateway) = Gateway::start() else { return };
    let mut fleet = Fleet::new(&gateway.devices);
    come(&mut fleet, &cast, &honest);

    lists(&mut gateway, &cast, |device, state| match device.behaviour {
        "honest" | "silent" => state == "online logins=1 reports=2",
        "reconnects" => state == "online logins=3 reports=6",
        "vanishes" | "aborts" => state == "offline logins=1 reports=2",
        // Until its time is over, it is there.
        "stalls" => state.ends_with("line logins=1 reports=2"),
        // Of its reports, those that are whole, and its own.
        "lies" => state == "online logins=10 reports=20",
        _ => unreachable!(),
    });
    for device in of("lies") {
        let printed = fleet.printed(&device.phone);
        assert!(printed.iter().any(|line| line == "wrong check: goes on"), "{printed:?}");
        assert!(!printed.iter().any(|line| line.starts_with("is believed")), "{printed:?}");
    }

    command(&gateway.operators, &[&honest[..COMMANDED], &of("silent"), &of("lies")].concat());
    command_at_once(&gateway.operators, &honest[..COMMANDED]);
    for device in [of("vanishes"), of("aborts")].concat() {
        for command in [device.query(), format!("text {} hello", device.phone)] {
            let answer = gateway.operator.ask(&command);
            assert!(device.is("offline", &answer), "{answer}");
        }
    }
    assert_eq!(gateway.operator.ask("hello"), "? devices | text PHONE TEXT | parameters PHONE | all TEXT");

    lists(&mut gateway, &cast, |device, state| device.behaviour != "stalls" || state == "offline logins=1 reports=2");
    broadcast(&mut gateway, &fleet, &cast);

    let taken_over = &honest[..TAKEN_OVER];
    let is_taken_over = |device: &Device| taken_over.iter().any(|other| other.phone == device.phone);
    for device in taken_over {
        log_in_again(&mut gateway, &mut fleet, device);
        fleet.until(&device.phone, "closed", 1);
    }

    let left = &honest[..LEFT];
    let is_left = |device: &Device| left.iter().any(|left| left.phone == device.phone);
    for device in cast.iter().filter(|device| !is_left(device)) {
        fleet.kill(&device.phone);
    }
    lists(&mut gateway, &cast, |device, state| state.starts_with("online ") == is_left(device));
    gateway.holds(LEFT + 1);

    // It still serves, also somebody whom it knows.
    log_in_again(&mut gateway, &mut fleet, honest[LEFT]);
    lists(&mut gateway, &cast, |device, state| {
        let has_come_again = is_taken_over(device) || device.phone == honest[LEFT].phone;
        !has_come_again || state == "online logins=2 reports=4"
    });

    gateway.ends(|| {
        for device in &honest[..=LEFT] {
            fleet.until(&device.phone, "closed", if is_taken_over(device) { 2 } else { 1 });
        }
    });
    fleet.has_no_complaint();
}

/// All are started, and have done what they do by themselves.
fn come(fleet: &mut Fleet, cast: &[Device], victims: &[&Device]) {
    let mut victims = victims.iter().take(COMMANDED).cycle();
    for batch in cast.chunks(BATCH) {
        for Device { phone, plate, behaviour } in batch {
            match *behaviour {
                "lies" => fleet.start(phone, plate, &format!("lies {}", victims.next().unwrap().phone)),
                behaviour => fleet.start(phone, plate, behaviour),
            }
        }
        for Device { phone, behaviour, .. } in batch {
            match *behaviour {
                "stalls" | "lies" => fleet.until(phone, behaviour, 1),
                "reconnects" => fleet.until(phone, "online", 3),
                _ => fleet.until(phone, "online", 1),
            }
        }
    }
}

/// Waits until the operator sees each device with its plate, in order, in a state that `is_right`.
fn lists(gateway: &mut Gateway, cast: &[Device], is_right: impl Fn(&Device, &str) -> bool) {
    gateway.lists(|n, line| {
        let Some(device) = cast.get(n) else { return false };
        let state = line.strip_prefix(&format!("{} {} ", device.phone, device.plate));
        state.is_some_and(|state| is_right(device, state))
    });
    assert_eq!(gateway.operator.devices().len(), cast.len());
}

/// All of them are commanded at once, each by an operator of its own, again and again.
fn command(operators: &str, devices: &[&Device]) {
    let operators: Vec<Operator> = devices.iter().map(|_| Operator::connect(operators)).collect();
    let all = Barrier::new(devices.len());
    // Gives what is wrong with the answers: who panicked would have the others wait for ever.
    let talk = |device: &Device, mut operator: Operator| {
        let mut wrong = Vec::new();
        for round in 1..=ROUNDS {
            // Liars answer every other time.
            let in_time = device.behaviour == "honest" || round.is_multiple_of(2);
            // To wait for those who are silent once more would take time, and prove nothing.
            let has_patience = device.behaviour != "silent" || round == 1;
            all.wait();
            if has_patience {
                let answer = operator.ask(&device.query());
                let is_right = if in_time { device.is_answer(round, &answer) } else { device.is("no answer", &answer) };
                wrong.extend((!is_right).then(|| format!("{}, query {round}: {answer}", device.behaviour)));
            }
            all.wait();
            if has_patience {
                let answer = operator.ask(&format!("text {} {round}", device.phone));
                let is_right = device.is(if in_time { "ok" } else { "no answer" }, &answer);
                wrong.extend((!is_right).then(|| format!("{}, text {round}: {answer}", device.behaviour)));
            }
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let pairs = devices.iter().zip(operators);
        let talks: Vec<_> = pairs.map(|(device, operator)| scope.spawn(|| talk(device, operator))).collect();
        talks.into_iter().flat_map(|talk| talk.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Several operators command the same device at once.
fn command_at_once(operators: &str, devices: &[&Device]) {
    let ask = |command: String| Operator::connect(operators).ask(&command);
    thread::scope(|scope| {
        let asked = devices.iter().map(|device| {
            let text = format!("text {} at once", device.phone);
            let commands = [device.query(), text.clone(), device.query(), text];
            (device, commands.map(|command| scope.spawn(move || ask(command))))
        });
        for (device, answers) in asked.collect::<Vec<_>>() {
            let [first, text, second, other_text] = answers.map(|answer| answer.join().unwrap());
            let in_order =
                |first: &str, second: &str| device.is_answer(ROUNDS + 1, first) && device.is_answer(ROUNDS + 2, second);
            assert!(in_order(&first, &second) || in_order(&second, &first), "{first}; {second}");
            assert!(device.is("ok", &text) && device.is("ok", &other_text), "{text}; {other_text}");
        }
    });
}

/// Every honest device gets each broadcast once, in order, and nothing else.
fn broadcast(gateway: &mut Gateway, fleet: &Fleet, cast: &[Device]) {
    let online = cast.iter().filter(|device| !["stalls", "vanishes", "aborts"].contains(&device.behaviour)).count();
    for text in BROADCASTS {
        let sent = gateway.operator.ask(&format!("all {text}"));
        assert_eq!(sent, format!("sent to {online} of {}", cast.len()));
    }
    let lines = BROADCASTS.map(|text| format!("text {text}"));
    for Device { phone, .. } in cast.iter().filter(|device| device.behaviour == "honest") {
        fleet.until(phone, &lines[1], 1);
        let printed = fleet.printed(phone);
        let got: Vec<&String> = printed.iter().filter(|line| lines.contains(line)).collect();
        assert_eq!(got, [&lines[0], &lines[1]], "{phone}: {printed:?}");
    }
}

/// Another process with the same phone number logs in, and is the one that is commanded from then on.
fn log_in_again(gateway: &mut Gateway, fleet: &mut Fleet, device: &Device) {
    fleet.start(&device.phone, &device.plate, "honest");
    fleet.until(&device.phone, "online", 2);
    let answer = gateway.operator.ask(&device.query());
    assert!(device.is_answer(1, &answer), "{answer}");
}
