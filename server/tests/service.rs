//! The services through the desk: throwaway SQLite, embedded FTP server, frozen clock, real keys and signatures.

#[path = "support/vsftpd.rs"]
mod vsftpd;
#[path = "service/world.rs"]
mod world;

#[path = "service/access.rs"]
mod access;
#[path = "service/archival.rs"]
mod archival;
#[path = "service/files.rs"]
mod files;
#[path = "service/full.rs"]
mod full;
#[path = "service/keys.rs"]
mod keys;
#[path = "service/life.rs"]
mod life;
#[path = "service/mailbox.rs"]
mod mailbox;
#[path = "service/races.rs"]
mod races;
#[path = "service/renewal.rs"]
mod renewal;
#[path = "service/seals.rs"]
mod seals;
#[path = "service/store.rs"]
mod store;
#[path = "service/turned.rs"]
mod turned;
#[path = "service/volumes.rs"]
mod volumes;
