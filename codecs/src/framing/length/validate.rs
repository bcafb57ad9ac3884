//! What cannot work as it was put together.

use wirework_core::ComposeError;

use super::prefix::Shape;
use super::special::Special;

impl Shape {
    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        self.field.validate()?;
        for (i, (value, meaning)) in self.specials.0.iter().enumerate() {
            if self.specials.0.iter().take(i).any(|(before, _)| before == value) {
                return Err(ComposeError::new(format!("the length {value} is special twice; keep one of them")));
            }
            if *value > self.field.most() {
                let most = self.field.most();
                return Err(ComposeError::new(format!(
                    "a special length of {value} is more than the field says ({most})"
                )));
            }
            if let Special::Then(second) = meaning {
                second.validate()?;
            }
        }
        let Some(most) = self.most_sayable() else {
            return Err(ComposeError::new(
                "the length counts more bytes of its own header than it can say; use a wider field",
            ));
        };
        // What stands behind the length though it is not counted.
        let head = self.at.saturating_add(self.widest());
        let least = self.counts.begin(self.at, head).saturating_sub(head).saturating_add(self.plus);
        if least > self.max || least as u64 > most {
            return Err(ComposeError::new(format!(
                "{least} bytes that the length does not count stand behind it, and at most {} may; use a larger max_len",
                self.max
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::Framing;

    use super::*;
    use crate::LengthPrefix;
    use crate::framing::{ByteOrder, Counts, LengthField};

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        let then = |field| LengthPrefix::u8().special(1, Special::Then(field));
        for (prefix, says) in [
            (LengthPrefix::unsigned(9, ByteOrder::Big), "1 to 8 bytes"),
            (LengthPrefix::decimal(0), "1 to 20"),
            (LengthPrefix::varint().mask(0x7f), "u16_be()"),
            (LengthPrefix::ber().space_padded(), "decimal(width)"),
            (then(LengthField::decimal_until(b"")), "not empty"),
            (LengthPrefix::u8().special(1, Special::Refuse).special(1, Special::Length(2)), "special twice"),
            (LengthPrefix::u8().special(256, Special::Refuse), "256 is more than the field says (255)"),
            (LengthPrefix::u8().at(300).counts(Counts::Whole), "use a wider field"),
            (LengthPrefix::u8().plus(5).max_len(4), "use a larger max_len"),
            (LengthPrefix::u8().counts(Counts::From(6)).max_len(4), "use a larger max_len"),
        ] {
            let refused = prefix.validate().unwrap_err();
            assert!(refused.to_string().contains(says), "{refused}");
        }
        for prefix in [
            LengthPrefix::u8().plus(4).max_len(4),
            LengthPrefix::u8().counts(Counts::From(5)).max_len(4),
            LengthPrefix::u8().at(254).counts(Counts::Whole),
            LengthPrefix::u8().max_len(0),
        ] {
            prefix.validate().unwrap();
        }
    }
}
