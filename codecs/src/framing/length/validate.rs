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
