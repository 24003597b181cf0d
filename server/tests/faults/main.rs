//! What Signet does when its parts, its lines, its disk, the kernel or the process itself fail.
#![allow(clippy::unwrap_used, missing_docs)]

// Named so that the longest test of all begins first: they begin in the order of their names.
mod calls;
mod crash;
mod degrade;
mod ftp_faults;
mod kills;
mod outages;
mod store;
