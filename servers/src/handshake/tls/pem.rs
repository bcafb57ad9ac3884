//! Certificates and keys from files, and errors that name the file.

use std::fmt::Display;
use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::rustls;

/// The authorities that are trusted: all certificates of a PEM file (RFC 7468).
///
/// # Errors
/// When the file cannot be read, or has something in it that is no certificate of an authority, or nothing.
pub fn roots_from_pem_file(path: impl AsRef<Path>) -> io::Result<RootCertStore> {
    let path = path.as_ref();
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| invalid(path, error))?;
    }
    Ok(roots)
}

/// All certificates of a file, at least one.
pub(super) fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates.map_err(|error| explained(path, error))? {
        none if none.is_empty() => Err(invalid(path, "there is no certificate in it")),
        some => Ok(some),
    }
}

/// The first private key of a file.
pub(super) fn key(path: &Path) -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        pem::Error::NoItemsFound => invalid(path, "there is no private key in it"),
        other => explained(path, other),
    })
}

/// What a file holds is not what it should.
pub(super) fn invalid(path: &Path, why: impl Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
}

fn explained(path: &Path, error: pem::Error) -> io::Error {
    match error {
        pem::Error::Io(error) => io::Error::new(error.kind(), format!("{}: {error}", path.display())),
        pem::Error::MissingSectionEnd { .. } => invalid(path, "it ends inside a section"),
        pem::Error::IllegalSectionStart { line } => {
            invalid(path, format_args!("no section begins with \"{}\"", line.escape_ascii()))
        }
        other => invalid(path, other),
    }
}
