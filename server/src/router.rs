//! The router: API, pages, server functions and the site, inside the layers that every request passes.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::app::{App as Pages, shell};
use app::desk::DeskHandle;
use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::{StatusCode, request::Parts};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::figures::Figures;
use crate::places::Places;
use crate::rest::gate::Gate;
use crate::rest::health::Recent;
use crate::service::health::Readiness;
use crate::{App, compress, licences, observe, outage, pace, rest, rpc, security, session, site};

/// What every handler may use.
#[derive(Clone)]
pub struct Edge {
    /// The parts behind the desk.
    pub app: Arc<App>,
    /// Cancelled when the server closes: streams end.
    pub closing: CancellationToken,
    /// Counts since the start.
    pub figures: Arc<Figures>,
    /// Who may ask how often for what needs no sign-in.
    pub gate: Arc<Gate>,
    /// Who has how many open streams, by account.
    pub streams: Arc<Places<String>>,
    /// Whether everything can be worked with, one look at a time.
    pub readiness: Arc<Recent<Readiness>>,
    /// How many files may be verified at once.
    pub verifying: Arc<Semaphore>,
    /// Room for files that come to be verified.
    pub unverified: Arc<Semaphore>,
    /// Whose large files are among them, by address.
    pub large: Arc<Places<IpAddr>>,
    pages: LeptosOptions,
}

impl FromRef<Edge> for LeptosOptions {
    fn from_ref(edge: &Edge) -> Self {
        edge.pages.clone()
    }
}

/// Everything that is served, as one router over `app`. `closing` ends the streams.
pub fn router(app: Arc<App>, closing: CancellationToken) -> Router {
    app::api::register();
    let pages = LeptosOptions::builder().output_name("signet").site_pkg_dir("pkg").site_root("site").site_addr(app.config.listen).build();
    let edge = Edge {
        app,
        closing,
        figures: Arc::default(),
        gate: Arc::default(),
        streams: Places::new(MOST_STREAMS),
        readiness: Arc::default(),
        verifying: Arc::new(Semaphore::new(2)),
        unverified: Arc::new(Semaphore::new(rest::verify::ROOM)),
        large: Places::new(rest::verify::LARGE_ONES),
        pages,
    };
    let context = {
        let edge = edge.clone();
        move || provide(&edge)
    };
    Router::new()
        .merge(rest::calls())
        .leptos_routes_with_context(&edge, page_routes(), context, {
            let options = edge.pages.clone();
            move || shell(options.clone())
        })
        .fallback(elsewhere)
        .layer(from_fn(rpc::door))
        .layer(from_fn_with_state(edge.clone(), session::caller))
        .layer(from_fn(outage::drawn_again))
        .merge(rest::open_calls())
        .route("/licences", get(licences::page))
        .layer(from_fn_with_state(edge.clone(), security::same_origin))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(from_fn(pace::keep))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(90)))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(observe::shape))
        .layer(from_fn(session::language))
        .layer(compress::layer())
        .layer(from_fn_with_state(edge.clone(), security::headers))
        .layer(from_fn_with_state(edge.clone(), observe::observe))
        .with_state(edge)
}

/// The pages' addresses. Asked for once in a process: while the library collects them, a page that is drawn at the same moment waits for ever
/// (leptos issue 4773).
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(Pages)).clone()
}

/// What the pages and server functions find in their context.
fn provide(edge: &Edge) {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(desk) = parts.extensions.get::<DeskHandle>() {
        provide_context(desk.clone());
    }
    if let Some(nonce) = parts.extensions.get::<leptos::nonce::Nonce>() {
        provide_context(nonce.clone());
    }
    if let Some(response) = use_context::<ResponseOptions>() {
        provide_context(session::cookie_jar(&edge.app.config, response));
    }
}

/// A file of the site, an unknown call, or the page that says that there is nothing.
async fn elsewhere(State(edge): State<Edge>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(response) = site::answer(request.method(), path, request.headers()) {
        return response;
    }
    let is_page = matches!(request.method().as_str(), "GET" | "HEAD")
        && !path.starts_with("/api/")
        && !path.starts_with("/rpc/")
        && !path.starts_with("/pkg/")
        && !path.starts_with("/pdfjs/");
    if !is_page {
        return StatusCode::NOT_FOUND.into_response();
    }
    let options = edge.pages.clone();
    let context = move || provide(&edge);
    let page = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    let mut response = page(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Open streams of one account on one replica: every open page has one.
const MOST_STREAMS: usize = 32;
/// The largest body any call takes is 25 MB; a little more for the frame of a multipart body.
const LARGEST_BODY: usize = 26 * 1024 * 1024;
