//! The bytes of any composition, drawn: `explain 'length u16be at 4 | check xor8'`; as SVG with `--svg` in front.

use std::process::ExitCode;

use wirework::Composition;
use wirework::notation::explain;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (svg, composition) = match arguments.as_slice() {
        [svg, composition] if svg == "--svg" => (true, composition),
        [composition] => (false, composition),
        _ => return fail("usage: explain [--svg] COMPOSITION, such as: explain 'length u16be | gbk'"),
    };
    match composition.parse::<Composition>() {
        Ok(composition) if svg => print!("{}", explain(&composition).to_svg()),
        Ok(composition) => print!("{}", explain(&composition)),
        Err(error) => return fail(&error.to_string()),
    }
    ExitCode::SUCCESS
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}
