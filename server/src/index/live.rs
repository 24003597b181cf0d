//! Wakes for those who wait on a mailbox or rest on a right: in the process, and across replicas by PostgreSQL's NOTIFY.
//!
//! A wake carries no content and may be missed; whoever is woken reads the index from its own place on.

use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

use super::error::IndexError;
use super::sql::sql;

const CHANNEL: &str = "signet_mailbox";

/// Whose mailbox grew, or whose rights changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// This account's.
    Account(String),
    /// This account's rights or sign-ins changed.
    Rights(String),
    /// Perhaps anyone's: the connection that brings news was away for a while.
    All,
}

pub(super) struct Live {
    sender: broadcast::Sender<Wake>,
    listeners: Vec<AbortHandle>,
}

impl Live {
    /// Starts one listener for each PostgreSQL database.
    pub fn start(databases: &[(String, String)]) -> Self {
        let (sender, _) = broadcast::channel(1024);
        let listeners = databases
            .iter()
            .filter(|(_, url)| url.starts_with("postgres"))
            .map(|(_, url)| tokio::spawn(listen(url.clone(), sender.clone())).abort_handle())
            .collect();
        Self { sender, listeners }
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.sender.subscribe()
    }

    pub fn sender(&self) -> broadcast::Sender<Wake> {
        self.sender.clone()
    }

    pub fn stop(&self) {
        self.listeners.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Tells the other replicas, at the moment the transaction commits.
pub(super) async fn notify(connection: &mut AnyConnection, account: &str) -> Result<(), IndexError> {
    if connection.backend_name() == "PostgreSQL" {
        sql("SELECT CAST(pg_notify($1, $2) AS TEXT) AS told").bind(CHANNEL).bind(account).rows(connection).await?;
    }
    Ok(())
}

async fn listen(url: String, sender: broadcast::Sender<Wake>) {
    loop {
        if let Ok(mut listener) = PgListener::connect(&url).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // No one may be subscribed; that is no error.
            sender.send(Wake::All).ok();
            loop {
                match listener.try_recv().await {
                    Ok(Some(news)) => sender.send(Wake::Account(news.payload().to_owned())).ok(),
                    // The connection was lost and is being made anew: what happened meanwhile is only in the index.
                    Ok(None) => sender.send(Wake::All).ok(),
                    Err(_) => break,
                };
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
