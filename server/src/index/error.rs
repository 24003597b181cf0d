//! What can go wrong in the index, with named constraints instead of database texts.

use sqlx::error::DatabaseError;

/// Why the index did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The database does not answer. Nothing changed; try again when it is back.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The database went away while it was committing and did not come back in time: the change may be true or not. Whoever asks again
    /// reads which.
    #[error("the database went away during the commit; whether it is done is not known: {0}")]
    Unknown(String),
    /// The database does not let this server in, or is none of ours: waiting does not help.
    #[error("the database cannot be used: {0}")]
    Refused(String),
    /// Others were faster again and again. Nothing changed; try again.
    #[error("the database is busy; nothing was changed")]
    Busy,
    /// The database has no room left. Nothing changed; free space, then try again.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// A rule of the schema forbids it. Nothing changed.
    #[error("a rule of the index forbids it: {0:?}")]
    Constraint(Constraint),
    /// The cursor is none of ours, or is from another list.
    #[error("the cursor does not belong to this list")]
    BadCursor,
    /// A row holds what no code of ours writes.
    #[error("a row of the index is damaged: {0}")]
    Corrupt(String),
    /// A defect of Signet's own.
    #[error("a defect in the index code: {0}")]
    Defect(String),
}

/// The rules of the schema that callers tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A live document holds this matter already.
    LiveMatter,
    /// The number is taken.
    Number,
    /// This account decided this step already.
    Decision,
    /// The file is named by another row.
    StorePath,
    /// The sign-in name is taken.
    Login,
    /// The client number is taken.
    ClientNumber,
    /// The idempotency key was used already.
    IdempotencyKey,
    /// The token's or session's secret is taken.
    Secret,
    /// The certificate's serial number is taken.
    Certificate,
    /// The intent was given up: its lease ended before the commit.
    IntentGone,
    /// The mark of a transaction is taken.
    Commit,
    /// A known type cannot move to another database.
    TypeDatabase,
    /// Another change of the same object was faster; begin again from what it is now.
    RecordVersion,
    /// Any other rule, by its name.
    Other(String),
}

impl From<sqlx::Error> for IndexError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => from_database(database.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::Configuration(_) => Self::Refused(error.to_string()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Defect(error.to_string()),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for IndexError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => Self::Unavailable(format!("its tables could not be brought up to date: {other}")),
        }
    }
}

/// Whether others hold what was wanted.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if from_database(error.as_ref()) == IndexError::Busy)
}

fn from_database(error: &dyn DatabaseError) -> IndexError {
    let code = error.code().unwrap_or_default();
    let text = error.message().to_owned();
    // PostgreSQL gives five characters (its appendix A), SQLite an extended number whose low byte is the kind.
    if code.len() == 5 {
        return match code.as_ref() {
            "23505" | "23503" | "23502" | "23514" => IndexError::Constraint(named(error.constraint().unwrap_or_default())),
            "40001" | "40P01" | "55P03" => IndexError::Busy,
            "53100" => IndexError::Full(text),
            "57014" => IndexError::Unavailable(text),
            "25P03" => IndexError::Unavailable(text),
            other if ["28", "3D"].contains(&&other[..2]) => IndexError::Refused(text),
            other if ["08", "53", "57", "58"].contains(&&other[..2]) => IndexError::Unavailable(text),
            other => IndexError::Defect(format!("{other} {text}")),
        };
    }
    match code.parse::<u32>().unwrap_or_default() & 0xff {
        5 | 6 => IndexError::Busy,
        13 => IndexError::Full(text),
        8 | 10 | 14 | 23 => IndexError::Unavailable(text),
        11 | 26 => IndexError::Corrupt(text),
        19 => IndexError::Constraint(named(text.rsplit(": ").next().unwrap_or_default())),
        _ => IndexError::Defect(format!("{code} {text}")),
    }
}

/// PostgreSQL names the index, SQLite its columns.
fn named(rule: &str) -> Constraint {
    match rule {
        "documents_live_matter" | "documents.type_code, documents.matter" => Constraint::LiveMatter,
        "documents_pkey" | "documents.number" => Constraint::Number,
        "decisions_pkey" | "decisions.number, decisions.edition, decisions.position, decisions.account" => Constraint::Decision,
        "revisions_store_path" | "revisions.store_path" | "intents_store_path" | "intents.store_path" => Constraint::StorePath,
        "accounts_login" | "accounts.login" => Constraint::Login,
        "accounts_client_number" | "accounts.client_number" => Constraint::ClientNumber,
        "idempotency_pkey" | "idempotency.account, idempotency.request_key" => Constraint::IdempotencyKey,
        "tokens_secret_hash" | "tokens.secret_hash" | "sessions_pkey" | "sessions.secret_hash" => Constraint::Secret,
        "records_version" | "records.kind, records.object, records.version" => Constraint::RecordVersion,
        "certificates_pkey" | "certificates.serial" => Constraint::Certificate,
        "commits_pkey" | "commits.id" => Constraint::Commit,
        other => Constraint::Other(other.to_owned()),
    }
}
