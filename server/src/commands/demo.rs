//! `signet demo`: accounts, types and documents to play with. Running it again adds nothing twice.

use super::{Outcome, with_app};
use crate::service;

pub fn run() -> Outcome {
    with_app(async |app| {
        service::demo::fill(&app).await?;
        println!("There are accounts and documents to play with now. Start `signet serve --demo`; it lists the accounts, and so does the sign-in page.");
        Ok(())
    })
}
