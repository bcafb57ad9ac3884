//! Whatever joins, leaves and ends: it is as a list would be.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio::io::DuplexStream;
use wirework::Connection;
use wirework::core::Raw;
use wirework::framing::Until;
use wirework::servers::{Handle, JoinError, Peers, WhenTaken};

use crate::lone;

#[derive(Clone, Copy, Debug)]
enum Step {
    Join(usize, u8),
    Leave(usize),
    Close(usize),
    End(usize),
    Connect(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let connection = 0..CONNECTIONS;
    prop_oneof![
        4 => (connection.clone(), 0..KEYS).prop_map(|(connection, key)| Step::Join(connection, key)),
        1 => connection.clone().prop_map(Step::Leave),
        1 => connection.clone().prop_map(Step::Close),
        2 => connection.clone().prop_map(Step::End),
        2 => connection.prop_map(Step::Connect),
    ]
}

const CONNECTIONS: usize = 6;
const KEYS: u8 = 4;

/// What is known of one of several connections.
struct Known {
    /// Until it ends.
    connection: Option<Connection<DuplexStream, Until>>,
    handle: Handle<Raw>,
    key: Option<u8>,
    closed: bool,
}

impl Known {
    fn new() -> Self {
        let (connection, handle) = lone();
        Self { connection: Some(connection), handle, key: None, closed: false }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_is_as_a_list_would_be(replaces: bool, steps in prop::collection::vec(step(), 1..60)) {
        let peers = Peers::new(if replaces { WhenTaken::Replace } else { WhenTaken::Refuse });
        let mut all: Vec<_> = (0..CONNECTIONS).map(|_| Known::new()).collect();
        for step in steps {
            match step {
                Step::Join(n, key) => {
                    let holder = all.iter().position(|known| known.key == Some(key));
                    let joined = peers.join(key, &all[n].handle);
                    match holder {
                        _ if all[n].closed => {
                            prop_assert!(matches!(joined, Err(JoinError::Closed(back)) if back == key));
                        }
                        Some(of) if of == n => prop_assert_eq!(joined.unwrap(), None),
                        Some(of) if replaces || all[of].closed => {
                            prop_assert_eq!(&*joined.unwrap().unwrap(), &all[of].handle);
                            (all[of].key, all[of].closed, all[n].key) = (None, true, Some(key));
                        }
                        Some(of) => {
                            let Err(JoinError::Taken { key: back, holder }) = joined else { panic!("it has joined") };
                            prop_assert_eq!((back, &holder), (key, &all[of].handle));
                        }
                        None => {
                            prop_assert_eq!(joined.unwrap(), None);
                            all[n].key = Some(key);
                        }
                    }
                }
                Step::Leave(n) => prop_assert_eq!(peers.leave(&all[n].handle), all[n].key.take()),
                Step::Close(n) => {
                    all[n].handle.close();
                    all[n].closed = true;
                }
                Step::End(n) => {
                    all[n].connection = None;
                    (all[n].key, all[n].closed) = (None, true);
                }
                Step::Connect(n) => all[n] = Known::new(),
            }
            let there: BTreeMap<u8, &Handle<Raw>> =
                all.iter().filter_map(|known| Some((known.key?, &known.handle))).collect();
            prop_assert_eq!((peers.len(), peers.is_empty()), (there.len(), there.is_empty()));
            for key in 0..KEYS {
                prop_assert_eq!(peers.get(&key), there.get(&key).copied().cloned());
                prop_assert_eq!(peers.contains(&key), there.contains_key(&key));
            }
            for known in &all {
                prop_assert_eq!((peers.key_of(&known.handle), known.handle.is_closed()), (known.key, known.closed));
            }
            let mut connections = peers.connections();
            connections.sort_by_key(|(key, _)| *key);
            prop_assert!(connections.iter().map(|(key, handle)| (*key, handle)).eq(there));
        }
        drop(all);
        prop_assert!(peers.is_empty());
    }
}
