//! The door: permission, then one service, then the error in the caller's language, logged once. What writes runs to its end in a
//! task of its own, also when the browser goes away.

mod admin;
mod approvals;
mod documents;
mod keys;
mod mailbox;
mod seals;
mod session;
mod types;

use std::future::Future;
use std::sync::Arc;

use app::error::AppResult;
use app::model::{Number, TypeCode};

use crate::App;
use crate::caller::{Caller, Person};
use crate::error::{Result, internal, not_found};
use crate::index::DocumentRow;
use crate::permission::{self, Act, Permit, Subject, TypeTie};
use crate::service::catalog::{self, Type};
use crate::service::{find, present};

/// The door for one caller.
#[derive(Clone)]
struct Desk {
    app: Arc<App>,
    caller: Caller,
}

/// The door for one caller.
pub fn for_caller(app: Arc<App>, caller: Caller) -> Arc<dyn app::desk::Desk> {
    Arc::new(Desk { app, caller })
}

impl Desk {
    /// Reads: runs as part of the request and ends with it.
    async fn read<T>(&self, act: &'static str, work: impl Future<Output = Result<T>> + Send) -> AppResult<T> {
        self.told(act, work.await)
    }

    /// Writes: runs in a task that the request only awaits.
    async fn write<T, F>(&self, act: &'static str, work: impl FnOnce(Desk) -> F) -> AppResult<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let done = tokio::spawn(work(self.clone())).await;
        self.told(act, done.unwrap_or_else(|panic| Err(internal(panic))))
    }

    fn told<T>(&self, act: &'static str, outcome: Result<T>) -> AppResult<T> {
        outcome.map_err(|error| {
            error.log(act);
            error.translate(self.caller.lang)
        })
    }

    fn person(&self) -> Result<&Person> {
        self.caller.account.as_ref().ok_or_else(permission::sign_in_required)
    }

    /// Leave to do something with one's own things or the whole system.
    fn own<V: Act>(&self) -> Result<Permit<V>> {
        permission::permit(&self.caller, Subject::Nothing)
    }

    /// A document with leave to do `V` with it.
    async fn with<V: Act>(&self, number: &Number) -> Result<(Permit<V>, DocumentRow)> {
        let person = self.person()?;
        let row = find::row(&self.app, person, number).await?;
        let permit = permission::permit(&self.caller, Subject::Document(present::standing(&row, person)))?;
        Ok((permit, row))
    }

    /// A type with leave to do `V` with it.
    async fn of_type<V: Act>(&self, code: &TypeCode) -> Result<(Permit<V>, Type)> {
        let person = self.person()?;
        let known = catalog::known(&self.app, code).await?.ok_or_else(not_found)?;
        let permit = permission::permit(&self.caller, Subject::Type(TypeTie::of(person, &known.definition)))?;
        Ok((permit, known))
    }
}
