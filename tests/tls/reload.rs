//! Certificates that change while connections come and go.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wirework::servers::BindExt;
use wirework::servers::tls::{Certificates, TlsServer, roots_from_pem_file};

use crate::authority::{Authority, Issued, answers, dial, echo, folder};
use crate::support::runtime::{in_memory, on_sockets};

#[test]
fn certificates_are_read_anew_while_connections_come_and_go() {
    on_sockets(async {
        const CLIENTS: usize = 4;
        let authority = Authority::new();
        let folder = folder("reload");
        let [chain, key] = authority.issue("localhost").write(&folder);
        let certificates = Certificates::from_pem_files(&chain, &key).unwrap();
        let server = TlsServer::new(certificates.clone()).unwrap();
        let (dialer, mut events) = echo(|listener| listener.tls(server));

        // They come without a pause, from before the first reload until after the last.
        let done = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (tls, dialer, done, stop) = (authority.client(), dialer.clone(), done.clone(), stop.clone());
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        answers(&tls, &dialer).await;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();

        let mut old = Vec::new();
        for _ in 0..20 {
            let issued = authority.issue("localhost");
            issued.write(&folder);
            certificates.reload().unwrap();
            // The next connection is shown the new certificate, and nobody else's comes in between.
            let client = dial(&authority.client(), &dialer).await.unwrap();
            assert_eq!(client.peer().tls.as_ref().unwrap().certificates[0], *issued.certificate.der());
            old.push(client);
            // Each round, more of the others have been answered.
            let before = done.load(Ordering::Relaxed);
            while done.load(Ordering::Relaxed) == before {
                tokio::task::yield_now().await;
            }
        }
        for client in &mut old {
            client.send("still here").await.unwrap();
            assert_eq!(client.recv().await.unwrap().unwrap(), "still here");
        }
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.expect("no client has failed");
        }
        while let Ok(event) = events.try_recv() {
            assert!(!event.starts_with("handshake"), "{event}");
        }
    });
}

#[test]
fn a_reload_that_fails_keeps_all_that_was_there_and_names_the_file() {
    in_memory(async {
        let authority = Authority::new();
        let (folder, sound) = (folder("failed"), folder("sound"));
        let first = authority.issue("localhost");
        let [chain, key] = first.write(&folder);
        let second = authority.issue("second.example");
        let [sound_chain, sound_key] = second.write(&sound);
        let certificates = Certificates::from_pem_files(&sound_chain, &sound_key).unwrap();
        let certificates = certificates.and(Certificates::from_pem_files(&chain, &key).unwrap());
        let server = TlsServer::new(certificates.clone()).unwrap();
        let (dialer, _events) = echo(|listener| listener.tls(server));

        type Harm = fn(&[PathBuf; 2], &Issued);
        let harms: [(&str, Harm, &str); 8] = [
            ("cert.pem", |[chain, _], _| halve(chain), "it ends inside a section"),
            ("key.pem", |[_, key], _| halve(key), "it ends inside a section"),
            ("cert.pem", |[chain, _], _| fs::write(chain, "").unwrap(), "there is no certificate in it"),
            ("key.pem", |[chain, key], _| assert!(fs::copy(chain, key).is_ok()), "there is no private key in it"),
            ("cert.pem", |[chain, _], _| fs::remove_file(chain).unwrap(), "No such file"),
            ("key.pem", |[_, key], other| fs::write(key, other.key.serialize_pem()).unwrap(), "the key is not that of"),
            (
                "cert.pem",
                |[chain, _], other| fs::write(chain, other.certificate.pem()).unwrap(),
                "the key is not that of",
            ),
            ("cert.pem", |[chain, _], _| fs::write(chain, RUBBISH).unwrap(), "invalid peer certificate"),
        ];
        for (file, harm, why) in harms {
            let files = first.write(&folder);
            // What is right is not taken either: it is all or nothing.
            authority.issue("second.example").write(&sound);
            harm(&files, &authority.issue("localhost"));
            let error = certificates.reload().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(file), "{error}");
            for (name, shown) in [("localhost", &first), ("second.example", &second)] {
                let client = dial(&authority.client().server_name(name), &dialer).await.unwrap();
                assert_eq!(client.peer().tls.as_ref().unwrap().certificates[0], *shown.certificate.der());
            }
        }
        first.write(&folder);
        certificates.reload().unwrap();
        answers(&authority.client(), &dialer).await;
    });
}

/// A section that is whole, and holds `rubbish`.
const RUBBISH: &str = "-----BEGIN CERTIFICATE-----\ncnViYmlzaA==\n-----END CERTIFICATE-----\n";

fn halve(path: &PathBuf) {
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() / 2]).unwrap();
}

#[test]
fn authorities_are_read_from_a_file_that_is_named_when_it_is_wrong() {
    let path = folder("roots").join("ca.pem");
    let missing = roots_from_pem_file(&path).unwrap_err().to_string();
    assert!(missing.contains("ca.pem: No such file"), "{missing}");
    fs::write(&path, RUBBISH).unwrap();
    let rubbish = roots_from_pem_file(&path).unwrap_err().to_string();
    assert!(rubbish.contains("ca.pem: "), "{rubbish}");
    let two = [Authority::new(), Authority::new()].map(|authority| authority.certificate.pem()).concat();
    fs::write(&path, two).unwrap();
    assert_eq!(roots_from_pem_file(&path).unwrap().len(), 2);
}
