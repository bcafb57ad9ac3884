//! DNS over TCP (RFC 1035, section 4.2.2; RFC 7766). Whatever is asked is answered by one address, 127.0.0.53; a query whose
//! question cannot be read, by a format error.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, Tcp, address_argument, run, serve};

const PROTOCOL: &str = "length u16be";

/// A response, recursion desired and available; the last four bits say what was wrong (RFC 1035, section 4.1.1).
const NO_ERROR: [u8; 2] = [0x81, 0x80];
const FORMAT_ERROR: [u8; 2] = [0x81, 0x81];
/// How many questions, answers, authorities and additional records follow.
const ONE_ANSWER: [u8; 8] = [0, 1, 0, 1, 0, 0, 0, 0];
const NOTHING: [u8; 8] = [0; 8];
/// The name is that of the question, at byte 12; type A, class IN, 60 seconds, and the four bytes of the address.
const ANSWER: [u8; 16] = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 53];

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?).answer(|query, reply| {
        let (id, rest) = query.split_first_chunk::<2>().ok_or("no identifier")?;
        let response = match question(rest) {
            Some(question) => [id, &NO_ERROR, &ONE_ANSWER[..], question, &ANSWER].concat(),
            None => [id, &FORMAT_ERROR, &NOTHING[..]].concat(),
        };
        Ok::<_, BoxError>(reply.send(response)?)
    });
    Ok(run(server).await)
}

/// The question behind flags and counts, of which there must be one (RFC 9619): a name, in labels of which each stands behind
/// its length and the last is empty; type and class.
fn question(query: &[u8]) -> Option<&[u8]> {
    let ([_, _, 0, 1, _, _, _, _, _, _], rest) = query.split_first_chunk()? else { return None };
    let mut end = 0;
    loop {
        match *rest.get(end)? {
            0 => return rest.get(..end + 1 + 4),
            label @ 1..=63 => end += 1 + usize::from(label),
            _ => return None,
        }
    }
}
