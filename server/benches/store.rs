//! The store against bare clients, in one run: small files with their commits against the same bytes put and renamed by the FTP library alone,
//! large files against curl, on the embedded server and on vsftpd (as root, where it is installed).
//!
//! `cargo bench --workspace --bench store` (figures: `server/benches/README.md`).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::model::{Decide, LocalText, Number, SealChoice, Sha256};
use bytes::Bytes;
use server::App;
use server::config::Config;
use server::index::{EditionContent, NewDocumentRow, NewStep, StepFieldRow};
use server::service::keep;
use server::store::{Content, StorePath, hash};
use suppaftp::Mode;
use suppaftp::tokio::AsyncRustlsFtpStream;
use suppaftp::types::FileType;
use support::vsftpd::Vsftpd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

/// Connections, as the store's pool has.
const CONNECTIONS: usize = 4;
/// Who create at the same moment: more than connections, as in an office.
const CREATORS: usize = 16;
const DOCUMENTS: usize = 800;
/// About what a claim has.
const SMALL: usize = 60_000;
const LARGE: u64 = 200 << 20;
const ROUNDS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let app = open(folder.path(), None).await;
    let url = app.embedded_url().expect("the embedded server");
    compare("embedded", &app, &url, folder.path()).await;
    app.close().await;
    if let Some(server) = Vsftpd::start(false, &[]) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let app = open(folder.path(), Some(&server.url())).await;
        compare("vsftpd", &app, &server.url(), folder.path()).await;
        app.close().await;
    }
}

async fn open(folder: &Path, url: Option<&str>) -> Arc<App> {
    let mut values = BTreeMap::from([("SIGNET_DATA".to_owned(), folder.join("data").display().to_string())]);
    values.extend(url.map(|url| ("SIGNET_FTP_URL".to_owned(), url.to_owned())));
    server::build(Config::read(&values).expect("a valid configuration"), support::machine::options(server::clock::SystemClock, false)).await.expect("a server")
}

async fn compare(name: &str, app: &Arc<App>, url: &str, folder: &Path) {
    let (mut ours, mut few, mut bare, mut proven) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        bare.push(DOCUMENTS as f64 / bare_puts(url, round, false).await.as_secs_f64());
        proven.push(DOCUMENTS as f64 / bare_puts(url, round, true).await.as_secs_f64());
        few.push(DOCUMENTS as f64 / commits(app, ROUNDS + round, CONNECTIONS).await.as_secs_f64());
        ours.push(DOCUMENTS as f64 / commits(app, round, CREATORS).await.as_secs_f64());
    }
    let [ours, few, bare, proven] = [ours, few, bare, proven].map(median);
    println!("{name}: stored, proven and committed {ours:.0} a second, bare puts with rename {bare:.0} a second: {:.2}", ours / bare);
    println!("{name}: – by as many creators as connections {few:.0} a second: {:.2}", few / bare);
    println!("{name}: – against bare puts into a folder each, read back, renamed and looked at, nothing committed, {proven:.0} a second: {:.2}", ours / proven);

    let (file, digest) = large(folder);
    let (mut up, mut curl_up, mut down, mut curl_down) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mib = |took: Duration| (LARGE >> 20) as f64 / took.as_secs_f64();
    for round in 0..ROUNDS {
        let target = format!("{}/bench/curl-{round}.bin", url.trim_end_matches('/'));
        curl_up.push(mib(curl(&["--ftp-create-dirs", "-T", &file.display().to_string(), &target])));
        let path: StorePath = format!("BENCH/ours-{round}.bin").parse().expect("a path");
        let began = Instant::now();
        let open = Arc::new(std::fs::File::open(&file).expect("the file"));
        app.store.put(&path, Content::Disk(open, LARGE), &digest).await.expect("a put");
        up.push(mib(began.elapsed()));
        curl_down.push(mib(curl(&["-o", &folder.join("down.bin").display().to_string(), &target])));
        let began = Instant::now();
        app.store.fetch(&path, LARGE, &digest).await.expect("a fetch");
        down.push(mib(began.elapsed()));
        app.store.delete(&path).await.expect("a delete");
    }
    let [up, curl_up, down, curl_down] = [up, curl_up, down, curl_down].map(median);
    // A put reads back what it stored, which curl does not: the fair measure is curl up and down again.
    let both = 1.0 / (1.0 / curl_up + 1.0 / curl_down);
    println!("{name}: 200 MB put and proven {up:.0} MiB/s, curl -T {curl_up:.0}: {:.2}; curl up and back {both:.0}: {:.2}", up / curl_up, up / both);
    println!("{name}: 200 MB fetched and checked {down:.0} MiB/s, curl -o {curl_down:.0}: {:.2}", down / curl_down);
}

/// The file of a document, its intent and its commit, without the making of the PDF.
async fn commits(app: &Arc<App>, round: usize, creators: usize) -> Duration {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let workers = (0..creators).map(|_| {
        let (app, next) = (app.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= DOCUMENTS {
                    return;
                }
                let number: Number = format!("EXP-2026-{:06}", round * DOCUMENTS + at + 1).parse().expect("a number");
                let file = keep::keep(&*app, &number, 1, 0, small(round * DOCUMENTS + at)).await.expect("a stored file");
                app.index.create(row(number, file)).await.expect("a commit");
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker");
    }
    began.elapsed()
}

fn row(number: Number, file: server::index::NewFile) -> NewDocumentRow {
    let text = |text: &str| LocalText { en: text.to_owned(), zh: text.to_owned() };
    let field = StepFieldRow {
        ordinal: 1,
        field: "head".to_owned(),
        page: 1,
        rect: Some([0, 0, 100, 100]),
        rotate: 0,
        movable: false,
        account: None,
        account_name: None,
    };
    let step = NewStep {
        key: "head".to_owned(),
        name: text("Head"),
        role: "department-head".to_owned(),
        decide: Decide::Any,
        design: SealChoice::default(),
        fields: vec![field],
    };
    let content = EditionContent { title: format!("Claim {number}"), matter: number.to_string(), fields: BTreeMap::new(), steps: vec![step], file };
    NewDocumentRow {
        number,
        content,
        creator: "bench".to_owned(),
        creator_client_number: "C00001".parse().expect("a client number"),
        creator_name: "Bench".to_owned(),
        lang: "en".to_owned(),
        at: 1_795_428_120_000,
        idempotency: None,
    }
}

/// The same bytes over the same number of connections: a temporary name, and a rename. Where `proven`, all that the store does besides: a folder
/// for each, its bytes read back and hashed, and a look at its final name.
async fn bare_puts(url: &str, round: usize, proven: bool) -> Duration {
    let parsed = Url::parse(url).expect("an address");
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(&parsed).await);
    }
    let base = parsed.path().trim_end_matches('/').to_owned();
    for folder in ["signet", "signet/files", "bare"] {
        // Those that are there already are refused.
        let _ = connections[0].mkdir(format!("/{folder}")).await;
    }
    let folder = if proven { "proven" } else { "bare" };
    let folder = format!("{base}/{folder}");
    let _ = connections[0].mkdir(&folder).await;
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let workers = connections.into_iter().map(|mut connection| {
        let (next, folder) = (next.clone(), folder.clone());
        tokio::spawn(async move {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= DOCUMENTS {
                    return;
                }
                let folder = if proven { format!("{folder}/{round}-{at}") } else { folder.clone() };
                let (temporary, target) = (format!("{folder}/.t-{round}-{at}"), format!("{folder}/{round}-{at}.pdf"));
                if proven {
                    connection.mkdir(&folder).await.expect("a folder");
                }
                let mut data = connection.put_with_stream(&temporary).await.expect("a transfer");
                data.write_all(&small(round * DOCUMENTS + at)).await.expect("bytes sent");
                data.flush().await.expect("bytes sent");
                data.finish().await.expect("an acknowledgement");
                if proven {
                    let mut data = connection.retr_as_stream(&temporary).await.expect("a transfer");
                    let mut bytes = Vec::with_capacity(SMALL + 1);
                    data.read_to_end(&mut bytes).await.expect("bytes read");
                    data.finish().await.expect("an acknowledgement");
                    assert_eq!(hash(&bytes), hash(&small(round * DOCUMENTS + at)));
                }
                connection.rename(&temporary, &target).await.expect("a rename");
                if proven {
                    assert_eq!(connection.size(&target).await.expect("a size"), SMALL);
                }
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker");
    }
    began.elapsed()
}

async fn connect(url: &Url) -> AsyncRustlsFtpStream {
    let decode = |text: &str| String::from_utf8(percent(text)).expect("UTF-8");
    let address = (url.host_str().expect("a host"), url.port().unwrap_or(21));
    let socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
    socket.set_nodelay(true).expect("an option");
    let mut connection = AsyncRustlsFtpStream::connect_with_stream(socket).await.expect("a greeting");
    connection.login(decode(url.username()).as_str(), decode(url.password().unwrap_or_default()).as_str()).await.expect("a login");
    connection.transfer_type(FileType::Binary).await.expect("binary");
    connection.set_mode(Mode::ExtendedPassive);
    connection
}

fn percent(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

fn curl(arguments: &[&str]) -> Duration {
    let began = Instant::now();
    let status = Command::new("curl").arg("-sS").args(arguments).status().expect("curl");
    assert!(status.success(), "curl: {status}");
    began.elapsed()
}

/// Different bytes for each document.
fn small(seed: usize) -> Bytes {
    noise(seed as u64, SMALL).into()
}

fn large(folder: &Path) -> (PathBuf, Sha256) {
    let path = folder.join("large.bin");
    let mut file = std::fs::File::create(&path).expect("a file");
    let mut whole = Vec::with_capacity(LARGE as usize);
    for seed in 0..LARGE >> 20 {
        whole.extend(noise(seed, 1 << 20));
    }
    file.write_all(&whole).expect("a file");
    (path, hash(&whole))
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let word = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(word).collect();
    bytes.truncate(length);
    bytes
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
