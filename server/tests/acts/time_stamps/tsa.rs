//! An outside time-stamp authority on this machine, which can be made to fail in every way: another Signet behind a switch.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use support::world::World;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Works,
    Fails,
    LeadsElsewhere,
    Stalls,
    RepeatsItself,
    TalksNonsense,
    TalksForever,
}

const MOODS: [Mood; 7] = [Mood::Works, Mood::Fails, Mood::LeadsElsewhere, Mood::Stalls, Mood::RepeatsItself, Mood::TalksNonsense, Mood::TalksForever];

pub struct Tsa {
    pub url: String,
    pub ca: PathBuf,
    pub pem: String,
    /// Where its revocation lists are, as the environment names them.
    pub lists: String,
    shared: Arc<Shared>,
    _world: World,
}

struct Shared {
    router: Router,
    mood: AtomicU8,
    asked: AtomicUsize,
    first: std::sync::Mutex<Option<Bytes>>,
}

impl Tsa {
    pub async fn start() -> Self {
        let world = World::new().await;
        let router = server::router::router(world.app.clone(), CancellationToken::new());
        let shared = Arc::new(Shared { router, mood: AtomicU8::new(0), asked: AtomicUsize::new(0), first: std::sync::Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let service = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let (pem, ca) = (world.app.authority.certificate_pem(), world.folder.path().join("tsa-ca.pem"));
        std::fs::write(&ca, &pem).unwrap();
        let lists = format!("http://{address}/crl/{}.der, http://{address}/root.crl.der", world.app.authority.mark());
        Self { url: format!("http://{address}/tsa"), ca, pem, lists, shared, _world: world }
    }

    pub fn is(&self, mood: Mood) {
        self.shared.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let reply = |bytes: Bytes| ([(header::CONTENT_TYPE, "application/timestamp-reply")], bytes).into_response();
    match MOODS[shared.mood.load(Ordering::SeqCst) as usize] {
        Mood::Fails => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::LeadsElsewhere => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/tsa")]).into_response(),
        Mood::Stalls => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            StatusCode::OK.into_response()
        }
        Mood::TalksNonsense => reply(Bytes::from_static(b"\x30\x03\x02\x01\x00")),
        Mood::TalksForever => {
            let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0x30; 4096])));
            Body::from_stream(endless).into_response()
        }
        mood => {
            let response = shared.router.clone().oneshot(request).await.unwrap();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let first = shared.first.lock().unwrap().get_or_insert_with(|| bytes.clone()).clone();
            reply(if mood == Mood::RepeatsItself { first } else { bytes })
        }
    }
}
