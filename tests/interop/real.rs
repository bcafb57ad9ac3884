//! Servers that others wrote, on ports of this machine.

use std::env;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Process;

/// A server; dropped, it is stopped, and what it has written is removed.
pub(crate) struct Real {
    pub(crate) address: String,
    process: Process,
    folder: PathBuf,
}

impl Real {
    /// # Panics
    /// When it is missing where all tests have to be run; so do the others.
    pub(crate) fn redis() -> Option<Self> {
        Self::start(
            "redis-server",
            |line| line.contains("Ready to accept connections"),
            |command, port, folder| {
                command.args([
                    "--bind",
                    "127.0.0.1",
                    "--port",
                    port,
                    "--save",
                    "",
                    "--logfile",
                    "/dev/stderr",
                    "--dir",
                ]);
                command.arg(folder);
            },
        )
    }

    pub(crate) fn mosquitto() -> Option<Self> {
        Self::start(
            "mosquitto",
            |line| line.ends_with(" running"),
            |command, port, _| {
                command.args(["-v", "-p", port]);
            },
        )
    }

    pub(crate) fn nats() -> Option<Self> {
        Self::start(
            "nats-server",
            |line| line.ends_with("Server is ready"),
            |command, port, _| {
                command.args(["--addr", "127.0.0.1", "--port", port]);
            },
        )
    }

    /// It trusts whoever says that he is `postgres`. Its database is in UTF-8.
    pub(crate) fn postgres() -> Option<Self> {
        Self::start(
            "postgres",
            |line| line.ends_with("ready to accept connections"),
            |command, port, folder| {
                let data = folder.join("data");
                let mut init = unprivileged(&find("initdb").expect("it comes with postgres"), folder);
                init.args([
                    "--username",
                    "postgres",
                    "--auth",
                    "trust",
                    "--encoding",
                    "UTF8",
                    "--no-locale",
                    "--no-sync",
                ]);
                let made = init.arg(&data).output().expect("initdb runs");
                assert!(made.status.success(), "{made:?}");
                *command = unprivileged(Path::new(command.get_program()), folder);
                command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]);
                command.args(["-p", port, "-D"]).arg(data);
            },
        )
    }

    /// `ready` knows the line after which it listens; `configure` gives it its port and a folder to write into.
    fn start(
        program: &str,
        ready: fn(&str) -> bool,
        configure: impl FnOnce(&mut Command, &str, &Path),
    ) -> Option<Self> {
        let Some(path) = find(program) else {
            assert!(env::var_os("CI").is_none(), "the server is missing: {program}");
            eprintln!("the server is missing, nothing is proved: {program}");
            return None;
        };
        // A port that was free a moment ago is not given to somebody else at once.
        let address =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("there is a port");
        let port = address.port().to_string();
        let folder = env::temp_dir().join(format!("wirework-{program}-{port}"));
        fs::create_dir(&folder).expect("there is room for a folder");
        let mut command = Command::new(path);
        configure(&mut command, &port, &folder);
        let process = Process::start(command);
        while !ready(&process.stderr.next()) {}
        Some(Self { address: address.to_string(), process, folder })
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.process.interrupt();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where a program is. Debian keeps those of services away from the users.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut folders = env::split_paths(&path).chain(["/usr/sbin".into()]).chain(versions);
    folders.find_map(|folder| Some(folder.join(program)).filter(|path| path.is_file()))
}

/// A program that root must not run, run by `postgres`, who may then write into the folder.
fn unprivileged(program: &Path, folder: &Path) -> Command {
    if fs::metadata(folder).expect("it is there").uid() != 0 {
        return Command::new(program);
    }
    fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("it is root's");
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program).current_dir(folder);
    command
}
