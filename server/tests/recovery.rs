//! Nothing is lost for good: the trail, the check, an index made anew from the store, backups.

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/vsftpd.rs"]
#[allow(dead_code, reason = "its other users also change passwords and read its folder")]
mod vsftpd;
#[path = "service/world.rs"]
#[expect(dead_code, reason = "its other users roll the authority over")]
mod world;

#[path = "recovery/backup.rs"]
mod backup;
#[path = "recovery/clean.rs"]
mod clean;
#[path = "recovery/commands.rs"]
mod commands;
#[path = "recovery/damage.rs"]
mod damage;
#[path = "recovery/faults.rs"]
mod faults;
#[path = "recovery/lists.rs"]
mod lists;
#[path = "recovery/place.rs"]
mod place;
#[path = "recovery/reindex.rs"]
mod reindex;
#[path = "recovery/trail.rs"]
mod trail;
