//! Table `account_changes`: whose rights or sign-ins changed, so that every replica ends what rests on them at once. And table `turns`.
//!
//! A replica asks one short question several times a second, however many streams it has open; only the streams of an account that
//! changed ask further. Positions are taken by a locked update in the transaction of the change, so they become visible in order.

use sqlx::AnyConnection;

use super::connect::Kind;
use super::error::IndexError;
use super::live::Wake;
use super::sql::{Columns, sql};
use super::{Index, intents};

const COUNTER: &str = "account changes";

impl Index {
    /// Tells this process's streams whose rights changed since `after`, and gives the position reached. Without `after` only that.
    pub async fn announce_changes(&self, after: Option<u64>) -> Result<u64, IndexError> {
        let connection = &mut *self.main().connection().await?;
        let Some(after) = after else {
            let row = sql("SELECT value FROM counters WHERE name = $1").bind(COUNTER).row(connection).await?;
            return row.map_or(Ok(0), |row| row.count("value"));
        };
        let mut reached = after;
        for row in sql("SELECT position, account FROM account_changes WHERE position > $1 ORDER BY position LIMIT 500").bind(after).rows(connection).await? {
            reached = row.count("position")?;
            self.0.live.sender().send(Wake::Rights(row.text("account")?)).ok();
        }
        Ok(reached)
    }

    /// The counter of changes, and what it has reached at least: the last position that is still kept. After some minutes without a change
    /// none is.
    pub async fn last_change(&self) -> Result<Option<(&'static str, i64)>, IndexError> {
        let last = sql("SELECT MAX(position) AS last FROM account_changes").row(&mut *self.main().connection().await?).await?;
        Ok(last.map(|row| row.maybe_int("last")).transpose()?.flatten().map(|last| (COUNTER, last)))
    }

    /// Tells every stream of this process to look again: nobody can say what changed.
    pub fn announce_doubt(&self) {
        self.0.live.sender().send(Wake::All).ok();
    }

    /// Notes that a server is there, for `believed` milliseconds, and forgets those that have not been for a day.
    pub async fn be_present(&self, name: &str, now: i64, believed: i64) -> Result<(), IndexError> {
        let name = name.to_owned();
        self.main()
            .write(move |connection| {
                let name = name.clone();
                std::boxed::Box::pin(async move {
                    sql("INSERT INTO turns (name, until) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET until = excluded.until")
                        .bind(name)
                        .bind(now + believed)
                        .execute(connection)
                        .await?;
                    sql("DELETE FROM turns WHERE name LIKE 'serve %' AND until < $1").bind(now - 24 * 60 * 60 * 1000).execute(connection).await.map(drop)
                })
            })
            .await
    }

    /// Notes that it is there no more.
    pub async fn be_absent(&self, name: &str) -> Result<(), IndexError> {
        let name = name.to_owned();
        self.main()
            .write(move |connection| {
                let statement = sql("DELETE FROM turns WHERE name = $1").bind(&name);
                std::boxed::Box::pin(async move { statement.execute(connection).await.map(drop) })
            })
            .await
    }

    /// Until when a server is believed to be there.
    pub async fn present(&self, now: i64) -> Result<Option<i64>, IndexError> {
        let row = sql("SELECT until FROM turns WHERE name LIKE 'serve %' AND until > $1 ORDER BY until DESC LIMIT 1");
        let row = row.bind(now).row(&mut *self.main().connection().await?).await?;
        row.map(|row| row.int("until")).transpose()
    }

    /// Takes a piece of work in hand until `until`; false where another replica has it. One that is in hand ten minutes beyond that was taken
    /// by a clock that ran ahead.
    pub async fn take_turn(&self, name: &'static str, now: i64, until: i64) -> Result<bool, IndexError> {
        self.main()
            .write(move |connection| {
                let statement =
                    sql("INSERT INTO turns (name, until) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE turns.until <= $3 OR turns.until > $4")
                        .bind(name)
                        .bind(until)
                        .bind(now)
                        .bind(until + 600_000);
                std::boxed::Box::pin(async move { Ok(statement.execute(connection).await? == 1) })
            })
            .await
    }
}

/// Notes that an account's rights or sign-ins changed, in the transaction that changes them.
pub(super) async fn record(connection: &mut AnyConnection, account: &str) -> Result<(), IndexError> {
    let position = intents::next(connection, COUNTER).await?;
    let row = format!("INSERT INTO account_changes (position, account, at) VALUES ($1, $2, {})", Kind::of(connection).clock());
    sql(row).bind(position).bind(account).execute(connection).await.map(drop)
}
