//! The signing key of this browser: a WebCrypto P-256 pair whose private half cannot be exported, with its certificate.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKeyPair, EcKeyGenParams, EcdsaParams};

use super::bytes::subtle;
use super::{BrowserResult, pades, pem, trouble, vault};
use crate::api;
use crate::error::Code;
use crate::model::{Enrolment, Me, Renewal};
use crate::visit::t;

/// This browser's key of one account.
#[derive(Clone)]
pub struct Key {
    pair: CryptoKeyPair,
    /// Serial number of its certificate, lower-case hexadecimal.
    pub serial: String,
    /// The certificate and its issuer's, PEM.
    pub certificate: String,
    /// End of validity, RFC 3339 UTC.
    pub not_after: String,
}

impl Key {
    /// The key this browser holds for `login`, if any.
    pub async fn find(login: &str) -> BrowserResult<Option<Self>> {
        let Some(entry) = vault::read(vault::KEYS, login).await? else { return Ok(None) };
        let text = |name: &str| Reflect::get(&entry, &name.into()).ok().and_then(|value| value.as_string());
        let pair = Reflect::get(&entry, &"pair".into())?;
        let (Some(serial), Some(certificate), Some(not_after)) = (text("serial"), text("certificate"), text("not_after")) else { return Ok(None) };
        Ok(Some(Self { pair: pair.unchecked_into(), serial, certificate, not_after }))
    }

    /// Makes a key pair in this browser, has it certified for `me`, and keeps it in the place of the one that was here. That one signs the
    /// request for the new one, so that everyone sees that the same person goes on; where it does not count any more, the new one counts
    /// as a new key.
    pub async fn enrol(me: &Me, device: String) -> BrowserResult<Self> {
        // Not awaited: Firefox asks its user first, and the answer may never come.
        leptos::task::spawn_local(persist());
        let usages = Array::of2(&"sign".into(), &"verify".into());
        let params = EcKeyGenParams::new("ECDSA", "P-256");
        let made = JsFuture::from(subtle()?.generate_key_with_object(&params, false, &usages)?).await?;
        let pair: CryptoKeyPair = made.unchecked_into();
        let public = JsFuture::from(subtle()?.export_key("spki", &pair.get_public_key())?).await?;
        let public = Uint8Array::new(&public);

        let module = pades::load().await?;
        let info = module.request_info(&me.name, &public)?;
        let signature = sign_with(&pair, &info).await?;
        let request = module.request(&info, &signature)?;
        let pem = pem::write("CERTIFICATE REQUEST", &request.to_vec());
        let renewed = match Self::find(&me.login).await.ok().flatten() {
            Some(old) => {
                let countersignature = super::bytes::hex(&old.sign(&request).await?.to_vec());
                match api::keys::renew(pem.clone(), device.clone(), Renewal { serial: old.serial, countersignature }).await {
                    Err(error) if error.code == Code::CertificateRefused => None,
                    done => Some(done?),
                }
            }
            None => None,
        };
        let Enrolment { serial, certificate, not_after, .. } = match renewed {
            Some(enrolment) => enrolment,
            None => api::keys::enrol(pem, device).await?,
        };

        let entry = Object::new();
        for (name, value) in [("serial", &serial), ("certificate", &certificate), ("not_after", &not_after)] {
            Reflect::set(&entry, &name.into(), &value.as_str().into())?;
        }
        Reflect::set(&entry, &"pair".into(), &pair)?;
        vault::write(vault::KEYS, &me.login, &entry).await?;
        Ok(Self { pair, serial, certificate, not_after })
    }

    /// Signs `message` (WebCrypto hashes it): 64 bytes r‖s.
    pub async fn sign(&self, message: &Uint8Array) -> BrowserResult<Uint8Array> {
        sign_with(&self.pair, message).await
    }

    /// Whole days until its certificate ends; negative when it has ended.
    pub fn days_left(&self) -> i32 {
        let end = js_sys::Date::new(&self.not_after.as_str().into()).get_time();
        if end.is_nan() { 0 } else { ((end - js_sys::Date::now()) / 86_400_000.0).floor() as i32 }
    }

    /// Forgets the key in this browser. Its certificate stays until it is revoked.
    pub async fn forget(login: &str) -> BrowserResult<()> {
        vault::remove(vault::KEYS, login).await
    }
}

async fn sign_with(pair: &CryptoKeyPair, message: &Uint8Array) -> BrowserResult<Uint8Array> {
    let params = EcdsaParams::new_with_str("ECDSA", "SHA-256");
    let signed = JsFuture::from(subtle()?.sign_with_object_and_buffer_source(&params, &pair.get_private_key(), message)?).await?;
    let signature = Uint8Array::new(&signed);
    if signature.length() == 64 {
        Ok(signature)
    } else {
        Err(trouble(t("This browser made a signature of an unknown form.", "此浏览器生成的签名格式未知。").to_owned()))
    }
}

/// Asks the browser not to drop the vault when space runs short. A refusal changes nothing else.
async fn persist() {
    let Some(window) = web_sys::window() else { return };
    let storage = Reflect::get(&window.navigator(), &"storage".into()).unwrap_or(JsValue::UNDEFINED);
    if let Ok(asked) = Reflect::get(&storage, &"persist".into())
        && let Some(function) = asked.dyn_ref::<js_sys::Function>()
        && let Ok(promise) = function.call0(&storage)
    {
        let _ = JsFuture::from(js_sys::Promise::resolve(&promise)).await;
    }
}

/// A name for this device that its owner recognises in the list of keys: the browser and the system.
pub fn device_name() -> String {
    let agent = web_sys::window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default();
    let first = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser =
        first(&[("Edg/", "Edge"), ("MicroMessenger", "WeChat"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux")]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t("A browser", "浏览器").to_owned(),
    }
}
