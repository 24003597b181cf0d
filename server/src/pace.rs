//! Bodies must keep coming: one that drips is given up, however regularly it does, and its caller told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

/// So long a body may take from its first byte to its last, and a second more for each so many bytes that came; and so long it may be silent.
const PATIENCE: Duration = Duration::from_secs(20);
const A_SECOND: usize = 16 * 1024;

/// Gives up what comes too slowly: 408, whatever the handler made of its broken body.
pub async fn keep(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let slow = Arc::new(AtomicBool::new(false));
    let seen = slow.clone();
    let response = next.run(request.map(|body| Body::from_stream(paced(body, PATIENCE, seen)))).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && slow.load(Ordering::Relaxed) { StatusCode::REQUEST_TIMEOUT.into_response() } else { response }
}

/// The same bytes, broken off where they are late; `slow` is set then.
fn paced(body: Body, patience: Duration, slow: Arc<AtomicBool>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    let begun = Instant::now();
    stream::unfold((body.into_data_stream(), 0), move |(mut pieces, came)| {
        let slow = slow.clone();
        async move {
            let late = (begun + patience + Duration::from_secs((came / A_SECOND) as u64)).min(Instant::now() + patience);
            match timeout_at(late, pieces.next()).await {
                Ok(piece) => {
                    let piece = piece?;
                    let came = came + piece.as_ref().map_or(0, Bytes::len);
                    Some((piece, (pieces, came)))
                }
                Err(late) => {
                    slow.store(true, Ordering::Relaxed);
                    Some((Err(axum::Error::new(late)), (Body::empty().into_data_stream(), came)))
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(pause: u64, pieces: usize, size: usize) -> (usize, bool) {
        let drips = stream::unfold(0, move |n| async move {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            (n < pieces).then(|| (Ok::<_, axum::Error>(Bytes::from(vec![b'x'; size])), n + 1))
        });
        let slow = Arc::new(AtomicBool::new(false));
        let came: Vec<_> = paced(Body::from_stream(drips), Duration::from_millis(300), slow.clone()).collect().await;
        (came.iter().flatten().map(Bytes::len).sum(), slow.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_dripping_body_is_given_up_and_a_slow_line_is_not() {
        assert_eq!(read(1, 10, 1).await, (10, false), "a little");
        let (came, slow) = read(30, 60, 1).await;
        assert!(slow && came <= 10, "drop by drop: {came}");
        assert_eq!(read(30, 60, 20_000).await, (1_200_000, false), "a slow line");
        assert_eq!(read(400, 1, 1).await, (0, true), "nothing for long");
    }
}
