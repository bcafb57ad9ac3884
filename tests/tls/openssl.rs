//! A client that others wrote: `openssl s_client`.

use std::env;
use std::fs;
use std::future::IntoFuture;
use std::io::Write;
use std::process::{Command, Stdio};

use tokio::sync::mpsc;
use wirework::servers::tls::{ClientCertificate, TlsServer};
use wirework::servers::{BindExt, Tcp};
use wirework::{FramingExt, Lines, UTF_8, serve};

use crate::authority::{Authority, folder};
use crate::support::runtime::on_sockets;

#[test]
fn openssl_is_answered_over_both_versions_with_a_certificate_of_its_own() {
    on_sockets(async {
        if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
            assert!(env::var_os("CI").is_none(), "the client is missing: openssl");
            eprintln!("the client is missing, nothing is proved: openssl");
            return;
        }
        let (authority, devices) = (Authority::new(), Authority::new());
        let certificates = authority.issue("localhost").certificates();
        let server = TlsServer::with_clients(certificates, ClientCertificate::Required(devices.roots())).unwrap();
        let (tell, mut addresses) = mpsc::unbounded_channel();
        let server = serve(Tcp::bind("127.0.0.1:0").tls(server.alpn(["echo"])), Lines::any().text(UTF_8))
            .on_listening(move |address| tell.send(address.to_string()).unwrap())
            .each(async |mut conn| {
                let tls = conn.peer().tls.clone().ok_or("plain text")?;
                let line = conn.recv().await?.unwrap_or_default();
                let alpn = String::from_utf8_lossy(tls.alpn.as_deref().unwrap_or_default()).into_owned();
                let name = tls.server_name.as_deref().unwrap_or_default();
                conn.send(format!("{line}: {:?} {alpn} {name} {}", tls.version, tls.certificates.len())).await?;
                Ok(conn.close().await?)
            });
        let handle = server.handle();
        tokio::spawn(server.into_future());
        let address = addresses.recv().await.unwrap();

        let folder = folder("openssl");
        let [cert, key] = devices.issue("device").write(&folder);
        let ca = folder.join("ca.pem");
        fs::write(&ca, authority.certificate.pem()).unwrap();
        for (version, told) in [("-tls1_3", "TLSv1_3"), ("-tls1_2", "TLSv1_2")] {
            let mut command = Command::new("openssl");
            command.args([
                "s_client",
                "-quiet",
                "-connect",
                &address,
                version,
                "-alpn",
                "echo",
                "-servername",
                "localhost",
            ]);
            command.args(["-verify_return_error", "-verify_hostname", "localhost", "-CAfile"]).arg(&ca);
            command.arg("-cert").arg(&cert).arg("-key").arg(&key);
            let talk = move || {
                let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
                let mut openssl = piped.unwrap();
                openssl.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
                openssl.wait_with_output().unwrap()
            };
            let output = tokio::task::spawn_blocking(talk).await.unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert_eq!(said.trim_end(), format!("hello: {told} echo localhost 1"), "{complaint}");
            assert!(output.status.success() && !complaint.contains("unexpected eof"), "{complaint}");
        }
        handle.stop();
    });
}
