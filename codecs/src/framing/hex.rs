//! Bytes as people write them.

/// `0D 0A`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_the_pictures() {
        assert_eq!(hex(b"\r\n"), "0D 0A");
        assert_eq!(hex(b""), "");
    }
}
