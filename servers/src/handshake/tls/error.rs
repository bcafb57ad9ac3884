//! Why a handshake failed, for who has to mend it.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::rustls;

/// A configuration that cannot work.
pub(super) fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// An error of a handshake, with what it means where that is not said.
pub(super) fn explained(error: io::Error) -> io::Error {
    let meant = match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "no authority that is trusted has issued it"
        }
        Some(Error::NoCertificatesPresented) => "a client certificate is required",
        Some(Error::NoApplicationProtocol) => "it offers none of our ALPN protocols",
        Some(Error::AlertReceived(alert)) => match alert {
            AlertDescription::UnknownCA => "the peer trusts no authority that has issued our certificate",
            AlertDescription::CertificateRequired => "the peer requires a certificate",
            AlertDescription::NoApplicationProtocol => "the peer speaks none of our ALPN protocols",
            AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => {
                "the peer does not accept our certificate"
            }
            _ => return error,
        },
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{error}: {meant}"))
}
