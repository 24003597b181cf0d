//! A Signet over a database that may fail, with a creator, an approver and his key, and what must hold afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::desk::Desk;
use app::error::{AppError, Code};
use app::model::{AccountChange, Document, Lang, NewDocument, Number, Query, SignatureDecision, Status, TypeFiles};
use bytes::Bytes;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use server::App;
use server::caller::Caller;
use server::clock::FrozenClock;
use server::config::Config;
use server::service::{accounts, identify, tokens};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

pub const NOW: i64 = 1_795_428_120_000;

/// A type that costs little: an uploaded page, one approver.
const TYPE: &str = "code = \"SLIP\"\nname = { en = \"Slip\", zh = \"单据\" }\nnumber = \"SLIP-{yyyy}-{seq:6}\"\nmatter = [\"slip\"]\ndatabase = \"main\"\nfile = \"upload\"\n\
    [[field]]\nkey = \"slip\"\nlabel = { en = \"Slip\", zh = \"编号\" }\nkind = \"text\"\nrequired = true\n\
    [[step]]\nkey = \"head\"\nname = { en = \"Head\", zh = \"负责人\" }\nrole = \"head\"\ndecide = \"any\"\nseal = { page = -1, x = 20, y = 20, width = 42, height = 42 }\n";

pub struct World {
    pub app: Arc<App>,
    pub clock: FrozenClock,
    pub creator: Arc<dyn Desk>,
    pub head: Arc<dyn Desk>,
    pub token: String,
    pub head_token: String,
    /// A way to the database that no fault lies on.
    pub plain: String,
    key: SigningKey,
    serial: String,
    chain: Vec<Vec<u8>>,
    folder: tempfile::TempDir,
    _database: Option<tempfile::TempDir>,
}

impl World {
    /// `url` is how Signet reaches the database, `plain` how the test does.
    pub async fn over(url: &str, plain: &str) -> Self {
        sqlx::any::install_default_drivers();
        // What went wrong is said beside the test that failed.
        let _ = tracing_subscriber::fmt().with_env_filter("warn,server=info").with_test_writer().try_init();
        let folder = tempfile::tempdir().unwrap();
        let clock = FrozenClock::at(NOW);
        let values =
            BTreeMap::from([("SIGNET_DATA".to_owned(), folder.path().join("data").display().to_string()), ("SIGNET_DATABASE_URL".to_owned(), url.to_owned())]);
        let app = server::build(Config::read(&values).unwrap(), support::machine::options(clock.clone(), false)).await.unwrap();
        server::service::types::import_here(&app, TypeFiles { definition: TYPE.to_owned(), template: None }).await.unwrap();
        let (token, creator) = person(&app, "li.na", &["creator"]).await;
        let (head_token, head) = person(&app, "wang", &["head"]).await;
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let info = pades::request_info("Wang", key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
        let request = pades::request(&info, &raw(&key, &info)).unwrap();
        let enrolment = head.enrol(request.into(), "Test browser".into()).await.unwrap();
        let chain = pades::certificates_from_pem(&enrolment.certificate).unwrap();
        Self { app, clock, creator, head, token, head_token, plain: plain.to_owned(), key, serial: enrolment.serial, chain, folder, _database: None }
    }

    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("main.sqlite").display());
        Self { _database: Some(folder), ..Self::over(&url, &url).await }
    }

    pub async fn create(&self, slip: &str, key: Option<&str>) -> Result<Document, AppError> {
        let done = self.creator.submit(slip_of(slip), Some(page()), key.map(str::to_owned)).await;
        done.map(|submitted| submitted.document)
    }

    /// All of a signature but its last call.
    pub async fn signature(&self, document: &Document) -> SignatureDecision {
        let offer = self.head.offer(document.number.clone(), document.revision, self.serial.clone(), None).await.unwrap();
        let original = self.head.file(document.number.clone(), None).await.unwrap().bytes;
        let parameters = serde_json::from_str(&offer.parameters).unwrap();
        let to_be_signed = pades::prepare(&original, &parameters).unwrap().to_be_signed(&self.chain[0]).unwrap();
        let signature = raw(&self.key, to_be_signed.signed_attributes());
        let signed = to_be_signed.signed(&signature, &[&self.chain[1]]).unwrap();
        SignatureDecision { number: document.number.clone(), offer: offer.id, cms: hex::encode(signed.cms()) }
    }

    /// What a signing program of the approver's appends to the document.
    pub async fn appended(&self, document: &Document) -> Vec<u8> {
        let original = self.head.file(document.number.clone(), None).await.unwrap().bytes;
        let offer = self.head.offer(document.number.clone(), document.revision, self.serial.clone(), None).await.unwrap();
        let parameters = serde_json::from_str(&offer.parameters).unwrap();
        let to_be_signed = pades::prepare(&original, &parameters).unwrap().to_be_signed(&self.chain[0]).unwrap();
        let signature = raw(&self.key, to_be_signed.signed_attributes());
        let signed = to_be_signed.signed(&signature, &[&self.chain[1]]).unwrap();
        signed.tail().to_vec()
    }

    /// The creator's document as it is.
    pub async fn document(&self, number: &Number) -> Document {
        self.creator.document(number.clone()).await.unwrap()
    }

    /// The live documents of a matter.
    pub async fn of_matter(&self, slip: &str) -> Vec<Document> {
        let query = Query { q: Some(slip.to_owned()), ..Query::default() };
        let found = self.creator.documents(query).await.unwrap().items;
        found.into_iter().filter(|document| document.matter.eq_ignore_ascii_case(slip) && document.status != Status::Withdrawn).collect()
    }

    /// Nothing is open, half or left over: no transaction, no row without its file, no file without its row, no unfinished intent.
    pub async fn is_whole(&self) {
        let mut connection = AnyConnection::connect(&self.plain).await.unwrap();
        if self.plain.starts_with("postgres") {
            let text = "SELECT CAST(COUNT(*) AS BIGINT) AS open FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            let mut open = -1;
            // What runs to its end in a task of its own may need a moment.
            for _ in 0..100 {
                open = number(&mut connection, text, "open").await;
                if open == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(open, 0, "a transaction stayed open");
        }
        // The pool has room for more than it has connections.
        let asks = (0..40).map(|_| self.creator.documents(Query::default()));
        let answers = tokio::time::timeout(Duration::from_secs(10), futures::future::join_all(asks)).await.expect("the pool is not exhausted");
        for answer in answers {
            answer.unwrap();
        }
        self.clock.advance(60 * 60 * 1000);
        server::service::sweep::once(&self.app).await.unwrap();
        let findings = server::service::fsck::run(&self.app).await.unwrap();
        assert!(findings.findings.is_empty(), "{findings:?}");
        assert_eq!(
            files_in(&self.folder.path().join("data/files")),
            findings.files + findings.records + 1,
            "a file that no row names, beside the store's mark"
        );
        // Swept ones are remembered for a day (2); all others have ended.
        assert_eq!(number(&mut connection, "SELECT CAST(COUNT(*) AS BIGINT) AS many FROM intents WHERE given_up <> 2", "many").await, 0);
        let halves = "SELECT CAST(COUNT(*) AS BIGINT) AS many FROM documents d WHERE \
             (SELECT COUNT(*) FROM steps s WHERE s.number = d.number AND s.edition = d.edition AND s.status = 'open') <> CASE d.status WHEN 'pending' THEN 1 ELSE 0 END \
             OR (SELECT COUNT(*) FROM decisions x WHERE x.number = d.number AND x.edition = d.edition) <> CASE d.status WHEN 'signed' THEN 1 WHEN 'rejected' THEN 1 ELSE 0 END \
             OR (SELECT COUNT(*) FROM deliveries v WHERE v.number = d.number) <> (SELECT COUNT(*) FROM decisions x WHERE x.number = d.number) \
             OR (SELECT COUNT(*) FROM waiting w WHERE w.number = d.number) <> CASE d.status WHEN 'pending' THEN 1 ELSE 0 END \
             OR NOT EXISTS (SELECT 1 FROM search_places p WHERE p.number = d.number) \
             OR NOT EXISTS (SELECT 1 FROM revisions r WHERE r.number = d.number AND r.edition = d.edition AND r.revision = d.revision)";
        assert_eq!(number(&mut connection, halves, "many").await, 0, "a document that is half one thing and half another");
    }
}

pub async fn number(connection: &mut AnyConnection, text: &str, column: &str) -> i64 {
    sqlx::query(AssertSqlSafe(text.to_owned())).fetch_one(connection).await.unwrap().try_get(column).unwrap()
}

/// An outage, or nothing else.
#[track_caller]
pub fn is_outage(error: &AppError) {
    assert_eq!(error.code, Code::IndexUnavailable, "{error:?}");
}

pub fn slip_of(slip: &str) -> NewDocument {
    NewDocument { type_code: "SLIP".parse().unwrap(), title: None, fields: BTreeMap::from([("slip".to_owned(), slip.into())]) }
}

/// One empty page.
pub fn page() -> Bytes {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for body in [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>",
        "<</Length 4>>\nstream\nq Q\n\nendstream",
    ] {
        places.push(pdf.len());
        pdf += &format!("{} 0 obj\n{body}\nendobj\n", places.len());
    }
    let start = pdf.len();
    pdf += "xref\n0 5\n0000000000 65535 f \n";
    for place in places {
        pdf += &format!("{place:010} 00000 n \n");
    }
    pdf += &format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    pdf.into_bytes().into()
}

async fn person(app: &Arc<App>, login: &str, roles: &[&str]) -> (String, Arc<dyn Desk>) {
    let change = AccountChange {
        login: login.into(),
        name: Some(login.into()),
        roles: Some(roles.iter().map(ToString::to_string).collect()),
        ..AccountChange::default()
    };
    accounts::add(app, change).await.unwrap();
    let token = tokens::create_for_login(app, login, "test").await.unwrap();
    let (proof, person) = identify::by_token(app, &token).await.unwrap().unwrap();
    let desk = server::desk::for_caller(app.clone(), Caller::signed_in(proof, person, Lang::En, [127, 0, 0, 1].into()));
    (token, desk)
}

fn raw(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: p256::ecdsa::Signature = key.sign(message);
    signature.to_bytes().into()
}

fn files_in(folder: &std::path::Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}
