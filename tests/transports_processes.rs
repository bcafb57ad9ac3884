//! Real sockets, and processes of other programs. Apart from `transports`: a process that is being started holds copies of all
//! sockets for a moment, and what was closed meanwhile is in use still.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use wirework::servers::{Activated, Bind, BindExt, Listener};
use wirework::{FramingExt, Limits, Lines, Tcp, UTF_8, Unix, connect, serve};

#[tokio::test]
async fn the_backlog_is_the_one_that_was_asked_for() {
    let listener = Tcp::bind("127.0.0.1:0").backlog(7).bind(&Limits::default()).await.unwrap();
    let address = listener.local_addresses().unwrap().remove(0).to_string();
    let port = address.rsplit(':').next().unwrap();
    // `ss` shows the backlog of a listening socket as the length of its send queue.
    let Ok(output) = std::process::Command::new("ss").args(["-ltnH", &format!("sport = :{}", port)]).output() else {
        eprintln!("skipped: there is no `ss`");
        return;
    };
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(table.split_whitespace().nth(2), Some("7"), "{table}");
}

#[tokio::test]
async fn a_privileged_port_is_told() {
    let lowest = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    if lowest.trim() == "0" {
        eprintln!("skipped: no port is privileged here");
        return;
    }
    // What root may do is done by nobody.
    let test = std::env::current_exe().unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let mut child = match is_root {
        true => std::process::Command::new("setpriv"),
        false => std::process::Command::new(&test),
    };
    if is_root {
        child.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]).arg(&test);
    }
    let output = child.args(["--ignored", "--exact", "--nocapture", "child_at_a_privileged_port"]).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("PermissionDenied: cannot listen on 127.0.0.1:1: "), "{output:?}");
}

#[tokio::test]
#[ignore = "a child of another test"]
async fn child_at_a_privileged_port() {
    match Tcp::bind("127.0.0.1:1").bind(&Limits::default()).await {
        Ok(_) => println!("it is not privileged"),
        Err(error) => println!("{:?}: {error}", error.kind()),
    }
}

#[tokio::test]
async fn sockets_that_are_handed_over() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("handed-{}.sock", std::process::id()));
    // What systemd does: it binds, puts the sockets where they are expected, and becomes the server.
    let parent = r#"
import fcntl, os, socket, sys
tcp = socket.create_server(("127.0.0.1", 0))
unix = socket.socket(socket.AF_UNIX)
unix.bind(sys.argv[1])
unix.listen()
print(tcp.getsockname()[1], flush=True)
# Out of the way of where they go.
handed = [fcntl.fcntl(s, fcntl.F_DUPFD, 10) for s in (tcp, unix)]
for n, fd in enumerate(handed):
    os.dup2(fd, 3 + n)
    os.set_inheritable(3 + n, True)
os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="main:local")
os.execv(sys.argv[2], sys.argv[2:])
"#;
    let mut parent_command = tokio::process::Command::new("python3");
    parent_command.args(["-c", parent]).arg(&path).arg(std::env::current_exe().unwrap());
    parent_command.args(["--ignored", "--exact", "--nocapture", "child_with_sockets"]);
    let Ok(mut child) = parent_command.stdout(Stdio::piped()).kill_on_drop(true).spawn() else {
        assert!(std::env::var_os("CI").is_none(), "there is no python3");
        eprintln!("skipped: there is no python3");
        return;
    };
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = printed.next_line().await.unwrap().unwrap();
    // They are connected to whether or not the server has started yet.
    let mut client = connect(format!("127.0.0.1:{port}"), Lines::any().text(UTF_8)).await.unwrap();
    client.send("hello").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
    drop(client);
    let mut client = connect(Unix::new(&path), Lines::any().text(UTF_8)).await.unwrap();
    client.send("stop").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), "stop");
    drop(client);
    let mut said = Vec::new();
    while let Some(line) = printed.next_line().await.unwrap() {
        said.push(line);
    }
    assert!(child.wait().await.unwrap().success(), "{said:?}");
    let said = said.join("\n");
    assert!(said.contains(&format!("listening on 127.0.0.1:{port}\nlistening on {}", path.display())), "{said}");
    assert!(
        said.contains("NotFound: systemd has handed over no socket with the number 0, or it was taken already"),
        "{said}"
    );
    assert!(
        said.contains("NotFound: systemd has handed over no socket named other, or it was taken already"),
        "{said}"
    );
    assert!(path.exists(), "it is not the server's");
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
#[ignore = "a child of another test"]
async fn child_with_sockets() {
    let stop = std::sync::Arc::new(tokio::sync::Notify::new());
    let stopped = stop.clone();
    serve(Activated::first().and(Activated::named("local")), Lines::any().text(UTF_8))
        .on_listening(|address| println!("listening on {address}"))
        .reply(move |line: String| {
            if line == "stop" {
                stop.notify_one();
            }
            std::future::ready(line)
        })
        .until(async move { stopped.notified().await })
        .await
        .unwrap();
    for none in [Activated::first(), Activated::named("other")] {
        let error = none.bind(&Limits::default()).await.unwrap_err();
        println!("{:?}: {error}", error.kind());
    }
}
