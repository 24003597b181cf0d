//! The ground of all cases: people with tokens and a key, and a document for each act.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::desk::Desk;
use app::model::{Lang, NewDocument};
use server::App;
use server::caller::{Caller, Proof};
use server::service::present;
use support::ground::{Ground, Kind, person};
use support::machine::make_certificates;
use support::program::claim;
use support::signer::Signer;

/// An authority of time stamps that never answers.
const NOWHERE: &str = "http://127.0.0.1:9";

pub struct Stage {
    pub ground: Ground,
    pub creator: String,
    pub head: String,
    pub finance: String,
    /// Waits for its head alone.
    pub pending: String,
    /// Waits for its head and then for finance.
    pub longer: String,
    /// Rejected, and delivered.
    pub rejected: String,
    /// Signed without evidence.
    pub signed: String,
    /// What a signature appends to `pending` and to `longer`.
    pub signature: Vec<u8>,
    pub first_signature: Vec<u8>,
    /// A certificate to be revoked.
    pub serial: String,
    /// The number of the next creation.
    pub next: String,
}

/// The environment of a program whose authority of time stamps is away.
pub fn without_stamps(ground: &Ground) -> [(&'static str, String); 2] {
    [("SIGNET_TSA_URL", NOWHERE.to_owned()), ("SIGNET_TSA_CA", ground.data().join("tsa/ca.pem").display().to_string())]
}

impl Stage {
    pub async fn new(kind: Kind) -> Option<Self> {
        let ground = Ground::new(kind).await?;
        // Without an authority of time stamps a signed document waits for its evidence.
        std::fs::create_dir(ground.data().join("tsa")).unwrap();
        make_certificates(&ground.data().join("tsa"));
        let app = ground.open(&without_stamps(&ground).each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        let creator = person(&app, "li.na", &["creator"], false).await;
        let head = person(&app, "wang.jianguo", &["department-head"], false).await;
        let finance = person(&app, "chen.jing", &["finance"], false).await;
        let (li, wang) = (desk(&app, "li.na").await, desk(&app, "wang.jianguo").await);
        let enrolment = wang.enrol(Signer::request("wang").into(), "Program".into()).await.unwrap();
        let signer = Signer::certified("wang", &serde_json::to_value(&enrolment).unwrap());
        let spare = wang.enrol(Signer::request("spare").into(), "Spare".into()).await.unwrap();
        let mut numbers = Vec::new();
        for (invoice, amount) in [("PENDING", "10"), ("LONGER", "7280"), ("REJECTED", "10"), ("SIGNED", "10")] {
            let new: NewDocument = serde_json::from_value(claim(invoice, amount)).unwrap();
            numbers.push(li.submit(new, None, None).await.unwrap().document.number);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let mut signatures = Vec::new();
        for number in &numbers {
            let signing = serde_json::to_value(wang.signing(number.clone()).await.unwrap()).unwrap();
            let original = wang.file(number.clone(), Some(0)).await.unwrap();
            signatures.push(signer.appended(&original.bytes, &signing, now));
        }
        wang.reject(numbers[2].clone(), 0.into(), "No receipt".into()).await.unwrap();
        let signed = wang.sign_outside(numbers[3].clone(), 0, signatures[3].clone().into(), true).await.unwrap();
        assert_eq!(signed.status, app::model::Status::Signed);
        drop((li, wang));
        // The act of raising asks for it; the others are left alone.
        tokio::time::sleep(Duration::from_millis(300)).await;
        app.close().await;
        drop(app);
        ground.sql("UPDATE documents SET raise_at = NULL").await;
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let (front, last) = numbers[3].rsplit_once('-').unwrap();
        let next = format!("{front}-{:06}", last.parse::<u32>().unwrap() + 1);
        let [pending, longer, rejected, signed]: [String; 4] = numbers.try_into().unwrap();
        let (signature, first_signature) = (signatures[0].clone(), signatures[1].clone());
        Some(Self { ground, creator, head, finance, pending, longer, rejected, signed, signature, first_signature, serial: spare.serial, next })
    }
}

async fn desk(app: &std::sync::Arc<App>, login: &str) -> std::sync::Arc<dyn Desk> {
    let row = app.index.account_by_login(login).await.unwrap().unwrap();
    let caller = Caller::signed_in(Proof::Session("test".into()), present::person(row), Lang::En, [127, 0, 0, 1].into());
    server::desk::for_caller(app.clone(), caller)
}
