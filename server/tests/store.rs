//! The file store, through its public face: on the embedded server and on real FTP servers, plain and over TLS.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/proftpd.rs"]
mod proftpd;
#[path = "support/pureftpd.rs"]
mod pureftpd;
#[allow(dead_code, reason = "the tests of faults take more of it")]
#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/vsftpd.rs"]
mod vsftpd;

#[path = "store/behaviour.rs"]
mod behaviour;
#[path = "store/embedded.rs"]
mod embedded;
#[path = "store/full.rs"]
mod full;
#[path = "store/names.rs"]
mod names;
#[path = "store/outages.rs"]
mod outages;
#[path = "store/protocol.rs"]
mod protocol;
#[path = "store/servers.rs"]
mod servers;
#[path = "store/streaming.rs"]
mod streaming;
#[path = "store/tls.rs"]
mod tls;
#[path = "store/volumes.rs"]
mod volumes;
#[path = "store/world.rs"]
mod world;
