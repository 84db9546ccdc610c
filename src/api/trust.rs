//! Which servers are trusted: those that the system trusts, and those of the profile's certificates.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;

use super::settings::SetupError;

/// The settings of TLS. `authorities` are certificates in PEM; if the connection is not `secure` no
/// certificates are needed, and a machine may have none.
pub(super) fn tls(secure: bool, authorities: &[u8]) -> Result<ClientConfig, SetupError> {
    let failed = |error: Error| SetupError::Authorities(reason(&error));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let mut config = if secure {
        let own = certificates(authorities)?;
        let usual = Verifier::new_with_extra_roots(own.clone(), provider).map_err(failed)?;
        let trust = Arc::new(Trust { usual, own });
        config.dangerous().with_custom_certificate_verifier(trust).with_no_client_auth()
    } else {
        config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    };
    config.alpn_protocols = vec!["h2".into(), "http/1.1".into()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let wrong = |why: String| SetupError::Authorities(format!("the `ca_file` {why}"));
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| wrong(format!("is no PEM file: {error}")))?;
    if found.is_empty() && !pem.is_empty() {
        let why =
            "has no certificate in it; it has to be PEM, with lines -----BEGIN CERTIFICATE-----";
        return Err(wrong(why.into()));
    }
    Ok(found)
}

fn reason(error: &Error) -> String {
    match error {
        Error::General(_) => "there are no certificates to know servers by: install the package \
                              ca-certificates, or name a file with SSL_CERT_FILE"
            .into(),
        other => format!("the `ca_file` can't be used: {other}"),
    }
}

/// What a person can do about a server whose certificate is not trusted.
pub(super) fn advice(error: &Error) -> Option<String> {
    let Error::InvalidCertificate(why) = error else { return None };
    let own = "if it is your own, save its certificate, or that of the authority that signed it, as a \
               PEM file and name it in the profile with ca_file = \"FILE\"";
    Some(match why {
        CertificateError::UnknownIssuer => format!(
            "its certificate is signed by itself or by an authority that this machine does not know; {own}"
        ),
        other if is_authority(other) => {
            format!("its certificate is one that an authority signs others with; {own}")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired; the server needs a new one (or this machine's clock is wrong)"
                .into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; is this machine's clock right?".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name; use the name in the certificate as the address".into()
        }
        other => format!("its certificate is not accepted ({other})"),
    })
}

/// Whether the certificate was refused because it is an authority's.
fn is_authority(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(why) if why.to_string() == "CaUsedAsEndEntity")
}

/// Asks the system's verifier. Programs that make self-signed certificates mark them as
/// authorities, and the verifier refuses an authority as a server. A certificate that the profile
/// names is accepted all the same, but only for its names and its time.
#[derive(Debug)]
struct Trust {
    usual: Verifier,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.usual.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match &verdict {
            // The verifier checks the time before the marks.
            Err(Error::InvalidCertificate(error))
                if is_authority(error) && self.own.iter().any(|it| it == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            _ => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
