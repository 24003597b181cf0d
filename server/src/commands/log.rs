//! Logging: JSON on stderr. No secrets reach it: what could print one is capped below the level that does.

use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::store::LOG_CAPS;

/// For the server: what `SIGNET_LOG` says.
pub fn full(config: &Config) {
    start(&config.log);
    std::panic::set_hook(Box::new(panicked));
}

/// A panic is a line of the log like all else.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, reason = panic.payload_as_str(), "panicked");
}

/// For one-off commands: their own words are on stderr; the log joins only when it is asked for.
pub fn quiet(config: &Config) {
    if std::env::var_os("SIGNET_LOG").is_some_and(|value| !value.is_empty()) {
        start(&config.log);
    }
}

fn start(directives: &str) {
    let mut filter = EnvFilter::builder().parse_lossy(directives);
    for cap in LOG_CAPS {
        filter = filter.add_directive(cap.parse().expect("a directive of our own"));
    }
    // A second call, as in tests, keeps the first.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .try_init();
}
