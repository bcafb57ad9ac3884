//! JSON-RPC 2.0 as the Language Server Protocol carries it (specification 3.17, "Base Protocol"): `echo` gives its parameters
//! back, `count` says how many characters a text has, and the notification `poke` is answered with the notification `poked`.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};
use wirework::core::BoxError;
use wirework::{Composition, OnBad, Tcp, address_argument, run, serve};

const PROTOCOL: &str = "head(until blank line, header Content-Length, required, body only) | json";

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.json::<Value, Value>()?)
        .on_bad(|bad, _| OnBad::reply(failure(&Value::Null, PARSE_ERROR, bad.cause.to_string())))
        .answer(|message, reply| {
            let (id, params) = (message.get("id"), &message["params"]);
            reply.send(match (message["method"].as_str(), id) {
                (Some("poke"), None) => json!({"jsonrpc": "2.0", "method": "poked", "params": params}),
                (Some(_), None) => return Ok(()),
                (Some("echo"), Some(id)) => result(id, params),
                (Some("count"), Some(id)) => match params["text"].as_str() {
                    Some(text) => result(id, text.chars().count()),
                    None => failure(id, INVALID_PARAMS, "there is no text"),
                },
                (Some(method), Some(id)) => failure(id, METHOD_NOT_FOUND, format!("there is no method {method}")),
                (None, id) => failure(id.unwrap_or(&Value::Null), INVALID_REQUEST, "there is no method"),
            })
        });
    Ok(run(server).await)
}

fn result(id: &Value, result: impl Serialize) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn failure(id: &Value, code: i32, message: impl Into<String>) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message.into()}})
}
