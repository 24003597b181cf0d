//! Server functions: one call each through the desk, named by stable paths under `/rpc`.

#![expect(missing_docs, reason = "the macro turns arguments into fields, which cannot carry docs")]

pub mod admin;
pub mod approvals;
pub mod documents;
pub mod keys;
pub mod mailbox;
#[cfg(feature = "ssr")]
mod registry;
pub mod seals;
pub mod session;
pub mod types;
pub mod wire;

#[cfg(feature = "ssr")]
use std::sync::Arc;

use std::future::poll_fn;
use std::pin::pin;

use futures_core::Stream;
use leptos::server_fn::codec::ByteStream;

#[cfg(feature = "ssr")]
use crate::desk::{Desk, DeskHandle};
#[cfg(feature = "ssr")]
use crate::error::Code;
use crate::error::{AppError, AppResult};

#[cfg(feature = "ssr")]
pub use registry::{functions, media_type};

/// The caller's desk, which the server binds to each request.
#[cfg(feature = "ssr")]
fn desk() -> AppResult<Arc<dyn Desk>> {
    leptos::prelude::use_context::<DeskHandle>().map(|handle| handle.0).ok_or_else(|| AppError::new(Code::Internal, "The request reached no desk."))
}

/// Gives the response the error's own HTTP status, so that logs and proxies see what people see.
#[cfg(feature = "ssr")]
fn answer<T>(result: AppResult<T>) -> AppResult<T> {
    if let (Err(error), Some(response)) = (&result, leptos::prelude::use_context::<leptos_axum::ResponseOptions>())
        && let Ok(status) = axum::http::StatusCode::from_u16(error.code.status())
    {
        response.set_status(status);
    }
    result
}

/// Gathers a streamed answer.
pub async fn collect(stream: ByteStream<AppError>) -> AppResult<Vec<u8>> {
    let mut stream = pin!(stream.into_inner());
    let mut bytes = Vec::new();
    while let Some(chunk) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

/// A whole answer as a stream of one chunk: bytes travel as bytes.
#[cfg(feature = "ssr")]
fn once(bytes: bytes::Bytes) -> ByteStream<AppError> {
    struct Once(Option<bytes::Bytes>);
    impl Stream for Once {
        type Item = Result<bytes::Bytes, AppError>;
        fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.take().map(Ok))
        }
    }
    ByteStream::new(Once(Some(bytes)))
}

/// Registers every server function by name, so that none depends on what the linker keeps.
#[cfg(feature = "ssr")]
pub fn register() {
    session::register();
    documents::register();
    approvals::register();
    mailbox::register();
    keys::register();
    seals::register();
    types::register();
    admin::register();
}
