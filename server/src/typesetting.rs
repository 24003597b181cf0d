//! Whose turn it is to typeset: documents always find a place, previews take what is left, and nobody's previews hold up another's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use app::error::Code;
use bytes::Bytes;
use render::ink::Ink;
use render::{TemplateError, TypesetError, Typesetter};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::App;
use crate::error::{Error, Result, internal};

/// Previews of one account that wait for their turn; one more is refused.
const WAITING: usize = 64;
/// How often workers that nobody needs are looked for.
const LOOK: Duration = Duration::from_secs(30);

/// What is laid out.
pub struct Layout {
    /// The template.
    pub template: String,
    /// What it reads as `data.json`.
    pub data: Value,
    /// What else it reads: name, bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Its day and time, unix seconds.
    pub clock: i64,
}

/// Workers and the places at them.
pub struct Typesetting {
    workers: Typesetter,
    places: Arc<Semaphore>,
    previews: Arc<Semaphore>,
    accounts: Mutex<HashMap<String, Arc<Turn>>>,
}

/// One account's previews, one after the other.
struct Turn(Arc<Semaphore>);

impl Typesetting {
    /// So many places, two at least, and one of them never for previews.
    pub fn new(workers: Typesetter, places: usize) -> Self {
        Self { workers, places: Arc::new(Semaphore::new(places)), previews: Arc::new(Semaphore::new(places - 1)), accounts: Mutex::default() }
    }

    /// Starts the first worker.
    pub fn warm(&self) {
        self.workers.warm();
    }

    /// The PDF of a document.
    ///
    /// # Errors
    /// When no process can be had; inside: what is wrong with the template.
    pub async fn document(&self, layout: Layout) -> Result<std::result::Result<Vec<u8>, TemplateError>> {
        self.run((), move |workers| laid_out(workers, &layout)).await
    }

    /// The PDF of something that is only shown, for `account`.
    ///
    /// # Errors
    /// As [`Self::document`]; too many of the account's previews are waiting.
    pub async fn preview(&self, account: &str, layout: Layout) -> Result<std::result::Result<Vec<u8>, TemplateError>> {
        let turn = self.in_turn(account).await?;
        self.run(turn, move |workers| laid_out(workers, &layout)).await
    }

    /// A template that nobody has tried yet: where it has to be ended, its line is looked for.
    ///
    /// # Errors
    /// As [`Self::preview`].
    pub async fn trial(&self, account: &str, layout: Layout) -> Result<std::result::Result<Vec<u8>, TemplateError>> {
        let turn = self.in_turn(account).await?;
        self.run(turn, move |workers| workers.tried(&layout.template, &layout.data, &named(&layout.files), layout.clock)).await
    }

    /// Where page `page` of a PDF is printed, 0 is the first; none where that cannot be found out. For a preview its account is named.
    ///
    /// # Errors
    /// When no process can be had; too many of the account's previews are waiting.
    pub async fn ink(&self, account: Option<&str>, pdf: Bytes, page: usize) -> Result<Option<Ink>> {
        let turn = match account {
            Some(account) => Some(self.in_turn(account).await?),
            None => None,
        };
        let ink = self.run(turn, move |workers| workers.drawn(&pdf, page)).await?;
        Ok(ink.unwrap_or_default())
    }

    /// The account's turn and a place for previews.
    async fn in_turn(&self, account: &str) -> Result<impl Send + use<>> {
        let turn = self.turn(account).ok_or_else(too_many)?;
        let first = turn.0.clone().acquire_owned().await.map_err(internal)?;
        let place = self.previews.clone().acquire_owned().await.map_err(internal)?;
        Ok((place, first, turn))
    }

    /// None where the account has too many already.
    fn turn(&self, account: &str) -> Option<Arc<Turn>> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        // Only whoever has a preview is remembered.
        accounts.retain(|_, turn| Arc::strong_count(turn) > 1);
        let turn = accounts.entry(account.to_owned()).or_insert_with(|| Arc::new(Turn(Arc::new(Semaphore::new(1))))).clone();
        (Arc::strong_count(&turn) <= WAITING + 2).then_some(turn)
    }

    /// `held` is given back when the work is done, not when the caller went away.
    async fn run<T: Send + 'static>(
        &self,
        held: impl Send + 'static,
        work: impl FnOnce(&Typesetter) -> std::result::Result<T, TypesetError> + Send + 'static,
    ) -> Result<std::result::Result<T, TemplateError>> {
        let (workers, place) = (self.workers.clone(), self.places.clone().acquire_owned().await.map_err(internal)?);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work(&workers);
            drop((place, held));
            outcome
        });
        match done.await.map_err(internal)? {
            Ok(made) => Ok(Ok(made)),
            Err(TypesetError::Template(error)) => Ok(Err(error)),
            Err(error @ TypesetError::Unavailable(_)) => Err(internal(error)),
        }
    }
}

/// Ends workers that nobody needs, until the app is gone.
pub async fn run(app: Weak<App>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(app) = app.upgrade() else { return };
        app.typesetting.workers.rest();
    }
}

fn laid_out(workers: &Typesetter, layout: &Layout) -> std::result::Result<Vec<u8>, TypesetError> {
    workers.pdf(&layout.template, &layout.data, &named(&layout.files), layout.clock)
}

fn named(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

fn too_many() -> Error {
    let (en, zh) = (
        "Too many previews of yours are waiting for their turn; this one was not made. Nothing is lost.",
        "您有过多预览正在排队，本次预览未生成，内容没有丢失。",
    );
    Error::new(Code::TooManyTries, en, zh).next("Wait until the earlier ones have come, then look again.", "请等待之前的预览完成后再试。")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_accounts_previews_wait_for_each_other_and_nobody_elses_for_them() {
        let typesetting = Typesetting::new(Typesetter::new("/nowhere".into(), "typeset"), 2);
        let held: Vec<_> = (0..=WAITING).map(|_| typesetting.turn("li").expect("a place")).collect();
        assert!(typesetting.turn("li").is_none() && typesetting.turn("wang").is_some());
        let _first = held[0].0.clone().try_acquire_owned().expect("nobody is before");
        assert!(held[1].0.try_acquire().is_err());
        drop(held);
        assert!(typesetting.turn("li").is_some());
        assert_eq!(typesetting.accounts.lock().expect("not poisoned").len(), 1, "those who have none are forgotten");
    }

    #[tokio::test]
    async fn without_processes_there_is_an_error_and_no_wait() {
        let typesetting = Typesetting::new(Typesetter::new("/nowhere".into(), "typeset"), 2);
        assert_eq!(typesetting.document(layout()).await.unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn whoever_goes_away_keeps_the_place_until_the_work_is_done() {
        // Two processes, one after the other, that end after a second without a word.
        let typesetting = Typesetting::new(Typesetter::new("/bin/sleep".into(), "1"), 2);
        assert!(tokio::time::timeout(Duration::from_millis(100), typesetting.preview("li", layout())).await.is_err());
        assert_eq!((typesetting.previews.available_permits(), typesetting.places.available_permits()), (0, 1));
        let next = tokio::time::timeout(Duration::from_secs(20), typesetting.previews.acquire()).await;
        assert!(next.is_ok(), "the place comes back with the end of the work");
    }

    fn layout() -> Layout {
        Layout { template: "x".into(), data: Value::Null, files: Vec::new(), clock: 0 }
    }
}
