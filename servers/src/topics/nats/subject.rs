//! Topics as subjects of NATS.

use std::fmt::{self, Write};

use async_nats::Subject;

/// How many bytes of UTF-8 a topic may have. Escaped they are at most three times as many, and NATS allows 4096 bytes a line.
const MAX_TOPIC: usize = 256;

/// How many bytes a prefix may have.
const MAX_PREFIX: usize = 256;

/// The token of a subject in which nodes ask the server whether it is there. No topic has it.
const NO_TOPIC: &str = "%%";

/// What a service has all its subjects under.
#[derive(Debug)]
pub(super) struct Prefix(String);

impl Prefix {
    /// Tokens with dots between them, none of which a server, or a topic, could take for anything else.
    pub(super) fn new(prefix: &str) -> Result<Self, String> {
        let is_plain = |token: &str| !token.is_empty() && Escaped(token).to_string() == token;
        if prefix.len() <= MAX_PREFIX && prefix.split('.').all(is_plain) {
            Ok(Self(prefix.to_owned()))
        } else {
            let rule = "write words with dots between them, such as `gateway.prod`";
            Err(format!("{prefix:?} is no prefix of subjects, of at most {MAX_PREFIX} bytes: {rule}"))
        }
    }

    /// In which a node publishes a topic.
    pub(super) fn publish(&self, topic: &str, node: &str) -> Result<Subject, String> {
        Ok(Subject::from(format!("{}.{}.{node}", self.0, checked(topic)?)))
    }

    /// What all nodes publish in a topic.
    pub(super) fn subscribe(&self, topic: &str) -> Result<Subject, String> {
        Ok(Subject::from(format!("{}.{}.*", self.0, checked(topic)?)))
    }

    /// What a node publishes, in whatever topic.
    pub(super) fn own(&self, node: &str) -> Subject {
        Subject::from(format!("{}.*.{node}", self.0))
    }

    /// What a node publishes for itself alone.
    pub(super) fn round_trip(&self, node: &str) -> Subject {
        Subject::from(format!("{}.{NO_TOPIC}.{node}", self.0))
    }
}

fn checked(topic: &str) -> Result<Escaped<'_>, String> {
    if topic.len() > MAX_TOPIC {
        return Err(format!("a topic of {} bytes: a bus over NATS takes {MAX_TOPIC}", topic.len()));
    }
    Ok(Escaped(topic))
}

/// A topic as one token of a subject. What separates tokens, stands for any, or ends a line is percent-encoded, as is `%`; an empty
/// topic is `%`.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_char('%');
        }
        for char in self.0.chars() {
            if matches!(char, '.' | '*' | '>' | '%') || char.is_whitespace() || char.is_control() {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    write!(f, "%{byte:02X}")?;
                }
            } else {
                f.write_char(char)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn topics_as_the_server_sees_them() {
        let prefix = Prefix::new("wirework").unwrap();
        for (topic, token) in [
            ("alarms", "alarms"),
            ("沪A·12345", "沪A·12345"),
            ("a.b", "a%2Eb"),
            (">", "%3E"),
            ("*", "%2A"),
            ("100 %", "100%20%25"),
            ("%2E", "%252E"),
            ("\r\nPUB x", "%0D%0APUB%20x"),
            ("\u{3000}", "%E3%80%80"),
            ("", "%"),
        ] {
            assert_eq!(prefix.publish(topic, "NODE").unwrap().as_str(), format!("wirework.{token}.NODE"));
            assert_eq!(prefix.subscribe(topic).unwrap().as_str(), format!("wirework.{token}.*"));
        }
        assert!(prefix.subscribe(&"a".repeat(256)).is_ok());
        let error = prefix.subscribe(&"a".repeat(257)).unwrap_err();
        assert_eq!(error, "a topic of 257 bytes: a bus over NATS takes 256");
    }

    #[test]
    fn a_prefix_is_plain_words() {
        for prefix in ["wirework", "gateway.prod", "门.1"] {
            assert!(Prefix::new(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["", ".a", "a.", "a..b", "a b", "a.*", ">", "a%", "a\r\n", &"a".repeat(257)] {
            assert!(Prefix::new(prefix).unwrap_err().contains("is no prefix"), "{prefix}");
        }
    }

    proptest! {
        #[test]
        fn each_topic_has_a_subject_of_its_own(topics in proptest::collection::hash_set("[ .*>%a2E\r\u{85}倈]{0,4}|.{0,8}", 1..40)) {
            let prefix = Prefix::new("p").unwrap();
            let mut subjects = HashMap::new();
            for topic in &topics {
                let subject = prefix.publish(topic, "n").unwrap();
                let tokens: Vec<&str> = subject.split('.').collect();
                prop_assert!(tokens.len() == 3 && tokens.iter().all(|token| !token.is_empty()), "{subject}");
                prop_assert!(tokens[1] != NO_TOPIC);
                prop_assert!(!subject.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>')));
                prop_assert_eq!(subjects.insert(subject.to_string(), topic), None);
            }
        }
    }
}
