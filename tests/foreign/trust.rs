//! Certificates and proxies, by the real binary: what it trusts, and what a proxy sees.
//!
//! The certificates in `tests/fixtures/tls` are for `localhost` and end in a hundred years; their keys are
//! of no use elsewhere.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::{Arc, Mutex},
};

use axum::{Json, Router, routing::get, serve::Listener};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
    server::TlsStream,
};

const KEY: &str = "k-very-secret";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

struct Secure(TcpListener, TlsAcceptor);

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = self.0.accept().await.expect("a connection");
            // A client that does not trust the server goes away.
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

fn desk() -> Router {
    let tickets = || async { Json(json!({"data": [], "meta": {"total": 0, "last_page": 1}})) };
    Router::new().route("/api/tickets", get(tickets))
}

/// A server with the certificate of that name; gives its port.
async fn server(name: &str) -> u16 {
    let chain = CertificateDer::pem_file_iter(fixture(&format!("{name}.pem"))).expect("PEM");
    let chain: Vec<_> = chain.collect::<Result<_, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{name}.key"))).expect("a key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let secure = Secure(listener, TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move { axum::serve(secure, desk()).await });
    port
}

/// A proxy that makes tunnels; gives its port, and what clients sent to it and through it.
async fn proxy() -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(tunnel(client, Arc::clone(&told)));
        }
    });
    (port, seen)
}

async fn tunnel(mut client: TcpStream, seen: Arc<Mutex<Vec<u8>>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    seen.lock().expect("no panic").extend_from_slice(&head);
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = from_client.read(&mut chunk).await {
        seen.lock().expect("no panic").extend_from_slice(&chunk[..count]);
        to_server.write_all(&chunk[..count]).await?;
    }
    Ok(())
}

/// `growdesk login` with the key on its standard input.
async fn login(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_growdesk"));
    command.env_clear().env("HOME", folder).env("GROWDESK_CONFIG", folder.join("config.toml"));
    command.envs(environment.iter().copied()).arg("login").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = move || -> io::Result<Output> {
        let mut child = command.spawn()?;
        child.stdin.take().expect("its input").write_all(KEY.as_bytes())?;
        child.wait_with_output()
    };
    let output = tokio::task::spawn_blocking(run).await.expect("no panic").expect("it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_said_with_what_helps() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = fixture("authority.pem");
    for name in ["server", "alone"] {
        let url = format!("https://localhost:{}", server(name).await);
        let usual = [("SSL_CERT_FILE", text(&authority))];
        // The system's own certificates, where there are any, know neither.
        let environment = if name == "alone" { &usual[..] } else { &[] };
        let (is_in, said) = login(folder.path(), &["--url", &url], environment).await;
        assert!(!is_in && !said.contains(KEY), "{said}");
        let helps = said.contains("ca_file") || said.contains("ca-certificates");
        assert!(helps, "{said}");
    }
    assert!(!folder.path().join("config.toml").exists());
}

#[tokio::test]
async fn ones_own_authority_and_a_self_signed_certificate_are_trusted_where_they_are_named() {
    for (name, certificate) in [("server", "authority.pem"), ("alone", "alone.pem")] {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("https://localhost:{}", server(name).await);
        let file = fixture(certificate);
        let (is_in, said) =
            login(folder.path(), &["--url", &url, "--ca-file", text(&file)], &[]).await;
        assert!(is_in, "{said}");
        let config = std::fs::read_to_string(folder.path().join("config.toml")).expect("stored");
        assert!(config.contains(&format!("ca_file = \"{}\"", file.display())), "{config}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("https://localhost:{}", server("server").await);
    let authority = fixture("authority.pem");
    let environment = [("SSL_CERT_FILE", text(&authority))];
    let (is_in, said) = login(folder.path(), &["--url", &url], &environment).await;
    assert!(is_in, "{said}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, certificate) in [("server", "authority.pem"), ("alone", "alone.pem")] {
        let url = format!("https://127.0.0.1:{}", server(name).await);
        let file = fixture(certificate);
        let (is_in, said) =
            login(folder.path(), &["--url", &url, "--ca-file", text(&file)], &[]).await;
        assert!(!is_in && said.contains("another name"), "{said}");
    }
}

#[tokio::test]
async fn files_that_are_no_certificates_are_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = folder.path().join("wrong.pem");
    std::fs::write(&wrong, "no certificate").expect("a file");
    let none = folder.path().join("none.pem");
    for file in [&wrong, &none, Path::new("/dev/zero")] {
        let arguments = ["--url", "https://localhost:1", "--ca-file", text(file)];
        let (is_in, said) = login(folder.path(), &arguments, &[]).await;
        assert!(!is_in && said.contains("ca_file"), "{said}");
        assert!(said.matches("os error").count() <= 1, "{said}");
    }
    let pipe = [("SSL_CERT_FILE", "/dev/null")];
    let (is_in, said) = login(folder.path(), &["--url", "https://localhost:1"], &pipe).await;
    assert!(!is_in && said.contains("SSL_CERT_FILE"), "{said}");
}

#[tokio::test]
async fn a_proxy_sees_a_tunnel_and_no_key() {
    let authority = fixture("authority.pem");
    let port = server("server").await;
    let url = format!("https://localhost:{port}");
    let (proxy_port, seen) = proxy().await;
    let address = format!("http://127.0.0.1:{proxy_port}");
    let usual = ["--url", &url, "--ca-file", text(&authority)];
    let flag = ["--url", &url, "--ca-file", text(&authority), "--proxy", &address];
    for (arguments, environment) in [
        (&usual[..], vec![("HTTPS_PROXY", &address[..])]),
        (&usual[..], vec![("all_proxy", &address[..]), ("NO_PROXY", "elsewhere.example")]),
        (&flag[..], vec![("HTTPS_PROXY", "http://127.0.0.1:1")]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        seen.lock().expect("no panic").clear();
        let (is_in, said) = login(folder.path(), arguments, &environment).await;
        assert!(is_in, "{said}");
        let seen = seen.lock().expect("no panic").clone();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.starts_with(&format!("CONNECT localhost:{port} ")), "{seen}");
        assert!(!seen.contains(KEY) && !seen.contains("/api/"), "{seen}");
        let config = std::fs::read_to_string(folder.path().join("config.toml")).expect("stored");
        assert_eq!(config.contains(&format!("\nproxy = \"{address}\"")), arguments.len() == 6);
    }
}

#[tokio::test]
async fn no_proxy_is_kept_and_plain_http_goes_directly() {
    let authority = fixture("authority.pem");
    let url = format!("https://localhost:{}", server("server").await);
    let (proxy_port, seen) = proxy().await;
    let address = format!("http://127.0.0.1:{proxy_port}");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let plain = format!("http://{}", listener.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(listener, desk()).await });
    let secure = ["--url", &url, "--ca-file", text(&authority)];
    let named = ["--url", &url, "--ca-file", text(&authority), "--proxy", &address];
    let everything =
        [("HTTP_PROXY", &address[..]), ("http_proxy", &address), ("ALL_PROXY", &address)];
    for (arguments, environment) in [
        (&secure[..], vec![("HTTPS_PROXY", &address[..]), ("NO_PROXY", "localhost")]),
        (&named[..], vec![("no_proxy", "localhost")]),
        (&["--url", &plain][..], everything.to_vec()),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (is_in, said) = login(folder.path(), arguments, &environment).await;
        assert!(is_in, "{said}");
        assert!(seen.lock().expect("no panic").is_empty());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--url", &plain, "--proxy", &address];
    let (is_in, said) = login(folder.path(), &arguments, &[]).await;
    assert!(!is_in && said.contains("would see the key"), "{said}");
    let arguments = ["--url", &url, "--proxy", "proxy:8080"];
    let (is_in, said) = login(folder.path(), &arguments, &[]).await;
    assert!(!is_in && said.contains("looks like"), "{said}");
}
