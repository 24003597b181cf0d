//! From a request to its caller: cookie or bearer token, language, address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use app::api::session::CookieJar;
use app::desk::{DeskHandle, NewSession};
use app::error::{AppError, Code};
use app::model::Lang;
use app::visit::Theme;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::caller::Caller;
use crate::config::Config;
use crate::router::Edge;
use crate::{desk, outage, service, site};

/// Finds the language; the layers inside need it to refuse in.
pub async fn language(mut request: Request, next: Next) -> Response {
    let lang = lang(request.headers());
    request.extensions_mut().insert(lang);
    next.run(request).await
}

/// Finds the caller and binds the desk for one request. A token that is none is refused; an ended session is only nobody.
pub async fn caller(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    if site::has(request.uri().path()) {
        return next.run(request).await;
    }
    let name = cookie_name(&edge.app.config);
    let wants_page = outage::wants_page(&request);
    let presented = cookie(request.headers(), &name).map(str::to_owned);
    let token = bearer(request.headers()).map(str::to_owned);
    let nobody = Caller::anonymous(lang(request.headers()), peer(&request, &edge.app.config.proxies));
    let device = cookie(request.headers(), &device_name(&edge.app.config)).map(|device| service::secret::digest(device.as_bytes()));
    match identify(&edge, nobody, presented.as_deref(), token.as_deref()).await {
        Ok(caller) => {
            let caller = Caller { device, ..caller };
            let ended = presented.is_some() && caller.session.is_none();
            request.extensions_mut().insert(caller.clone());
            request.extensions_mut().insert(DeskHandle(desk::for_caller(edge.app.clone(), caller)));
            let mut response = next.run(request).await;
            if ended && !response.headers().contains_key(header::SET_COOKIE) {
                response.headers_mut().append(header::SET_COOKIE, set_cookie(&edge.app.config, None));
            }
            response
        }
        Err(error) => outage::refuse(wants_page, request.uri().path(), lang(request.headers()), error),
    }
}

/// The session first, then the token: a browser's own pages send no token.
async fn identify(edge: &Edge, nobody: Caller, session: Option<&str>, token: Option<&str>) -> Result<Caller, AppError> {
    let Caller { lang, peer, .. } = nobody;
    let translate = |error: crate::error::Error| error.translate(lang);
    if let Some(secret) = session
        && let Some((proof, person)) = service::identify::by_session(&edge.app, secret).await.map_err(translate)?
    {
        return Ok(Caller::signed_in(proof, person, lang, peer));
    }
    let Some(secret) = token else { return Ok(nobody) };
    match service::identify::by_token(&edge.app, secret).await.map_err(translate)? {
        Some((proof, person)) => Ok(Caller::signed_in(proof, person, lang, peer)),
        None => Err(AppError::new(Code::SignInRequired, lang.pick("This token is unknown or has ended.", "此令牌不存在或已失效。"))
            .with_next(lang.pick("Make a new one on the keys page or with `signet token create`.", "请在密钥页面或用 `signet token create` 新建令牌。"))),
    }
}

/// Sets or clears the session cookie on the answer that a server function is making.
pub fn cookie_jar(config: &Config, response: leptos_axum::ResponseOptions) -> CookieJar {
    let config = config.clone();
    CookieJar(Arc::new(move |session| {
        response.append_header(header::SET_COOKIE, set_cookie(&config, session.as_ref()));
        if let Some(device) = session.as_ref().and_then(|session| session.device.as_deref()) {
            response.append_header(header::SET_COOKIE, to_set(&config, &device_name(&config), device, DEVICE_KEPT));
        }
    }))
}

/// `__Host-` binds the cookie to this very host over HTTPS; browsers refuse the name without.
pub fn cookie_name(config: &Config) -> String {
    if config.is_https() { "__Host-signet".to_owned() } else { "signet".to_owned() }
}

/// The cookie by which a browser is known again at the next sign-in. It opens nothing.
fn device_name(config: &Config) -> String {
    cookie_name(config) + "-device"
}

/// Seconds for which a browser keeps that cookie.
const DEVICE_KEPT: u64 = (service::sign_in::DEVICE_KNOWN / 1000) as u64;

fn set_cookie(config: &Config, session: Option<&NewSession>) -> HeaderValue {
    let (secret, lifetime) = session.map_or(("", 0), |session| (session.secret.as_str(), session.lifetime));
    to_set(config, &cookie_name(config), secret, lifetime)
}

fn to_set(config: &Config, name: &str, secret: &str, lifetime: u64) -> HeaderValue {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lifetime}{secure}");
    HeaderValue::from_str(&text).expect("a secret is base64url")
}

/// A cookie's value, when it is there and not empty.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// What the person chose, else what the browser asks for.
pub fn lang(headers: &HeaderMap) -> Lang {
    let chosen = cookie(headers, "lang").and_then(Lang::from_code);
    chosen.unwrap_or_else(|| headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Lang::accept).unwrap_or_default())
}

/// What the person chose, else as the device says.
pub fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, "theme").map(Theme::from_code).unwrap_or_default()
}

/// The address of the other side. Behind a proxy of ours it is the last address that none of ours added.
pub fn peer(request: &Request, proxies: &[IpAddr]) -> IpAddr {
    let peer =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical());
    if !proxies.contains(&peer) {
        return peer;
    }
    let told: Vec<&str> =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim).collect();
    told.into_iter()
        .rev()
        .map_while(|text| text.parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .find(|address| !proxies.contains(address))
        .unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Config {
        Config::read(&[("SIGNET_PUBLIC_URL".to_owned(), url.to_owned())].into()).expect("a good address")
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_over_https() {
        let me = app::model::Me { login: "li.na".into(), name: "Li Na".into(), client_number: "C00042".parse().expect("good"), roles: vec![], admin: false };
        let session = NewSession { secret: "s3cret".into(), lifetime: 43200, device: None, me };
        assert_eq!(set_cookie(&config("https://s.example"), Some(&session)), "__Host-signet=s3cret; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure");
        assert_eq!(set_cookie(&config("http://s.example"), None), "signet=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn only_our_proxies_are_believed() {
        let ours: IpAddr = "10.0.0.1".parse().expect("good");
        let request = |from: &str, told: &str| {
            let mut request = Request::builder().header("x-forwarded-for", told).body(axum::body::Body::empty()).expect("good");
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().expect("good"), 1)));
            request
        };
        assert_eq!(peer(&request("203.0.113.9", "198.51.100.1"), &[ours]).to_string(), "203.0.113.9");
        assert_eq!(peer(&request("10.0.0.1", "6.6.6.6, 198.51.100.1"), &[ours]).to_string(), "198.51.100.1");
        assert_eq!(peer(&request("10.0.0.1", "198.51.100.1, 10.0.0.1"), &[ours]).to_string(), "198.51.100.1");
        assert_eq!(peer(&request("10.0.0.1", "nonsense"), &[ours]).to_string(), "10.0.0.1");
    }

    #[test]
    fn the_language_is_the_chosen_one_first() {
        let headers: HeaderMap =
            [(header::COOKIE, HeaderValue::from_static("lang=zh")), (header::ACCEPT_LANGUAGE, HeaderValue::from_static("en"))].into_iter().collect();
        assert_eq!(lang(&headers), Lang::Zh);
    }
}
