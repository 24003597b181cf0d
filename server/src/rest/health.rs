//! For those who run it: alive, ready, figures.

use std::sync::Arc;
use std::time::Instant;

use app::model::Lang;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use tokio::sync::Mutex;

use super::problem::{Answer, Problem};
use crate::router::Edge;
use crate::service;

/// Alive: the process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "checkAlive", tag = "operation", security(()), responses((status = 200, content_type = "text/plain", description = "alive")))]
pub async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "alive\n")
}

/// Ready: every database answers and at least one volume takes files. 503 names the part that does not; volumes that take no new files
/// while another does are named behind `ready`, a line each.
#[utoipa::path(get, path = "/readyz", operation_id = "checkReady", tag = "operation", security(()), responses((status = 200, content_type = "text/plain", description = "ready"), (status = 503, body = Problem, content_type = "application/problem+json", description = "store_unavailable or index_unavailable")))]
pub async fn ready(State(edge): State<Edge>, lang: Option<Extension<Lang>>) -> Answer<impl IntoResponse> {
    let lang = lang.map(|Extension(lang)| lang).unwrap_or_default();
    let readiness = edge.readiness.of(service::health::ready(&edge.app)).await;
    if let Some(obstacle) = &readiness.obstacle {
        return Err(obstacle.clone().translate(lang).into());
    }
    let mut text = String::from("ready\n");
    for volume in &readiness.volumes {
        if let Some(why) = volume.why_not() {
            text.push_str(&format!("volume {}: {}\n", volume.name, why.text().pick(lang)));
        }
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], text))
}

/// Figures in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", operation_id = "readMetrics", tag = "operation", security(()), responses((status = 200, content_type = "text/plain", description = "Prometheus text")))]
pub async fn figures(State(edge): State<Edge>) -> impl IntoResponse {
    let readiness = edge.readiness.of(service::health::ready(&edge.app)).await;
    let text = edge.figures.text(readiness.obstacle.is_none(), &readiness.volumes);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text)
}

/// One look at a time, for all who asked before it began: however many ask, the parts are asked one after the other.
#[derive(Debug)]
pub struct Recent<T>(Mutex<Option<(Instant, Arc<T>)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Recent<T> {
    /// What a look finds that began after this was asked: `look`, or that of another who waited as well.
    pub async fn of(&self, look: impl Future<Output = T>) -> Arc<T> {
        let asked = Instant::now();
        let mut known = self.0.lock().await;
        match &*known {
            Some((began, found)) if *began >= asked => found.clone(),
            _ => {
                let began = Instant::now();
                let found = Arc::new(look.await);
                *known = Some((began, found.clone()));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn many_who_ask_share_looks_and_nobody_gets_an_old_one() {
        let (recent, looks) = (Recent::default(), AtomicUsize::new(0));
        let look = || async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            looks.fetch_add(1, Ordering::Relaxed) + 1
        };
        let found = futures::future::join_all((0..100).map(|_| recent.of(look()))).await;
        assert!(looks.load(Ordering::Relaxed) <= 2, "{found:?}");
        let before = looks.load(Ordering::Relaxed);
        assert_eq!(*recent.of(look()).await, before + 1);
    }
}
