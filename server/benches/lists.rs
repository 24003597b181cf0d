//! What a page of a list and a search cost at ten thousand documents and at a million, on SQLite and on PostgreSQL; and how soon a killed
//! server is ready again over a hundred thousand.
//!
//! `make bench-lists` (figures: `server/benches/README.md`). `SIGNET_BENCH_MANY` sets another size than a million,
//! `SIGNET_BENCH_DATABASES` other databases than `sqlite,postgres`.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::model::Box;
use base64ct::{Base64UrlUnpadded, Encoding};
use server::index::{Index, ListQuery, TypeRow, Viewer};
use support::{machine, postgres};

#[path = "support/seed.rs"]
mod seed;

/// The smaller size.
const FEW: u64 = 10_000;
/// How often each question is asked; the median counts.
const TIMES: usize = 41;
/// Documents for the start after kill -9.
const READY: u64 = 100_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    sqlx::any::install_default_drivers();
    let many = std::env::var("SIGNET_BENCH_MANY").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let databases = std::env::var("SIGNET_BENCH_DATABASES").unwrap_or_else(|_| "sqlite,postgres".to_owned());
    for kind in databases.split(',') {
        let mut sizes = Vec::new();
        for size in [FEW, many] {
            let url = match kind {
                "sqlite" => format!("sqlite:{}/lists-{size}.db", folder.path().display()),
                _ => postgres::database().await,
            };
            sizes.push(measured(&url, size).await);
        }
        report(kind, many, &sizes[0], &sizes[1]);
    }
    ready(folder.path(), &databases).await;
}

struct Measured {
    viewer: &'static str,
    question: &'static str,
    median: Duration,
    found: usize,
}

async fn measured(url: &str, size: u64) -> Vec<Measured> {
    let index = opened(url).await;
    let began = Instant::now();
    seed::fill(url, size).await;
    eprintln!("{size} documents into {} in {:.0} s", url.split(':').next().unwrap_or_default(), began.elapsed().as_secs_f64());
    let mut all = Vec::new();
    for (name, viewer) in viewers() {
        for (question, query) in questions(size) {
            let (median, found) = median(async || index.list(&query, &viewer).await.expect("a page").items.len()).await;
            all.push(Measured { viewer: name, question, median, found });
        }
        let (median, found) = median(async || index.waiting(&viewer).await.expect("a count").count as usize).await;
        all.push(Measured { viewer: name, question: "inbox count", median, found });
    }
    index.close().await;
    all
}

async fn opened(url: &str) -> Index {
    let index = Index::open(&[("main".to_owned(), url.to_owned())]).await.expect("an index");
    for code in ["EXP", "WO", "RCT"] {
        let row = TypeRow {
            code: code.parse().expect("a code"),
            database: "main".to_owned(),
            definition: String::new(),
            template: None,
            imported_at: 0,
            imported_by: String::new(),
        };
        index.save_type(row, None).await.expect("a type");
    }
    index
}

async fn median(ask: impl AsyncFn() -> usize) -> (Duration, usize) {
    // The first times fill caches and prepare statements.
    for _ in 0..4 {
        ask().await;
    }
    let mut times = Vec::with_capacity(TIMES);
    let mut found = 0;
    for _ in 0..TIMES {
        let began = Instant::now();
        found = ask().await;
        times.push(began.elapsed());
    }
    times.sort();
    (times[TIMES / 2], found)
}

fn viewers() -> Vec<(&'static str, Viewer)> {
    let viewer = |id: &str, login: &str, roles: &[&str], reads: &[&str]| Viewer {
        account_id: id.to_owned(),
        login: login.to_owned(),
        roles: roles.iter().map(ToString::to_string).collect(),
        reads: reads.iter().map(ToString::to_string).collect(),
    };
    vec![
        ("approver, many waiting", viewer("head", "wang.jianguo", &["department-head"], &[])),
        ("approver, few waiting", viewer("few", "zhao.min", &["auditor"], &[])),
        ("creator", viewer("creator1", "creator.1", &["creator"], &[])),
        ("reader", viewer("reader", "reader", &[], &["EXP"])),
        ("administrator", viewer("admin", "admin", &[], &[])),
    ]
}

fn questions(size: u64) -> Vec<(&'static str, ListQuery)> {
    let of = |which: Box| ListQuery { which, limit: 50, ..ListQuery::default() };
    let search = |words: &str| ListQuery { q: Some(words.to_owned()), ..of(Box::All) };
    // Half way along the list; the inbox begins with the newest fifth.
    let half = |name: &str, share: u64| {
        let at = seed::BEGINNING + i64::try_from(size * share / 10).expect("a moment") * 60_000;
        Base64UrlUnpadded::encode_string(format!("{name} {at} Z").as_bytes())
    };
    let number = format!("exp-2026-{:07}", size / 20 * 9 + 1);
    vec![
        ("inbox", of(Box::Inbox)),
        ("inbox, deep", ListQuery { cursor: Some(half("inbox", 9)), ..of(Box::Inbox) }),
        ("all", of(Box::All)),
        ("all, deep", ListQuery { cursor: Some(half("all", 5)), ..of(Box::All) }),
        ("search \"taxi\"", search("taxi")),
        ("search \"李娜\"", search("李娜")),
        ("search \"济南 王建国\"", search("济南 王建国")),
        ("search a number", search(&number)),
        ("search a number's end", search(&number[9..])),
        ("search what is nowhere", search("nowhere-at-all")),
    ]
}

fn report(kind: &str, many: u64, few_documents: &[Measured], many_documents: &[Measured]) {
    println!("\n### {kind}\n\n| who | what | found | p50 at {FEW} | p50 at {many} | times |\n|---|---|---|---|---|---|");
    let mut ratios = Vec::new();
    for (few, many) in few_documents.iter().zip(many_documents) {
        let ratio = many.median.as_secs_f64() / few.median.as_secs_f64();
        ratios.push(ratio);
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "| {} | {} | {} / {} | {:.2} ms | {:.2} ms | {ratio:.2} |",
            few.viewer,
            few.question,
            few.found,
            many.found,
            milliseconds(few.median),
            milliseconds(many.median)
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nGrowth: median {:.2}, largest {:.2}.", ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
}

/// From the start of the program to its first 200 on /readyz, after kill -9, over 100,000 documents.
async fn ready(folder: &std::path::Path, databases: &str) {
    println!("\n### Ready after kill -9, {READY} documents\n");
    for kind in databases.split(',') {
        let data = folder.join(format!("ready-{kind}"));
        std::fs::create_dir_all(&data).expect("a folder");
        let url = match kind {
            "sqlite" => format!("sqlite:{}/main.sqlite", data.display()),
            _ => postgres::database().await,
        };
        opened(&url).await.close().await;
        seed::fill(&url, READY).await;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut times = Vec::new();
        for _ in 0..4 {
            let began = Instant::now();
            let mut child = Running::start(&data, &url, port);
            let client = reqwest::Client::new();
            while !client.get(format!("http://127.0.0.1:{port}/readyz")).send().await.is_ok_and(|response| response.status() == 200) {
                assert!(began.elapsed() < Duration::from_mins(1), "it does not become ready");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            times.push(began.elapsed());
            child.kill();
        }
        // The first start makes the authority; the others follow a kill.
        let rest: Vec<String> = times[1..].iter().map(|time| format!("{:.2} s", time.as_secs_f64())).collect();
        println!("{kind}: {} (first start {:.2} s)", rest.join(", "), times[0].as_secs_f64());
    }
}

struct Running(Child);

impl Running {
    fn start(data: &std::path::Path, url: &str, port: u16) -> Self {
        let child = Command::new(machine::signet())
            .arg("serve")
            .env("SIGNET_DATA", data)
            .env("SIGNET_DATABASE_URL", url)
            .env("SIGNET_LISTEN", format!("127.0.0.1:{port}"))
            .env("SIGNET_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("signet starts");
        Self(child)
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
