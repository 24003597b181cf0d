//! Which server functions there are, and the media type of what each reads.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use axum::body::Body;
use axum::http::{Request, Response};
use leptos::server_fn::axum::register_explicit;
use leptos::server_fn::codec::Json;
use leptos::server_fn::server::Server;
use leptos::server_fn::{ContentType, Http, ServerFn};

use super::wire::Wire;

static MEDIA_TYPES: RwLock<BTreeMap<&'static str, &'static str>> = RwLock::new(BTreeMap::new());

/// A protocol whose questions have one media type.
pub(super) trait Asks {
    const MEDIA_TYPE: &'static str;
}

impl Asks for Wire {
    const MEDIA_TYPE: &'static str = Json::CONTENT_TYPE;
}

impl<Question: ContentType, Output> Asks for Http<Question, Output> {
    const MEDIA_TYPE: &'static str = Question::CONTENT_TYPE;
}

/// Registers a server function.
pub(super) fn function<F>()
where
    F: ServerFn<Server: Server<F::Error, F::InputStreamError, F::OutputStreamError, Request = Request<Body>, Response = Response<Body>>> + 'static,
    F::Protocol: Asks,
{
    register_explicit::<F>();
    MEDIA_TYPES.write().unwrap_or_else(PoisonError::into_inner).insert(F::PATH, F::Protocol::MEDIA_TYPE);
}

/// Every server function's path and the media type it takes.
pub fn functions() -> Vec<(&'static str, &'static str)> {
    MEDIA_TYPES.read().unwrap_or_else(PoisonError::into_inner).iter().map(|(path, takes)| (*path, *takes)).collect()
}

/// The one media type that the server function of this path takes; none where there is none.
pub fn media_type(path: &str) -> Option<&'static str> {
    MEDIA_TYPES.read().unwrap_or_else(PoisonError::into_inner).get(path).copied()
}
