//! Bodies that end when the right to them does.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header;
use axum::response::Response;
use futures::{Stream, StreamExt, stream};

use crate::service::watch::Reading;

/// What goes out between two looks, bytes.
const PIECE: usize = 64 * 1024;

/// The same response, broken off as soon as the right is gone. Its length was announced, so its reader knows that it is not whole.
pub fn while_read(response: Response, reading: Reading) -> Response {
    let length = response.body().size_hint().exact();
    let mut response = response.map(|body| {
        let pieces = std::boxed::Box::pin(pieces(body));
        Body::from_stream(stream::unfold((pieces, reading), |(mut pieces, mut reading)| async move {
            let piece = pieces.next().await?;
            // Asked after the piece came and before it goes: nothing is sent that the caller may not have any more.
            reading.holds().await.then_some((piece, (pieces, reading)))
        }))
    });
    // A stream does not know its length any more.
    if let Some(length) = length.filter(|length| *length > 0) {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    response
}

fn pieces(body: Body) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    body.into_data_stream().flat_map(|chunk| {
        let pieces: Vec<_> = match chunk {
            Ok(bytes) => (0..bytes.len().div_ceil(PIECE)).map(|n| Ok(bytes.slice(n * PIECE..bytes.len().min((n + 1) * PIECE)))).collect(),
            Err(error) => vec![Err(error)],
        };
        stream::iter(pieces)
    })
}
