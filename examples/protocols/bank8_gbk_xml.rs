//! XML in GBK behind its length in eight digits, as bank front-ends speak it: a request has a serial number and a name, and the
//! answer says that the transaction is done. What does not begin with eight digits closes the connection.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, OnBad, Tcp, address_argument, run, serve};

/// The length counts bytes, not characters.
const PROTOCOL: &str = "length dec8 | gbk";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.text()?)
        // Answers have the order of the requests, so that none may be left out: what is no GBK is refused,
        .on_bad(|_, _| OnBad::reply(refusal()))
        .answer(|request, reply| {
            let answer = match (element(request, "seq"), element(request, "name")) {
                (Some(seq), Some(name)) => answer("0000", seq, &format!("{name}，交易成功")),
                _ => refusal(),
            };
            // and so is what cannot be answered, because that would be too long, or GBK lacks a character.
            reply.send(answer).or_else(|_| reply.send(refusal()))
        });
    Ok(run(server).await)
}

fn refusal() -> String {
    answer("9999", "", "报文有误")
}

fn answer(code: &str, seq: &str, message: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="GBK"?><root><code>{code}</code><seq>{seq}</seq><msg>{message}</msg></root>"#
    )
}

/// What stands between the tags of an element. It is not unescaped, for it goes back into XML.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    Some(content)
}
