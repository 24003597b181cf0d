//! A throwaway Signet with the demo people in it, and a browser that signs.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::desk::Desk;
use app::error::AppResult;
use app::model::{AccountChange, Document, Enrolment, Lang, NewDocument, Number, Offer, Renewal, SignatureDecision};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};
use server::App;
use server::caller::{Caller, Proof};
use server::clock::FrozenClock;
use server::config::Config;
use server::service::{accounts, present};

/// 2026-11-23 10:02 UTC.
pub const NOW: i64 = 1_795_428_120_000;

pub struct World {
    pub app: Arc<App>,
    pub clock: FrozenClock,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with more of the environment set.
    pub async fn with(more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FrozenClock::at(NOW);
        let app = Self::open(&folder, &clock, more).await;
        Self { app, clock, folder }
    }

    /// The same Signet after `signet ca rollover` and a restart.
    pub async fn rolled_over(self) -> Self {
        self.app.close().await;
        let ca = self.folder.path().join("data").join("ca");
        server::ca::Authority::rollover(&ca, None, self.app.config.public_base(), NOW / 1000).unwrap();
        let app = Self::open(&self.folder, &self.clock, &[]).await;
        Self { app, ..self }
    }

    /// A server over this folder; two of them are two replicas.
    pub async fn open(folder: &tempfile::TempDir, clock: &FrozenClock, more: &[(&str, &str)]) -> Arc<App> {
        let data = folder.path().join("data").display().to_string();
        let mut values = BTreeMap::from([("SIGNET_DATA".to_owned(), data)]);
        values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let config = Config::read(&values).unwrap();
        server::build(config, crate::machine::options(clock.clone(), true)).await.unwrap()
    }

    /// The desk of a demo account, in English.
    pub async fn desk(&self, login: &str) -> Arc<dyn Desk> {
        server::desk::for_caller(self.app.clone(), self.caller(login).await)
    }

    pub async fn caller(&self, login: &str) -> Caller {
        let row = self.app.index.account_by_login(login).await.unwrap().expect("a known login");
        Caller::signed_in(Proof::Session("test".into()), present::person(row), Lang::En, [127, 0, 0, 1].into())
    }

    pub async fn add(&self, login: &str, roles: &[&str]) {
        let change = AccountChange {
            login: login.into(),
            name: Some(format!("Person {login}")),
            roles: Some(roles.iter().map(ToString::to_string).collect()),
            ..Default::default()
        };
        accounts::add(&self.app, change).await.unwrap();
    }

    /// A new expense claim by li.na.
    pub async fn claim(&self, invoice: &str, amount: &str) -> Document {
        self.desk("li.na").await.submit(claim(invoice, amount), None, None).await.unwrap().document
    }

    /// A key of this account's, enrolled.
    pub async fn key(&self, login: &str) -> Key {
        Key::enrol(&*self.desk(login).await, login).await
    }

    /// The account seals the document as its page would.
    pub async fn seal(&self, login: &str, number: &Number, key: &Key) -> app::error::AppResult<Document> {
        let desk = self.desk(login).await;
        let offer = desk.offer(number.clone(), desk.document(number.clone()).await?.revision, key.serial.clone(), None).await?;
        let cms = key.cms(&*desk, &offer).await;
        desk.sign(SignatureDecision { number: number.clone(), offer: offer.id, cms }).await
    }
}

pub fn claim(invoice: &str, amount: &str) -> NewDocument {
    let fields = json!({
        "project": "P-17 青岛换流站", "invoice": invoice, "department": "Operations", "date": "2026-11-20", "amount": amount, "reason": "Taxi, Jinan",
        "items": [{"date": "2026-11-20", "what": "Taxi 出租车", "amount": amount}],
    });
    NewDocument { type_code: "EXP".parse().unwrap(), title: None, fields: map(fields) }
}

pub fn map(value: Value) -> BTreeMap<String, Value> {
    value.as_object().unwrap().clone().into_iter().collect()
}

/// A browser's key with its certificate.
pub struct Key {
    secret: SigningKey,
    pub serial: String,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
}

impl Key {
    pub async fn enrol(desk: &dyn Desk, seed: &str) -> Self {
        Self::try_enrol(desk, seed).await.unwrap()
    }

    pub async fn try_enrol(desk: &dyn Desk, seed: &str) -> AppResult<Self> {
        let secret = Self::secret(seed);
        let request = Self::request(&secret);
        Ok(Self::certified(secret, desk.enrol(request.into(), "Test browser".into()).await?))
    }

    /// A new key that `old` signs for.
    pub async fn renew(desk: &dyn Desk, seed: &str, old: &Self) -> Self {
        Self::try_renew(desk, seed, old).await.unwrap()
    }

    pub async fn try_renew(desk: &dyn Desk, seed: &str, old: &Self) -> AppResult<Self> {
        let secret = Self::secret(seed);
        let request = Self::request(&secret);
        let renewal = Renewal { serial: old.serial.clone(), countersignature: hex::encode(raw(&old.secret, &request)) };
        Ok(Self::certified(secret, desk.renew(request.into(), "Test browser".into(), renewal).await?))
    }

    fn secret(seed: &str) -> SigningKey {
        SigningKey::from_slice(&<sha2::Sha256 as sha2::Digest>::digest(seed)).unwrap()
    }

    fn certified(secret: SigningKey, enrolment: Enrolment) -> Self {
        let mut chain = pades::certificates_from_pem(&enrolment.certificate).unwrap().into_iter();
        Self { secret, serial: enrolment.serial, certificate: chain.next().unwrap(), issuer: chain.next().unwrap() }
    }

    pub fn request(secret: &SigningKey) -> Vec<u8> {
        let point = secret.verifying_key().to_sec1_point(false);
        let info = pades::request_info("whoever", point.as_bytes()).unwrap();
        pades::request(&info, &raw(secret, &info)).unwrap()
    }

    /// What another program signs with, in hexadecimal: the private key, its certificate, and the issuer's.
    pub fn exported(&self) -> (String, String, String) {
        (hex::encode(self.secret.to_bytes()), hex::encode(&self.certificate), hex::encode(&self.issuer))
    }

    /// What the page sends: the CMS over the very revision that it prepared itself.
    pub async fn cms(&self, desk: &dyn Desk, offer: &Offer) -> String {
        let original = desk.file(offer.number.clone(), Some(offer.revision)).await.unwrap();
        assert_eq!(original.sha256, offer.sha256);
        hex::encode(self.signed(&original.bytes, &offer.parameters).cms())
    }

    pub fn signed(&self, original: &[u8], parameters: &str) -> pades::Signed {
        let parameters: pades::SignatureParameters = serde_json::from_str(parameters).unwrap();
        let to_be_signed = pades::prepare(original, &parameters).unwrap().to_be_signed(&self.certificate).unwrap();
        let signature = raw(&self.secret, to_be_signed.signed_attributes());
        to_be_signed.signed(&signature, &[&self.issuer]).unwrap()
    }
}

fn raw(secret: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: p256::ecdsa::Signature = secret.sign(message);
    signature.to_bytes().into()
}
