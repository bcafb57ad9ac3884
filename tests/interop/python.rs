//! The clients.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::Server;

/// Where `tests/interop/install` puts what no package of the system has.
const CLIENTS: &str = "target/clients";

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

/// How it went with a client that others wrote.
pub(crate) enum Talk {
    /// It is content. These lines the server must have printed meanwhile, in any order.
    Held(Vec<String>),
    Failed(Failure),
    /// It is not installed, which was said.
    Missing,
}

/// What [`Python::talk`] is told by a check whose client is missing.
const MISSING: i32 = 3;

impl Python {
    /// `python3`, or a line that says that it is missing.
    ///
    /// # Panics
    /// When it is missing where all tests have to be run.
    pub(crate) fn find() -> Option<&'static Self> {
        static PYTHON: OnceLock<Option<Python>> = OnceLock::new();
        let python = PYTHON.get_or_init(|| {
            // `python3` may be a script that looks for the interpreter, every time.
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(CLIENTS).join("venv/bin/python3");
            let python = if own.exists() { own } else { "python3".into() };
            let output = Command::new(python).args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
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

    /// Runs a check, `protocols.MODULE.FUNCTION`, with clients that others wrote, which wait for so many seconds.
    ///
    /// # Panics
    /// When one of them is missing where all tests have to be run.
    pub(crate) fn talk(&self, name: &str, address: &str, patience: &str) -> Talk {
        let mut command = self.script("check.py");
        command.args([name, address]).env("PATIENCE", patience);
        command.env("NODE_PATH", Path::new(env!("CARGO_MANIFEST_DIR")).join(CLIENTS).join("node_modules"));
        let output = command.output().expect("python3 runs");
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Talk::Held(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()),
            Some(MISSING) => {
                assert!(env::var_os("CI").is_none(), "the client is missing: {said}");
                eprintln!("the client is missing, nothing is proved: {said}");
                Talk::Missing
            }
            _ => Talk::Failed(Failure(format!("{name}: {}\n{said}", output.status))),
        }
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
