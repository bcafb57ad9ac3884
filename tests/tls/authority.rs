//! Certificates that are made for a test, and what most tests begin with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use wirework::servers::tls::rustls::RootCertStore;
use wirework::servers::tls::{Certificates, TlsClient, TlsServer, TlsStream};
use wirework::servers::{Bind, MemoryDialer, MemoryListener, Severity};
use wirework::{Connection, Event, FramingExt, Lines, UTF_8, connect, serve};

use crate::support::start;

/// Who issues certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: Certificate,
}

/// A certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        // Two of one name would be taken for each other, until a signature is wrong.
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub(crate) fn issue(&self, name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Issued { certificate, key }
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        roots
    }

    /// A server that is `localhost`.
    pub(crate) fn server(&self) -> TlsServer {
        TlsServer::new(self.issue("localhost").certificates()).unwrap()
    }

    /// A client that trusts this authority, and looks for `localhost`.
    pub(crate) fn client(&self) -> TlsClient {
        TlsClient::new(self.roots()).unwrap().server_name("localhost")
    }
}

impl Issued {
    pub(crate) fn certificates(self) -> Certificates {
        Certificates::from_der(vec![self.certificate.der().clone()], self.key.into()).unwrap()
    }

    /// Writes both as the two files `FOLDER/cert.pem` and `FOLDER/key.pem`.
    pub(crate) fn write(&self, folder: &Path) -> [PathBuf; 2] {
        let files = [folder.join("cert.pem"), folder.join("key.pem")];
        fs::write(&files[0], self.certificate.pem()).unwrap();
        fs::write(&files[1], self.key.serialize_pem()).unwrap();
        files
    }
}

/// An empty folder, of the test of this name.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tls").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An echo of lines, and why its handshakes and conversations failed.
pub(crate) fn echo<B: Bind>(bind: impl FnOnce(MemoryListener) -> B) -> (MemoryDialer, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let dialer = start(|listener| {
        let server = serve(bind(listener), Lines::any().text(UTF_8));
        let tell = move |event: &Event<'_>| {
            if event.severity() >= Severity::Warning {
                let _ = tell.send(event.to_string());
            }
        };
        server.on_event(tell).reply(async |line| line)
    });
    (dialer, told)
}

pub(crate) type Client<C> = Connection<TlsStream<DuplexStream>, C>;

pub(crate) async fn dial(
    tls: &TlsClient,
    dialer: &MemoryDialer,
) -> std::io::Result<Client<impl wirework::Codec<Format = wirework::Text> + use<>>> {
    connect(tls.to(dialer), Lines::any().text(UTF_8)).await
}

/// That a client is answered.
pub(crate) async fn answers(tls: &TlsClient, dialer: &MemoryDialer) {
    let mut client = dial(tls, dialer).await.unwrap();
    client.send("hello").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
}
