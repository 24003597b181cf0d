//! One HTTP request to an address that the administrator set. Redirects are not followed, proxies not asked, answers bounded in size and time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

/// How long an answer may take in all: an approver waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is asked.
pub(super) struct Question {
    pub method: Method,
    /// Media type of `body` and of the answer.
    pub media: Option<(&'static str, &'static str)>,
    pub body: Vec<u8>,
    /// Longest answer that is read, bytes.
    pub largest: usize,
}

/// Asks over HTTP or HTTPS.
pub(super) struct Client(TlsConnector);

impl Client {
    /// Trusts, for HTTPS, the public authorities and, for a host inside the house, these (DER).
    pub fn new(anchors: &[Vec<u8>]) -> Result<Self, String> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(anchors.iter().map(|der| CertificateDer::from(der.clone())));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        Ok(Self(TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))))
    }

    /// The answer's body; anything but status 200 is none.
    pub async fn ask(&self, url: &Url, question: Question) -> Result<Vec<u8>, String> {
        match tokio::time::timeout(PATIENCE, self.asked(url, question)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        }
    }

    async fn asked(&self, url: &Url, question: Question) -> Result<Vec<u8>, String> {
        let port = url.port_or_known_default().ok_or("the address has no port")?;
        let (tcp, name) = match url.host().ok_or("the address names no host")? {
            Host::Domain(name) => (TcpStream::connect((name, port)).await, ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?),
            Host::Ipv4(address) => (TcpStream::connect((address, port)).await, ServerName::from(IpAddr::from(address))),
            Host::Ipv6(address) => (TcpStream::connect((address, port)).await, ServerName::from(IpAddr::from(address))),
        };
        let tcp = tcp.map_err(|error| format!("no connection ({error})"))?;
        // A small request that waits for nothing; a socket that refuses works all the same.
        let _ = tcp.set_nodelay(true);
        if url.scheme() == "https" {
            let tls = self.0.connect(name, tcp).await.map_err(|error| format!("no secure connection ({error})"))?;
            return exchange(tls, url, question).await;
        }
        exchange(tcp, url, question).await
    }
}

async fn exchange(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, url: &Url, question: Question) -> Result<Vec<u8>, String> {
    let broken = |error: hyper::Error| format!("the connection broke off ({error})");
    let largest = question.largest;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let _driven = Driven(tokio::spawn(connection));
    let response = sender.send_request(request(url, question)?).await.map_err(broken)?;
    if response.status() != StatusCode::OK {
        return Err(format!("it answered with HTTP status {}", response.status().as_u16()));
    }
    let answer = Limited::new(response.into_body(), largest).collect().await.map_err(|error| format!("its answer could not be read ({error})"))?;
    Ok(answer.to_bytes().to_vec())
}

fn request(url: &Url, question: Question) -> Result<Request<Full<Bytes>>, String> {
    let wrong = || "the address cannot be put into a request".to_owned();
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]).map_err(|_| wrong())?;
    let mut request = Request::builder()
        .method(question.method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::USER_AGENT, "Signet")
        .body(Full::new(Bytes::from(question.body)))
        .map_err(|_| wrong())?;
    let headers = request.headers_mut();
    if let Some((sent, wanted)) = question.media {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(sent));
        headers.insert(header::ACCEPT, HeaderValue::from_static(wanted));
    }
    if !url.username().is_empty() {
        let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
        let value = HeaderValue::from_str(&format!("Basic {}", Base64::encode_string(pair.as_bytes()))).map_err(|_| wrong())?;
        headers.insert(header::AUTHORIZATION, value);
    }
    Ok(request)
}

/// The task that moves the bytes; it ends with the question.
struct Driven(tokio::task::JoinHandle<hyper::Result<()>>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A part of an address without its percent signs.
fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("a={}", text.replace('+', "%2B")).as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
