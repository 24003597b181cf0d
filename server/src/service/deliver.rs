//! The way back: the creator's mailbox as a page, as an ordered list, and live; beside it, live, what waits for an approver.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use app::desk::News;
use app::model::{Delivery, Mailbox, Page, Waiting};
use futures::Stream;
use futures::stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use crate::App;
use crate::caller::Caller;
use crate::crash::{self, Point};
use crate::error::{Result, invalid_field};
use crate::index::{Viewer, Wake};
use crate::permission::{Permit, ReadOwn, sign_in_required};
use crate::service::{identify, present, watch};

/// How often a stream that nothing wakes looks up whether the server is closing.
const TURN: Duration = Duration::from_secs(1);
/// How often a stream looks into the index though nothing woke it: a wake may be lost between replicas.
const LOOK: Duration = Duration::from_secs(5);

/// Newest first, for the page.
///
/// # Errors
/// When the index does not answer.
pub async fn mailbox(app: &App, permit: Permit<ReadOwn>) -> Result<Mailbox> {
    let rows = app.index.mailbox(&permit.person().id, 200).await?;
    Ok(Mailbox {
        deliveries: rows.deliveries.into_iter().map(present::delivery).collect(),
        unread: u32::try_from(rows.unread).unwrap_or(u32::MAX),
        newest: rows.newest,
    })
}

/// In order after `after`.
///
/// # Errors
/// A bad cursor or limit.
pub async fn list(app: &App, permit: Permit<ReadOwn>, after: Option<&str>, limit: Option<u32>) -> Result<Page<Delivery>> {
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(invalid_field("limit", "A limit is 1 to 200.", "limit 须为 1 至 200。"));
    }
    let page = app.index.deliveries(&permit.person().id, after, limit).await?;
    Ok(Page { items: page.items.into_iter().map(present::delivery).collect(), next: page.next })
}

/// Everything up to `cursor` has arrived.
///
/// # Errors
/// A bad cursor.
pub async fn mark_read(app: &App, permit: Permit<ReadOwn>, cursor: &str) -> Result<()> {
    Ok(crash::step(Point::MailboxRead, app.index.mark_read(&permit.person().id, cursor, app.clock.now())).await?)
}

/// Deliveries in order after `after`, then live; with `inbox` also what waits for the caller, at first and whenever it changes. The index is the
/// truth; a wake only says when to look, so nothing is missed or doubled. Ends within a second after the caller's session or account ended.
///
/// # Errors
/// A bad cursor, before the stream begins.
pub async fn news(
    app: Arc<App>,
    permit: Permit<ReadOwn>,
    caller: Caller,
    after: Option<String>,
    inbox: bool,
) -> Result<impl Stream<Item = Result<News>> + Send + use<>> {
    // Subscribe before the first look, so that nothing falls between.
    let wakes = app.index.subscribe();
    let creator = permit.person().id.clone();
    let first = app.index.deliveries(&creator, after.as_deref(), 100).await?;
    let waiting = first.items.into_iter().map(present::delivery).collect();
    let inbox = inbox.then(|| Inbox { viewer: present::viewer(permit.person()), told: None });
    let now = Instant::now();
    // An inbox is looked at when the stream begins.
    let stale = inbox.is_some();
    let live = Live { app, caller, creator, after, waiting, inbox, wakes, watched: now, looked: now, doubtful: false, stale, told: Told::Nothing };
    Ok(stream::unfold(live, |mut live| async move {
        if matches!(live.told, Told::Delivery | Told::End) {
            crash::after(Point::MailboxSend);
        }
        let item = live.next().await?;
        live.told = match &item {
            Ok(News::Waiting(_)) => Told::Nothing,
            Ok(News::Delivery(_)) => Told::Delivery,
            Err(_) => Told::End,
        };
        if live.told != Told::Nothing {
            crash::before(Point::MailboxSend);
        }
        Some((item, live))
    }))
}

struct Live {
    app: Arc<App>,
    caller: Caller,
    creator: String,
    after: Option<String>,
    waiting: VecDeque<Delivery>,
    inbox: Option<Inbox>,
    wakes: Receiver<Wake>,
    watched: Instant,
    looked: Instant,
    /// The caller's rights may have changed.
    doubtful: bool,
    /// The mailbox may have grown.
    stale: bool,
    told: Told,
}

/// What waits for the caller, where the stream tells of it.
struct Inbox {
    viewer: Viewer,
    /// The mark that was told last.
    told: Option<String>,
}

impl Inbox {
    /// What waits now, when it is not what was told last.
    async fn look(&mut self, app: &App) -> Result<Option<Waiting>> {
        let now = present::waiting(app.index.waiting(&self.viewer).await?);
        let news = self.told.as_ref() != Some(&now.mark);
        self.told = Some(now.mark.clone());
        Ok(news.then_some(now))
    }

    /// The roles may have changed, and with them whose documents wait.
    async fn ask_again(&mut self, app: &App) -> Result<()> {
        if let Some(account) = app.index.account(&self.viewer.account_id).await? {
            self.viewer = present::viewer(&present::person(account));
        }
        Ok(())
    }
}

/// What went out last, when the stream is asked for the next.
#[derive(PartialEq)]
enum Told {
    Nothing,
    Delivery,
    /// An error, which is the last.
    End,
}

impl Live {
    /// The next news; none when the caller is gone.
    async fn next(&mut self) -> Option<Result<News>> {
        if self.told == Told::End {
            return None;
        }
        loop {
            self.hear();
            if self.doubtful || self.watched.elapsed() >= watch::LOOK {
                match identify::still_there(&self.app, &self.caller).await {
                    Ok(true) => {
                        (self.watched, self.doubtful) = (Instant::now(), false);
                        if let Some(inbox) = &mut self.inbox
                            && let Err(error) = inbox.ask_again(&self.app).await
                        {
                            return Some(Err(error));
                        }
                    }
                    Ok(false) => return Some(Err(sign_in_required())),
                    Err(error) => return Some(Err(error)),
                }
            }
            if let Some(delivery) = self.waiting.pop_front() {
                self.after = Some(delivery.cursor.clone());
                return Some(Ok(News::Delivery(delivery)));
            }
            if self.app.closing() {
                return None;
            }
            if self.stale || self.looked.elapsed() >= LOOK {
                (self.looked, self.stale) = (Instant::now(), false);
                match crash::step(Point::MailboxLook, self.app.index.deliveries(&self.creator, self.after.as_deref(), 100)).await {
                    Ok(page) => {
                        // More are there: looked for as soon as these went out.
                        self.stale = page.next.is_some();
                        self.waiting = page.items.into_iter().map(present::delivery).collect();
                    }
                    Err(error) => return Some(Err(error.into())),
                }
                if let Some(inbox) = &mut self.inbox {
                    match inbox.look(&self.app).await {
                        Ok(None) => {}
                        Ok(Some(waiting)) => return Some(Ok(News::Waiting(waiting))),
                        Err(error) => return Some(Err(error)),
                    }
                }
                if !self.waiting.is_empty() {
                    continue;
                }
            }
            self.rest().await;
        }
    }

    /// Waits for word of this mailbox or of its owner's rights, for one turn at most.
    async fn rest(&mut self) {
        let until = Instant::now() + TURN;
        while !self.stale && !self.doubtful {
            match tokio::time::timeout_at(until, self.wakes.recv()).await {
                Ok(Ok(wake)) => self.heard(&wake),
                Ok(Err(RecvError::Lagged(_))) => self.heard(&Wake::All),
                Ok(Err(RecvError::Closed)) => return tokio::time::sleep_until(until).await,
                Err(_) => return,
            }
        }
    }

    /// Takes up what came while deliveries were handed on.
    fn hear(&mut self) {
        loop {
            match self.wakes.try_recv() {
                Ok(wake) => self.heard(&wake),
                Err(TryRecvError::Lagged(_)) => self.heard(&Wake::All),
                Err(_) => return,
            }
        }
    }

    fn heard(&mut self, wake: &Wake) {
        match wake {
            Wake::Account(id) => self.stale |= *id == self.creator,
            Wake::Rights(id) => self.doubtful |= *id == self.creator,
            Wake::All => (self.stale, self.doubtful) = (true, true),
        }
    }
}
