//! The file store, through its public face: on the embedded server and on real FTP servers, plain and over TLS.

mod behaviour;
mod embedded;
mod full;
mod names;
mod outages;
mod protocol;
mod servers;
mod streaming;
mod tls;
mod volumes;
mod world;
