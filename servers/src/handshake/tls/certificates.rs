//! What is shown to the other side, and can change while connections go on.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::{ResolvesClientCert, verify_server_name};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, SignatureScheme};

use super::{pem, provider, rustls};

/// Certificates and their private keys: those that a server or a client shows.
///
/// ```no_run
/// # use wirework_servers::tls::{Certificates, TlsServer};
/// # fn example() -> std::io::Result<()> {
/// let certificates = Certificates::from_pem_files("example.pem", "example.key")?
///     .and(Certificates::from_pem_files("other.pem", "other.key")?);
/// let tls = TlsServer::new(certificates.clone())?;
/// // and whenever the files have changed
/// if let Err(error) = certificates.reload() {
///     eprintln!("the old certificates stay: {error}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// Of several a client is shown the first that is valid for the name that it asks for
/// ([RFC 6066](https://www.rfc-editor.org/rfc/rfc6066#section-3), section 3); the very first if there is none such, or it
/// asks for none.
///
/// A clone is another handle of the same certificates.
#[derive(Clone)]
pub struct Certificates(Arc<Shared>);

struct Shared {
    sources: Vec<Source>,
    /// One for each source.
    current: RwLock<Vec<Arc<CertifiedKey>>>,
}

/// Where a certificate comes from, when all are read anew.
#[derive(Clone)]
enum Source {
    Files { chain: PathBuf, key: PathBuf },
    Given(Arc<CertifiedKey>),
}

impl Certificates {
    /// A certificate and its private key from two PEM files, which may be the same one. The certificate comes first in its
    /// file, then those that lead from it to an authority.
    ///
    /// # Errors
    /// With the name of the file: when it cannot be read or ends inside a section, when nothing of that kind is in it, or
    /// when the key is not that of the certificate.
    pub fn from_pem_files(chain: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<Self> {
        let source = Source::Files { chain: chain.as_ref().into(), key: key.as_ref().into() };
        let current = RwLock::new(vec![source.read()?]);
        Ok(Self(Arc::new(Shared { sources: vec![source], current })))
    }

    /// A certificate, with those behind it that lead to an authority, and its private key.
    ///
    /// # Errors
    /// When the key is not that of the certificate, or of a kind that is not known.
    pub fn from_der(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> io::Result<Self> {
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(super::error::unusable)?;
        let certified = Arc::new(certified);
        let current = RwLock::new(vec![Arc::clone(&certified)]);
        Ok(Self(Arc::new(Shared { sources: vec![Source::Given(certified)], current })))
    }

    /// These, and others for other names.
    pub fn and(self, others: Self) -> Self {
        let sources = [&self, &others].into_iter().flat_map(|all| all.0.sources.iter().cloned()).collect();
        let current = RwLock::new([self.current(), others.current()].concat());
        Self(Arc::new(Shared { sources, current }))
    }

    /// Reads all files anew. Connections that come from now on are shown what is in them; those that are there go on.
    ///
    /// Blocks while it reads. Of a file that is just being written, a part may be all that there is: write another one, and
    /// rename it.
    ///
    /// # Errors
    /// As [`from_pem_files`](Self::from_pem_files). All certificates stay what they were, then, also those whose files were
    /// right.
    pub fn reload(&self) -> io::Result<()> {
        let read = self.0.sources.iter().map(Source::read).collect::<io::Result<Vec<_>>>()?;
        // A panic of somebody else cannot have left half of them here.
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn current(&self) -> Vec<Arc<CertifiedKey>> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn first(&self) -> Option<Arc<CertifiedKey>> {
        self.current().into_iter().next()
    }
}

impl Source {
    fn read(&self) -> io::Result<Arc<CertifiedKey>> {
        let (chain, key) = match self {
            Self::Files { chain, key } => (chain, key),
            Self::Given(certified) => return Ok(Arc::clone(certified)),
        };
        let signing = provider().key_provider.load_private_key(pem::key(key)?);
        let certified =
            CertifiedKey::new(pem::certificates(chain)?, signing.map_err(|error| pem::invalid(key, error))?);
        match certified.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(Arc::new(certified)),
            Err(Error::InconsistentKeys(_)) => {
                let why = format_args!("the key is not that of the first certificate of {}", chain.display());
                Err(pem::invalid(key, why))
            }
            Err(error) => Err(pem::invalid(chain, error)),
        }
    }
}

/// Whether a certificate is valid for a name.
fn names(certified: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let parsed = certified.end_entity_cert().and_then(ParsedCertificate::try_from);
    parsed.is_ok_and(|certificate| verify_server_name(&certificate, name).is_ok())
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().and_then(|name| ServerName::try_from(name).ok());
        let named = name.and_then(|name| self.current().into_iter().find(|certified| names(certified, &name)));
        named.or_else(|| self.first())
    }
}

impl ResolvesClientCert for Certificates {
    /// The first, whatever authorities the server names: which of several a server wants, only the user knows.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.first()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.sources).finish()
    }
}

/// Never a key.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files { chain, .. } => chain.fmt(f),
            Self::Given(_) => f.write_str("given"),
        }
    }
}
