//! HL7 version 2.5 over MLLP, with which hospitals tell each other of their patients: each message is acknowledged with the
//! name of its patient, in the character set that the message itself names.

use std::fmt::Display;
use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::format::{Choice, Chosen};
use wirework::{Composition, Encoding, FramingExt, OnBad, Tcp, UTF_8, address_argument, run, serve};

const PROTOCOL: &str = "marked VT 1C0D";

/// What MSH-18 may say, by table 0211 of HL7. By the standard a message that names none is in ASCII; it is read as ISO 8859-1,
/// which others send.
const CHARACTER_SETS: [(&str, Encoding); 3] =
    [("GB 18030-2000", Encoding::GB18030), ("UNICODE UTF-8", UTF_8), ("", Encoding::ISO_8859_1)];

const ACCEPT: &str = "AA";
const REJECT: &str = "AR";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:2575"));
    let text = Chosen::one_of(Encoding::ISO_8859_1, CHARACTER_SETS.map(|(_, encoding)| encoding)).by(character_set);
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.format(text))
        .on_bad(|bad, _| OnBad::reply(acknowledgement("", REJECT, &bad.cause)))
        .answer(|message, reply| {
            let named = field(message, "MSH", 18);
            reply.send(match CHARACTER_SETS.iter().any(|(name, _)| *name == named) {
                true => acknowledgement(message, ACCEPT, field(message, "PID", 5)),
                false => {
                    acknowledgement(message, REJECT, format!("{named} is not among the character sets known here"))
                }
            })
        });
    Ok(run(server).await)
}

/// In some encodings the byte of `|` is also half of a character, so that where MSH-18 stands depends on what it says: it
/// counts where it is found in the encoding that it names.
fn character_set(message: &[u8], _now: Encoding) -> Result<Choice, BoxError> {
    let header = message.split(|byte| *byte == b'\r').next().unwrap_or_default();
    for (name, encoding) in CHARACTER_SETS {
        if field(&encoding.replace().read(header)?, "MSH", 18) == name {
            return Ok(Choice::This(encoding));
        }
    }
    // Read as what cannot be malformed, and rejected.
    Ok(Choice::This(Encoding::ISO_8859_1))
}

/// A field of the first segment of this name. Field 1 of MSH is the `|` behind its name.
fn field<'m>(message: &'m str, segment: &str, number: usize) -> &'m str {
    let mut segments = message.split('\r').map(|segment| segment.split('|'));
    let fields = segments.find(|fields| fields.clone().next() == Some(segment));
    let number = if segment == "MSH" { number - 1 } else { number };
    fields.and_then(|mut fields| fields.nth(number)).unwrap_or_default()
}

fn acknowledgement(message: &str, code: &str, text: impl Display) -> String {
    let [to, at, from, of, kind, id, mode, version, charset] =
        [3, 4, 5, 6, 9, 10, 11, 12, 18].map(|number| field(message, "MSH", number));
    let event = kind.split('^').nth(1).unwrap_or_default();
    let header = format!("MSH|^~\\&|{from}|{of}|{to}|{at}|||ACK^{event}|{id}|{mode}|{version}||||||{charset}");
    format!("{header}\rMSA|{code}|{id}|{text}\r")
}
