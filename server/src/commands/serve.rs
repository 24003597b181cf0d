//! `signet serve`: opens all parts, listens, says where, and ends calmly.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::error::Code;
use app::model::Lang;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Failure, Outcome, log, runtime};
use crate::caller::Caller;
use crate::config::Config;
use crate::outage::{self, Why};
use crate::{App, Options, desk, private, router, service};

/// Serve pages and API until SIGTERM or SIGINT
#[derive(clap::Args)]
pub struct Serve {
    /// Make accounts, types and documents to play with, and list the accounts on the sign-in page
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub fn run(self) -> Outcome {
        let config = Config::from_env()?;
        log::full(&config);
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        runtime()?.block_on(self.serve(config))
    }

    async fn serve(self, config: Config) -> Outcome {
        // Signals are caught before anything is opened: one that comes early still closes what is open.
        let closing = closing()?;
        // The address is taken before anything is opened: a second server must not touch what the first has.
        let listen = config.listen;
        if self.demo && !only_here(&config) {
            return Err(Failure::new(format!(
                "--demo has accounts with known passwords and is for this machine alone; SIGNET_LISTEN is {listen} and SIGNET_PUBLIC_URL is {}. \
                 Leave both at their defaults, or start without --demo and add accounts of your own with `signet account add`",
                config.public_base()
            )));
        }
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Failure::new(format!("SIGNET_LISTEN: cannot listen on {listen} ({error}); stop the other program there or choose another port"))
        })?;
        let listener = Arc::new(listener);
        let _alone = alone(&config)?;
        let Some(app) = self.opened(&config, &listener, &closing).await? else { return Ok(()) };
        if self.demo
            && let Err(error) = service::demo::fill(&app).await
        {
            // Without its file server it serves all the same; the documents come with the next start.
            tracing::warn!(%error, "the documents to try were not made");
        }
        let (told, ending) = (closing.clone(), app.clone());
        tokio::spawn(async move {
            tokio::select! { () = told.cancelled() => {}, () = ending.refused.cancelled() => told.cancel() }
            ending.begin_closing();
        });
        let presence = tokio::spawn(service::presence::run(app.clone(), closing.clone()));
        // What a crash left is tidied up at once.
        app.sweeping.notify_one();
        app.typesetting.warm();
        app.raising.notify_one();
        let router = router::router(app.clone(), closing.clone());
        say(&app).await;
        crate::serve::serve(listener, router, app.config.proxies.clone(), closing).await;
        // A panic there is no reason not to close.
        let _ = presence.await;
        app.close().await;
        if app.refused.is_cancelled() { Err(Failure::new("the server ended by itself; the last error in its log says why")) } else { Ok(()) }
    }

    /// Opens all parts. While the index does not answer, the address is served already: it says what is missing, and the start goes on by
    /// itself when the index is there. None where it was told to end before.
    async fn opened(&self, config: &Config, listener: &Arc<TcpListener>, closing: &CancellationToken) -> Result<Option<Arc<App>>, Failure> {
        let open = || crate::build(config.clone(), Options { demo: self.demo, ..Options::default() });
        let may_pass = |error: &crate::error::Error| error.code() == Code::IndexUnavailable;
        let error = match open().await {
            Ok(app) => return Ok(Some(app)),
            Err(error) if may_pass(&error) => error,
            Err(error) => return Err(error.into()),
        };
        tracing::warn!(%error, "waiting for the index");
        println!("Signet waits for its database and goes on by itself when that answers (listening on {})", config.listen);
        let why = Why::new(error);
        let done = closing.child_token();
        let waiting = tokio::spawn(crate::serve::serve(listener.clone(), outage::waiting(why.clone()), config.proxies.clone(), done.clone()));
        let opened = loop {
            tokio::select! { () = closing.cancelled() => break Ok(None), () = tokio::time::sleep(AGAIN) => {} }
            match open().await {
                Ok(app) => break Ok(Some(app)),
                Err(error) if may_pass(&error) => {
                    let told = error.to_string();
                    if why.becomes(error) {
                        tracing::warn!(error = told, "still waiting for the index");
                    }
                }
                Err(error) => break Err(error.into()),
            }
        };
        done.cancel();
        // A panic there is no reason not to serve.
        let _ = waiting.await;
        opened
    }
}

/// Takes what no second server may touch: SQLite files and the embedded file server's folder.
fn alone(config: &Config) -> Result<Vec<File>, Failure> {
    private::folder(&config.data)?;
    // What has no folder to be in is refused by who opens it.
    let files = config.databases.values().filter_map(|url| private::database(url)).filter(|file| file.parent().is_none_or(Path::is_dir));
    Ok(files.chain(config.embedded_store()).map(|path| private::alone(&path)).collect::<crate::error::Result<_>>()?)
}

/// How often a start that waits for its index tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether nobody but this machine reaches the server: no known password may stand open to others.
fn only_here(config: &Config) -> bool {
    let public = match config.public_url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    public && config.listen.ip().is_loopback()
}

/// One line with the address; in demo mode the accounts to try.
async fn say(app: &Arc<App>) {
    println!("Signet serves {} (listening on {})", app.config.public_base(), app.config.listen);
    let nobody = Caller::anonymous(Lang::En, app.config.listen.ip());
    let accounts = desk::for_caller(app.clone(), nobody).demo_accounts().await.unwrap_or_default();
    if !accounts.is_empty() {
        println!("Accounts to try (name, password, part):");
    }
    for account in accounts {
        println!("  {:<16} {:<20} {} · {} / {}", account.login, account.password, account.name, account.part.en, account.part.zh);
    }
}

/// Cancelled at the first SIGTERM or SIGINT; a second one ends the process at once.
fn closing() -> Result<CancellationToken, Failure> {
    let none = |error: std::io::Error| Failure::new(format!("signals cannot be caught ({error})"));
    let mut terminate = signal(SignalKind::terminate()).map_err(none)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(none)?;
    let closing = CancellationToken::new();
    let told = closing.clone();
    tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if again {
                std::process::exit(130);
            }
            tracing::info!("closing: what is under way ends first");
            told.cancel();
        }
    });
    Ok(closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demonstration_is_for_this_machine_alone() {
        let config = |listen: &str, public: &str| {
            let values = [("SIGNET_LISTEN", listen), ("SIGNET_PUBLIC_URL", public)];
            Config::read(&values.map(|(name, value)| (name.to_owned(), value.to_owned())).into()).expect("valid values")
        };
        assert!(only_here(&config("127.0.0.1:3000", "")));
        assert!(only_here(&config("127.0.0.1:3000", "http://localhost:3000")));
        assert!(only_here(&config("[::1]:3000", "http://[::1]:3000")));
        assert!(!only_here(&config("0.0.0.0:3000", "")));
        assert!(!only_here(&config("127.0.0.1:3000", "https://signet.example")));
    }
}
