//! The mailbox: deliveries in order, live, and confirmed.

use std::convert::Infallible;
use std::time::Duration;

use app::desk::News;
use app::error::Code;
use app::model::{Delivery, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};

use super::door::{Asked, Door, Sent, checked_limit};
use super::problem::{Answer, Problem};
use crate::router::Edge;

/// Where to go on from.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    after: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Where to go on from, and what else to tell.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listening {
    after: Option<String>,
    cursor: Option<String>,
    inbox: Option<u8>,
}

/// Results for the caller, in the order they became true.
#[utoipa::path(get, path = "/api/v1/mailbox", operation_id = "listMailbox", tag = "mailbox",
    params(("after" = Option<String>, Query, description = "A delivery's cursor; from the start where absent"), ("limit" = Option<u32>, Query, description = "1 to 200, 50 where absent"), ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Delivery>, description = "One page")))]
pub async fn list(door: Door, Asked(asked): Asked<After>) -> Answer<Json<Page<Delivery>>> {
    let limit = checked_limit(door.lang, asked.limit)?;
    Ok(Json(door.desk.deliveries(asked.cursor.or(asked.after), Some(limit)).await?))
}

/// The same as Server-Sent Events: each has its cursor as `id` and the delivery as JSON `data`. With `inbox=1` also events of the name `inbox`, at
/// first and whenever others wait for the caller's decision than before: `{"count","mark"}`.
#[utoipa::path(get, path = "/api/v1/mailbox/stream", operation_id = "streamMailbox", tag = "mailbox",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last cursor seen; goes before `after`"), ("after" = Option<String>, Query, description = "A delivery's cursor"),
           ("inbox" = Option<u8>, Query, description = "1: also how many documents wait for the caller")),
    responses((status = 200, content_type = "text/event-stream", description = "Deliveries as they come; a comment at least every 15 seconds"),
              (status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: 32 streams of the account are open")))]
pub async fn stream(
    door: Door,
    State(edge): State<Edge>,
    Asked(asked): Asked<Listening>,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty()).map(str::to_owned);
    door.signed_in()?;
    let place = edge.streams.take(door.account.clone().unwrap_or_default()).ok_or_else(|| {
        let problem = Problem::edge(door.lang, Code::TooManyTries, "You have too many open streams.", "您打开的实时连接过多。");
        problem.with_next(door.lang.pick("Close some pages or programs, then try again.", "请关闭部分页面或程序后重试。"))
    })?;
    let news = door.desk.news(last.or(asked.after).or(asked.cursor), asked.inbox == Some(1)).await?;
    // The first comment reaches the client at once, so that it knows the stream is open; an error ends the stream and the client comes
    // back with what it saw last, to be told why.
    let open = futures::stream::once(std::future::ready(Ok(Event::default().comment("open").retry(Duration::from_secs(2)))));
    let events = news.map(|one| one.ok().and_then(event)).take_while(|event| std::future::ready(event.is_some())).filter_map(std::future::ready).map(Ok);
    let closing = edge.closing.clone();
    let ended = async move {
        closing.cancelled().await;
        // Held as long as the stream.
        drop(place);
    };
    let events = open.chain(events).take_until(ended);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("alive")))
}

/// Confirms that everything up to a cursor has arrived.
#[utoipa::path(post, path = "/api/v1/mailbox/read", operation_id = "markMailboxRead", tag = "mailbox", request_body = Arrived,
    responses((status = 204, description = "Confirmed"), (status = 422, body = Problem, content_type = "application/problem+json", description = "invalid_input")))]
pub async fn read(door: Door, Sent(arrived): Sent<Arrived>) -> Answer<StatusCode> {
    door.desk.mark_read(arrived.cursor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far the caller has come.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// The last delivery's cursor.
    cursor: String,
}

fn event(news: News) -> Option<Event> {
    match news {
        News::Delivery(delivery) => Event::default().id(&delivery.cursor).json_data(&delivery).ok(),
        // Without an id: whoever comes back goes on after the last delivery.
        News::Waiting(waiting) => Event::default().event("inbox").json_data(&waiting).ok(),
    }
}
