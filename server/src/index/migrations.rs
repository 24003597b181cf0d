//! The migrations, one text for both databases: what only one of them says differently is put in its words here.

use std::borrow::Cow;

use sqlx::AssertSqlSafe;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, Migrator};

use super::connect::Kind;

static ALL: Migrator = sqlx::migrate!("./migrations");

/// The migrations as a database of this kind reads them. The checksums stay those of the files.
pub(super) fn of(kind: Kind) -> Migrator {
    let migrations: Vec<Migration> =
        ALL.iter().map(|migration| Migration { sql: AssertSqlSafe(written(kind, migration.sql.as_str())).into_sql_str(), ..migration.clone() }).collect();
    Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT }
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
}
