//! The migrations, one text for both databases: what only one of them says differently is put in its words here.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::connect::Kind;

/// Name and text of each file, in order. (`sqlx::migrate!` would list them by itself, but its macro has every driver compiled a second time.)
const FILES: &[(&str, &str)] = &[
    ("0001_start", include_str!("../../migrations/0001_start.sql")),
    ("0002_answers", include_str!("../../migrations/0002_answers.sql")),
    ("0003_certificates", include_str!("../../migrations/0003_certificates.sql")),
    ("0004_levels", include_str!("../../migrations/0004_levels.sql")),
    ("0005_seals", include_str!("../../migrations/0005_seals.sql")),
    ("0007_records", include_str!("../../migrations/0007_records.sql")),
    ("0008_trail", include_str!("../../migrations/0008_trail.sql")),
    ("0009_lists", include_str!("../../migrations/0009_lists.sql")),
    ("0010_replicas", include_str!("../../migrations/0010_replicas.sql")),
    ("0011_devices", include_str!("../../migrations/0011_devices.sql")),
];

/// The migrations as a database of this kind reads them. The checksums stay those of the files.
pub(super) fn of(kind: Kind) -> Migrator {
    let migrations = FILES.iter().map(|(name, text)| {
        let (version, description) = name.split_once('_').expect("a number and a name");
        let version = version.parse().expect("a number");
        let file = Migration::new(version, description.replace('_', " ").into(), MigrationType::Simple, (*text).into_sql_str(), false);
        Migration { sql: AssertSqlSafe(written(kind, text)).into_sql_str(), ..file }
    });
    Migrator { migrations: Cow::Owned(migrations.collect()), ..Migrator::DEFAULT }
}

/// `COLLATE BYTES` in the database's words, and of the lines after `-- only on …:` (up to `-- everywhere:`) only its own.
fn written(kind: Kind, text: &str) -> String {
    let mut mine = true;
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "-- only on sqlite:" => mine = kind == Kind::Sqlite,
            "-- only on postgres:" => mine = kind == Kind::Postgres,
            "-- everywhere:" => mine = true,
            _ if mine => lines.push(line.replace(" COLLATE BYTES", kind.by_bytes())),
            _ => {}
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_reads_its_own_lines() {
        let text = "a COLLATE BYTES\n-- only on sqlite:\ns\n-- only on postgres:\np\n-- everywhere:\nb";
        assert_eq!(written(Kind::Sqlite, text), "a\ns\nb");
        assert_eq!(written(Kind::Postgres, text), "a COLLATE \"C\"\np\nb");
    }

    #[test]
    fn every_file_of_the_folder_is_a_migration() {
        let mut found: Vec<String> =
            std::fs::read_dir("migrations").unwrap().map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
        found.sort();
        assert_eq!(found, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    /// A database made by an earlier version goes on only where the checksums are the ones that it noted.
    #[test]
    fn checksums_are_those_of_the_files() {
        for (migration, (_, text)) in of(Kind::Postgres).iter().zip(FILES) {
            assert_eq!(*migration.checksum, *<sha2::Sha384 as sha2::Digest>::digest(text));
        }
    }
}
