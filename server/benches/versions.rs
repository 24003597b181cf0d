//! Programs side by side in one run: what a creation and a signature take of the clock and of the server's processor, over HTTP.
//!
//! `cargo bench --workspace --bench versions -- OTHER…` measures the program that is built here and those named (another commit's), in turns.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use support::machine;
use support::program::{Client, claim};
use support::signer::Signer;

const ROUNDS: usize = 5;
/// Documents created and signed in a round, one after the other.
const DOCUMENTS: usize = 60;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts; `cargo bench` says `--bench`.
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--test") {
        return;
    }
    let others = words.iter().filter(|word| !word.starts_with("--")).map(PathBuf::from);
    let mut contestants = Vec::new();
    for program in std::iter::once(machine::signet().to_owned()).chain(others) {
        contestants.push(Contestant::start(&program).await);
    }
    for round in 0..=ROUNDS {
        for contestant in &mut contestants {
            contestant.round(round).await;
        }
    }
    println!("| program | created, ms | of processor | signed, ms | of processor |\n|---|---|---|---|---|");
    for contestant in &mut contestants {
        let figures: Vec<String> = contestant.figures.iter_mut().map(|figures| format!("{:.2}", median(figures))).collect();
        println!("| {} | {} |", contestant.program.display(), figures.join(" | "));
    }
}

struct Contestant {
    program: PathBuf,
    server: Child,
    creator: Client,
    head: Client,
    signer: Signer,
    /// A document's milliseconds in each round: created by the clock and by the processor, signed by both.
    figures: [Vec<f64>; 4],
    _folder: tempfile::TempDir,
}

impl Contestant {
    async fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = machine::free_port();
        let signet = |words: &[&str]| {
            let mut command = Command::new(program);
            command.args(words).env("SIGNET_DATA", folder.path()).env("SIGNET_LISTEN", format!("127.0.0.1:{port}")).env("SIGNET_LOG", "error");
            command
        };
        let mut tokens = Vec::new();
        for (login, role) in [("li.na", "creator"), ("wang", "department-head")] {
            said(signet(&["account", "add", "--login", login, "--name", login, "--role", role, "--password-stdin"]));
            tokens.push(said(signet(&["token", "create", "--login", login])).lines().last().expect("a token").to_owned());
        }
        let server = signet(&["serve"]).stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program starts");
        let url = format!("http://127.0.0.1:{port}");
        let (creator, head) = (Client::new(&url, &tokens[0]), Client::new(&url, &tokens[1]));
        let begun = Instant::now();
        while creator.get("/readyz").await.is_none_or(|reply| reply.status != 200) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{} does not become ready", program.display());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let request = head.call("POST", "/api/v1/certificates", &[("content-type", "application/pkcs10")], Signer::request("bench")).await;
        let signer = Signer::certified("bench", &request.expect("an answer").is(201).json());
        Self { program: program.to_owned(), server, creator, head, signer, figures: Default::default(), _folder: folder }
    }

    /// The first round warms up and is not counted.
    async fn round(&mut self, round: usize) {
        let (begun, before) = (Instant::now(), self.processor());
        let mut places = Vec::new();
        for n in 0..DOCUMENTS {
            let created = self.creator.post("/api/v1/documents", &claim(&format!("INV-{round}-{n}"), "128.00"), &[]).await.expect("an answer").is(201).json();
            places.push(format!("/api/v1/documents/{}", created["number"].as_str().expect("a number")));
        }
        self.note(round, 0, begun.elapsed(), self.processor().saturating_sub(before));
        let mut revisions = Vec::new();
        for place in &places {
            let signing = self.head.get(&format!("{place}/signing")).await.expect("an answer").is(200).json();
            let original = self.head.get(&format!("{place}/file")).await.expect("an answer").is(200).bytes;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
            revisions.push(self.signer.appended(&original, &signing, i64::try_from(now).expect("a clock before the year 292 billion")));
        }
        let (begun, before) = (Instant::now(), self.processor());
        let headers = [("if-match", "\"0\""), ("content-type", "application/vnd.signet.revision")];
        for (place, revision) in places.iter().zip(revisions) {
            self.head.call("POST", &format!("{place}/signatures"), &headers, revision).await.expect("an answer").is(201);
        }
        self.note(round, 2, begun.elapsed(), self.processor().saturating_sub(before));
    }

    fn note(&mut self, round: usize, at: usize, clock: Duration, processor: Duration) {
        if round > 0 {
            for (figures, time) in self.figures[at..].iter_mut().zip([clock, processor]) {
                figures.push(time.as_secs_f64() * 1000.0 / DOCUMENTS as f64);
            }
        }
    }

    /// What the server and its workers, those that have ended among them, took so far, in user and system mode.
    fn processor(&self) -> Duration {
        let server = self.server.id();
        let own = machine::stat(server).expect("the server runs");
        let workers = machine::children(server).into_iter().filter_map(machine::stat);
        // utime, stime, cutime, cstime: the last two are of processes that ended (proc_pid_stat(5)).
        let ticks: u64 = std::iter::once(own)
            .chain(workers)
            .flat_map(|stat| stat[11..15].iter().map(|field| field.parse::<u64>().expect("ticks")).collect::<Vec<_>>())
            .sum();
        // USER_HZ is 100 on every Linux that Rust knows.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn said(mut command: Command) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), b"correct horse battery\n").ok();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
