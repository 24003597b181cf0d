//! Table `seal_designs`: one row an account that has designed its seal.

use app::model::SealDesign;

use super::Index;
use super::error::IndexError;
use super::records::{self, NewRecord};
use super::sql::{Columns, sql};
use super::trail::{self, Entry};

impl Index {
    /// The account's design; none where it has never saved one.
    pub async fn seal_design(&self, account: &str) -> Result<Option<SealDesign>, IndexError> {
        let row = sql("SELECT design FROM seal_designs WHERE account = $1").bind(account).row(&mut *self.main().connection().await?).await?;
        row.map(|row| row.json("design")).transpose()
    }

    /// Keeps the account's design, in the place of the one before.
    pub async fn save_seal_design(&self, account: &str, design: &SealDesign, at: i64, record: Option<NewRecord>) -> Result<(), IndexError> {
        let design = serde_json::to_string(design).map_err(|error| IndexError::Defect(error.to_string()))?;
        let account = account.to_owned();
        self.main()
            .write(move |connection| {
                let statement = sql("INSERT INTO seal_designs (account, design, saved_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (account) DO UPDATE SET design = excluded.design, saved_at = excluded.saved_at")
                .bind(&account)
                .bind(&design)
                .bind(at);
                let entry = Entry::new(at, "seal-saved", &account).record(record.as_ref());
                let record = record.clone();
                Box::pin(async move {
                    statement.execute(connection).await?;
                    records::add_some(connection, record.as_ref(), at).await?;
                    trail::append(connection, vec![entry]).await
                })
            })
            .await
    }
}
