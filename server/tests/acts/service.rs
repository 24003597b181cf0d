//! The services through the desk: throwaway SQLite, embedded FTP server, frozen clock, real keys and signatures.

mod access;
mod archival;
mod elsewhere;
mod files;
mod full;
mod ink;
mod keys;
mod life;
mod mailbox;
mod outside;
mod races;
mod renewal;
mod seals;
mod store;
mod turned;
mod volumes;
