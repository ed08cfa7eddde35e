//! TLS towards PostgreSQL, by the words of libpq's `sslmode` and `sslrootcert`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreError;

/// How much a server has to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing: the connection is encrypted, for whoever is at the other end (`prefer`, `require`).
    Anyone,
    /// That somebody we trust signed its certificate (`verify-ca`).
    Signed,
    /// And that the certificate is for the host we asked (`verify-full`).
    SignedForHost,
}

/// Whose signatures are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those that the system trusts.
    System,
    /// Those in a file of PEM certificates.
    File(PathBuf),
}

/// What opens the protected connections.
pub(super) fn connector(trust: Trust, roots: &Roots) -> Result<MakeRustlsConnect, StoreError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anyone => Arc::new(Anyone(Arc::clone(&provider))),
        Trust::Signed => Arc::new(Signed(web_verifier(roots, &provider)?)),
        Trust::SignedForHost => web_verifier(roots, &provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn web_verifier(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, StoreError> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates(roots)?);
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|_| no_roots(roots, "it holds no certificate"))
}

fn certificates(roots: &Roots) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    match roots {
        Roots::System => Ok(rustls_native_certs::load_native_certs().certs),
        Roots::File(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| no_roots(roots, &error.to_string())),
    }
}

fn no_roots(roots: &Roots, reason: &str) -> StoreError {
    StoreError::Unavailable(match roots {
        Roots::System => {
            "this system trusts no certificate authority: name one as `sslrootcert=FILE`".to_owned()
        }
        Roots::File(path) => format!("sslrootcert `{}` cannot be used: {reason}", path.display()),
    })
}

/// Checks that the server holds the key of the certificate it shows, whatever that says.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

/// Checks everything but the name.
#[derive(Debug)]
struct Signed(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for Signed {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is checked last: when only that is wrong, everything else is right.
        match self.0.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{certificate_authority, server};
    use super::super::{DatabaseUrl, Db, DbOptions, Schema, StoreError, params};

    /// Asks the tests' server, whose certificate is for `localhost`, by `host` and under `query`: whether the
    /// connection is protected, or why there is none.
    async fn protected(host: &str, query: &str) -> Result<bool, String> {
        let server = server().expect("the caller asked");
        let port = server.get_ports()[0];
        let url = format!("postgres://postgres@{host}:{port}/postgres?{query}");
        let url: DatabaseUrl = url.parse().unwrap();
        let options = DbOptions { connections: Some(1), ..DbOptions::default() };
        let db = Db::open(&url, Schema::Hub, options).await.map_err(|error| error.to_string())?;
        let read = db.read(|tx| {
            Box::pin(async move {
                let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
                let row = tx.query_opt(sql, params![]).await?.expect("it sees itself");
                row.get::<bool>(0)
            })
        });
        read.await.map_err(|error: StoreError| error.to_string())
    }

    #[tokio::test]
    async fn a_connection_is_protected_as_far_as_the_address_asks_for_it() {
        let (Some(_), Some(ca)) = (server(), certificate_authority()) else { return };
        let ca = format!("sslrootcert={}", ca.display());
        for (host, query, expected) in [
            ("localhost", "sslmode=disable".to_owned(), Ok(false)),
            ("localhost", String::new(), Ok(true)),
            ("localhost", "sslmode=require".to_owned(), Ok(true)),
            ("127.0.0.1", format!("sslmode=verify-ca&{ca}"), Ok(true)),
            ("localhost", format!("sslmode=verify-full&{ca}"), Ok(true)),
            // The system trusts nobody who signed it.
            ("localhost", "sslmode=verify-full".to_owned(), Err("UnknownIssuer")),
            ("localhost", "sslmode=verify-ca".to_owned(), Err("UnknownIssuer")),
            // It is for another name.
            ("127.0.0.1", format!("sslmode=verify-full&{ca}"), Err("not valid for name")),
            ("localhost", "sslmode=verify-full&sslrootcert=/dev/null".to_owned(), Err("/dev/null")),
        ] {
            match (protected(host, &query).await, expected) {
                (Ok(protected), Ok(expected)) => assert_eq!(protected, expected, "{query}"),
                (Err(said), Err(part)) => assert!(said.contains(part), "{query}: {said}"),
                (other, _) => panic!("{host} {query}: {other:?}"),
            }
        }
    }
}
