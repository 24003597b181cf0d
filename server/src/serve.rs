//! The listening side: connections with time limits, a bound on how many there are, and a calm end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::caller::household;
use crate::patient::Patient;
use crate::places::Places;

/// Serves until `closing` is cancelled; then lets what is under way end, for at most ten seconds. `proxies` may hold any number of connections,
/// any other address a share.
pub async fn serve(listener: Arc<TcpListener>, router: Router, proxies: Vec<IpAddr>, closing: CancellationToken) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let shares = Places::new(MOST_OF_ONE);
    let mut connections = JoinSet::new();
    let mut warned = None;
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = closing.cancelled() => break,
            accepted = next(&listener, &room) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { break };
        let address = peer.ip().to_canonical();
        let share = if address.is_loopback() || proxies.contains(&address) { None } else { Some(shares.take(household(address))) };
        if matches!(share, Some(None)) {
            if warned.is_none_or(|at: Instant| at.elapsed() > Duration::from_mins(1)) {
                warned = Some(Instant::now());
                tracing::warn!(%address, most = MOST_OF_ONE, "an address has too many connections; a proxy is named by SIGNET_PROXIES");
            }
            continue;
        }
        let connection = connection(stream, peer, router.clone(), closing.clone());
        connections.spawn(async move {
            connection.await;
            drop((place, share));
        });
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(10), ended).await.is_err() {
        connections.shutdown().await;
    }
}

/// The next connection, once there is room for it. A machine out of file handles gets a moment to find some.
async fn next(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = room.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, place)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, closing: CancellationToken) {
    // Answers are small and many; waiting to fill packets only delays them. A socket that refuses works all the same.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    // HTTP/1 alone: without TLS no browser speaks HTTP/2, and then the limit on headers holds from the first byte on.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(15)).max_headers(100);
    let served = builder.serve_connection(TokioIo::new(Patient::new(stream, TAKES_NOTHING)), TowerToHyperService::new(service));
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

const MOST_CONNECTIONS: usize = 4096;
/// An office behind one address has hundreds of open pages.
const MOST_OF_ONE: usize = 1024;
/// A client that takes no byte for so long has gone, or never meant to read.
const TAKES_NOTHING: Duration = Duration::from_mins(5);
