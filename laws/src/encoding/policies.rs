//! What is malformed is the same under every policy.

use std::fmt::Write;

use wirework_core::{DecodePolicy, FormatError, TextEncoding};

use super::decoded;
use crate::{Broken, Law};

const POLICIES: [DecodePolicy; 3] = [DecodePolicy::Strict, DecodePolicy::Replace, DecodePolicy::Escape];

/// Strict decoding fails at the first malformed sequence: what stands before it is text, and with it is none. There the replacement
/// has U+FFFD and the escape its bytes, and both go on with the bytes behind it. Text is appended, and what is lent is that text.
pub fn policies(encoding: &dyn TextEncoding, bytes: &[u8]) -> Result<(), Broken> {
    let broken = |why: String| Err(Broken::new(Law::Policies, bytes, why));
    for policy in POLICIES {
        let mut text = String::from("before");
        let result = encoding.decode(bytes, policy, &mut text);
        let alone = decoded(encoding, bytes, policy).unwrap_or_default();
        if !text.starts_with("before") || result.is_ok() && text["before".len()..] != alone {
            return broken(format!("{policy:?}: {alone:?} is not appended to what was there, which is {text:?}"));
        }
        match result {
            Err(error) if policy != DecodePolicy::Strict => return broken(format!("{policy:?} fails: {error}")),
            _ => {}
        }
    }
    if encoding.longest() == 0 {
        return broken("the longest character has no byte".to_owned());
    }
    let strict = decoded(encoding, bytes, DecodePolicy::Strict);
    if let Some(lent) = encoding.as_utf8(bytes)
        && (lent.as_bytes() != bytes || strict.as_deref().ok() != Some(lent))
    {
        return broken(format!("{lent:?} is lent, and decoded is {strict:?}"));
    }
    match strict {
        Ok(text) => {
            for policy in POLICIES {
                let other = decoded(encoding, bytes, policy).unwrap_or_default();
                if other != text {
                    return broken(format!("nothing is malformed, and {policy:?} gives {other:?} for {text:?}"));
                }
            }
            Ok(())
        }
        Err(FormatError::Malformed { offset, bytes: malformed, .. }) => fault(encoding, bytes, offset, &malformed),
        Err(error) => broken(format!("the error does not say where the malformed bytes are: {error}")),
    }
}

/// `malformed` at `offset` is the first that is, under each policy.
fn fault(encoding: &dyn TextEncoding, bytes: &[u8], offset: usize, malformed: &[u8]) -> Result<(), Broken> {
    let broken = |why: String| Err(Broken::new(Law::Policies, bytes, why));
    let shown = malformed.escape_ascii();
    let Some(behind) = bytes.get(offset..).and_then(|rest| rest.strip_prefix(malformed)) else {
        return broken(format!("there is no b\"{shown}\" at byte {offset}, which is to be malformed"));
    };
    let (before, with) = (&bytes[..offset], &bytes[..offset + malformed.len()]);
    let before = match decoded(encoding, before, DecodePolicy::Strict) {
        Ok(before) => before,
        Err(error) => return broken(format!("what is before byte {offset} is malformed too: {error}")),
    };
    if let Ok(text) = decoded(encoding, with, DecodePolicy::Strict) {
        return broken(format!("b\"{shown}\" at byte {offset} is not malformed: {text:?}"));
    }
    let mut escaped = before.clone();
    for byte in malformed {
        let _ = write!(escaped, "\\x{byte:02X}");
    }
    let replacement = format!("{before}\u{fffd}");
    // Behind escape sequences the rest is something else by itself.
    let rest = |policy| if encoding.is_stateful() { Ok(String::new()) } else { decoded(encoding, behind, policy) };
    for (policy, mut expected) in [(DecodePolicy::Replace, replacement), (DecodePolicy::Escape, escaped)] {
        let found = decoded(encoding, bytes, policy).unwrap_or_default();
        expected += &rest(policy).unwrap_or_default();
        if found != expected && !(encoding.is_stateful() && found.starts_with(&expected)) {
            return broken(format!(
                "b\"{shown}\" at byte {offset} is malformed: expected is {expected:?}, and {policy:?} gives {found:?}"
            ));
        }
    }
    Ok(())
}
