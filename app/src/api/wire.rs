//! How calls travel: JSON both ways. The browser's half is one request for all calls, so that the module stays small.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::Method;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::{Json, Post};
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::redirect::call_redirect_hook;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::server::Server;
use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType, Http, Protocol};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{AppError, AppResult};

/// JSON in the body, JSON in the answer.
pub struct Wire;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, AppError> for Wire
where
    Http<Json, Json>: Protocol<Input, Output, C, S, AppError>,
    Input: Serialize + Send,
    Output: DeserializeOwned + Send,
    C: Client<AppError>,
    S: Server<AppError>,
{
    const METHOD: Method = Method::POST;

    fn run_server<F, Fut>(request: S::Request, server_fn: F) -> impl Future<Output = Result<S::Response, AppError>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, AppError>> + Send,
    {
        <Http<Json, Json> as Protocol<Input, Output, C, S, AppError>>::run_server(request, server_fn)
    }

    fn run_client(path: &str, input: Input) -> impl Future<Output = Result<Output, AppError>> + Send {
        let answer = ask::<C>(path.to_owned(), serde_json::to_string(&input));
        async move { read(&answer.await?) }
    }
}

/// Sends one call and waits for its answer's text. Boxed: every call holds the same small future.
fn ask<C: Client<AppError>>(path: String, body: serde_json::Result<String>) -> Pin<Box<dyn Future<Output = AppResult<String>> + Send>> {
    Box::pin(async move {
        let body = body.map_err(|error| AppError::from_server_fn_error(ServerFnErrorErr::Serialization(error.to_string())))?;
        let request = C::Request::try_new_post(&path, Text::CONTENT_TYPE, Text::CONTENT_TYPE, body)?;
        let response = C::send(request).await?;
        let (status, location, redirected) = (response.status(), response.location(), response.has_redirect());
        if (400..=599).contains(&status) {
            return Err(AppError::de(response.try_into_bytes().await?));
        }
        let text = response.try_into_string().await?;
        if (300..=399).contains(&status) || redirected {
            call_redirect_hook(&location);
        }
        Ok(text)
    })
}

fn read<T: DeserializeOwned>(text: &str) -> AppResult<T> {
    serde_json::from_str(text).map_err(|error| AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string())))
}

/// JSON read as text, as the values in the page are: one reader for both instead of one each.
pub struct Text;

/// An answer in that encoding, for calls whose question is a form.
pub type TextAnswer = Post<Text>;

impl ContentType for Text {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Text {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Text {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Text {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        // What is no text is no JSON either: the empty text says so.
        serde_json::from_str(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}
