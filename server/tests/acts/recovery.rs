//! Nothing is lost for good: the trail, the check, an index made anew from the store, backups.

mod backup;
mod clean;
mod commands;
mod damage;
mod faults;
mod lists;
mod ownership;
mod place;
mod reindex;
mod trail;
