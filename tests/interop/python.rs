//! The clients.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::Server;

/// CPython.
pub(crate) struct Python(PathBuf);

/// What a check says when it does not hold.
pub(crate) struct Failure(String);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Failure {
    pub(crate) fn says(&self, what: &str) -> bool {
        self.0.contains(what)
    }
}

impl Python {
    /// `python3`, or a line that says that it is missing.
    ///
    /// # Panics
    /// When it is missing where all tests have to be run.
    pub(crate) fn find() -> Option<&'static Self> {
        static PYTHON: OnceLock<Option<Python>> = OnceLock::new();
        let python = PYTHON.get_or_init(|| {
            // `python3` may be a script that looks for the interpreter, every time.
            let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
            let path = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| Self(path.trim_end().into()))
        });
        if python.is_none() {
            assert!(env::var_os("CI").is_none(), "the client is missing: python3");
            eprintln!("the client is missing, nothing is proved: python3");
        }
        python.as_ref()
    }

    /// Runs a check, `MODULE.FUNCTION`, against the server at `address`.
    pub(crate) fn check(&self, name: &str, address: &str, arguments: &[&str]) -> Result<(), Failure> {
        let output = self.script("check.py").args([name, address]).args(arguments).output().expect("python3 runs");
        if output.status.success() {
            return Ok(());
        }
        Err(Failure(format!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr))))
    }

    /// A naive server; `talk` is what it does with each client.
    pub(crate) fn naive(&self, talk: &str) -> Server {
        let mut command = self.script("naive.py");
        command.arg(talk);
        Server::start(command)
    }

    /// Runs a program of one line or a few.
    pub(crate) fn code(&self, code: &str) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["-E", "-X", "utf8", "-c", code]);
        command
    }

    fn script(&self, name: &str) -> Command {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name);
        let mut command = Command::new(&self.0);
        // Neither settings of the user's, nor the locale's encoding, nor compiled files among the sources.
        command.args(["-E", "-X", "utf8", "-B"]).arg(path);
        command
    }
}
