//! What the compiler says to who returns something that cannot be sent.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What the compiler says of a program.
fn errors_of(name: &str, program: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(project.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nwirework = {{ path = {root:?}, default-features = false }}\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    fs::write(project.join("src/main.rs"), program).unwrap();
    // The versions that this workspace was resolved to, which are there already.
    fs::copy(Path::new(root).join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--target-dir"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("check"))
        .current_dir(&project)
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "{name} compiles");
    String::from_utf8(output.stderr).unwrap()
}

fn server(handler: &str) -> String {
    format!(
        "use wirework::{{FramingExt, Lines, Tcp, UTF_8, serve}};\n\
         fn main() {{\n    let server = serve(Tcp::bind(\"127.0.0.1:0\"), Lines::any().text(UTF_8));\n    {handler};\n}}\n"
    )
}

const MAY_RETURN: &str =
    "a handler may return such a value, an `Option` of it (`None`: no reply), or a `Result` of either";

#[test]
fn a_handler_that_returns_the_wrong_type_is_told_what_it_may_return() {
    let errors = errors_of("wrong_reply", &server("let _ = server.reply(async |line| line.len())"));
    assert!(errors.contains("a handler cannot return `usize`: this codec sends `str`"), "{errors}");
    assert!(errors.contains("where a codec sends `str`, give `&str`, `String` or `Cow<str>`"), "{errors}");
    assert!(errors.contains(MAY_RETURN), "{errors}");

    let errors = errors_of("wrong_option", &server("let _ = server.reply(async |line| Some(line.len()))"));
    assert!(
        errors.contains("usize>` cannot be sent")
            || errors.contains("`usize` cannot be sent")
            || errors.contains("a handler cannot return"),
        "{errors}"
    );
    assert!(errors.contains(MAY_RETURN), "{errors}");

    let errors =
        errors_of("wrong_answer", &server("let _ = server.answer(|line, reply| { let _ = reply; line.len() })"));
    assert!(errors.contains("a handler of `answer` cannot return `usize`"), "{errors}");
    assert!(errors.contains("it writes its reply with `reply.send(...)`"), "{errors}");
}

#[test]
fn a_route_that_returns_the_wrong_type_is_told_what_it_may_return() {
    let errors = errors_of(
        "wrong_route",
        &server(
            "let _ = server.route().by_part(|line| line.split(' ').next()).on(\"LEN\", async |_, line| line.len())",
        ),
    );
    assert!(errors.contains("`usize` cannot be sent: this codec sends `str`"), "{errors}");
    assert!(errors.contains(MAY_RETURN), "{errors}");
}
