//! Figures for Prometheus: how many requests ended how, how long they took, how much memory is held.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use crate::store::{StoreError, VolumeState};

/// Counts since the start.
#[derive(Default)]
pub struct Figures(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    requests: BTreeMap<(&'static str, u16), u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
    count: u64,
}

/// Upper bounds in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0];

impl Figures {
    /// Counts one answered request.
    pub fn count(&self, method: &http::Method, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *counts.requests.entry((known(method), status)).or_default() += 1;
        counts.seconds += seconds;
        counts.count += 1;
        for (bound, bucket) in BOUNDS.iter().zip(&mut counts.buckets) {
            if seconds <= *bound {
                *bucket += 1;
            }
        }
    }

    /// The text format, version 0.0.4.
    pub fn text(&self, ready: bool, volumes: &[VolumeState]) -> String {
        let counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut text = String::from("# HELP signet_requests_total Requests by method and status.\n# TYPE signet_requests_total counter\n");
        for ((method, status), count) in &counts.requests {
            let _ = writeln!(text, "signet_requests_total{{method=\"{method}\",status=\"{status}\"}} {count}");
        }
        text.push_str("# HELP signet_request_seconds Time from request to response headers.\n# TYPE signet_request_seconds histogram\n");
        for (bound, bucket) in BOUNDS.iter().zip(counts.buckets) {
            let _ = writeln!(text, "signet_request_seconds_bucket{{le=\"{bound}\"}} {bucket}");
        }
        let _ = writeln!(
            text,
            "signet_request_seconds_bucket{{le=\"+Inf\"}} {0}\nsignet_request_seconds_sum {1}\nsignet_request_seconds_count {0}",
            counts.count, counts.seconds
        );
        let _ = writeln!(text, "# HELP signet_ready Whether store and index are reachable.\n# TYPE signet_ready gauge\nsignet_ready {}", u8::from(ready));
        text.push_str(&of_volumes(volumes));
        if let Some(bytes) = resident_bytes() {
            let _ = writeln!(
                text,
                "# HELP process_resident_memory_bytes Memory held.\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {bytes}"
            );
        }
        text
    }
}

/// Which volumes take new files, and why the others do not.
fn of_volumes(volumes: &[VolumeState]) -> String {
    let mut text = String::from("# HELP signet_volume_takes_files Whether new files go to this volume.\n# TYPE signet_volume_takes_files gauge\n");
    for volume in volumes {
        let why = volume.why_not().map_or("", StoreError::kind);
        let _ = writeln!(text, "signet_volume_takes_files{{volume=\"{}\",why_not=\"{why}\"}} {}", volume.name, u8::from(why.is_empty()));
    }
    text
}

/// Methods anyone may invent must not make new series.
fn known(method: &http::Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].into_iter().find(|name| method == *name).unwrap_or("other")
}

/// Linux: the second value of `statm`, in pages of 4 KiB.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_strange_methods_share_one_series() {
        let figures = Figures::default();
        figures.count(&http::Method::GET, 200, Duration::from_millis(20));
        let full = VolumeState {
            name: "archive2".parse().expect("a name"),
            address: String::new(),
            answer: Err(StoreError::Full { cause: String::new() }),
            drained: None,
        };
        figures.count(&http::Method::from_bytes(b"BREW").expect("a token"), 405, Duration::from_secs(20));
        let text = figures.text(true, &[full]);
        for line in [
            "signet_requests_total{method=\"GET\",status=\"200\"} 1",
            "signet_requests_total{method=\"other\",status=\"405\"} 1",
            "signet_request_seconds_bucket{le=\"0.025\"} 1",
            "signet_request_seconds_bucket{le=\"10\"} 1",
            "signet_request_seconds_bucket{le=\"+Inf\"} 2",
            "signet_ready 1",
            "signet_volume_takes_files{volume=\"archive2\",why_not=\"full\"} 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }
}
