//! `corpus unpack` puts the inputs that are kept where cargo-fuzz looks for them; `corpus pack` keeps those it has found.

use std::process::ExitCode;

use wirework_fuzz::{TARGETS, corpus};

fn main() -> ExitCode {
    let each: fn(&str) -> std::io::Result<()> = match std::env::args().nth(1).as_deref() {
        Some("unpack") => corpus::unpack,
        Some("pack") => corpus::pack,
        _ => {
            eprintln!("say `unpack` or `pack`");
            return ExitCode::FAILURE;
        }
    };
    for (target, _) in TARGETS {
        if let Err(error) = each(target) {
            eprintln!("{target}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
