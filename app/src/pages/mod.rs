//! One page per file.

pub mod admin;
pub mod apart;
pub mod create;
pub mod document;
pub mod documents;
pub mod inbox;
pub mod keys;
pub mod mailbox;
pub mod not_found;
pub mod reject;
pub mod seals;
pub mod sign;
pub mod sign_in;
pub mod verify;
