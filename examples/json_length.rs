//! A key-value store: JSON behind a 4-byte length, with state that all connections share.
//!
//! `{"set":{"key":"k","value":"v"}}` and `{"get":{"key":"k"}}` are answered with `{"value":…}`: the old or the present one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use wirework::{FramingExt, LengthPrefix, OnBad, Tcp, address_argument, run, serve};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Request {
    Get { key: String },
    Set { key: String, value: String },
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Response {
    Value(Option<String>),
    Error(String),
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let store = Arc::new(Mutex::new(HashMap::new()));
    run(serve(tcp, LengthPrefix::u32_be().json::<Request, Response>())
        .on_bad(|bad, _| OnBad::reply(Response::Error(bad.cause.to_string())))
        .reply(async move |request| {
            let mut store = store.lock().unwrap();
            Response::Value(match request {
                Request::Get { key } => store.get(&key).cloned(),
                Request::Set { key, value } => store.insert(key, value),
            })
        }))
    .await
}
