//! Tables `waiting`, `seen` and `decided`: what each account's and each role's lists show, kept in the lists' order.
//!
//! They say nothing that `steps` and `decisions` do not say; they say it so that a page is read from its place on, however many documents
//! there are. Every act brings its own document's rows up to date in its own transaction.

use app::model::Number;
use sqlx::AnyConnection;

use super::error::IndexError;
use super::sql::sql;

/// Brings a document's rows up to date after an act on it.
pub(super) async fn refresh(connection: &mut AnyConnection, number: &Number) -> Result<(), IndexError> {
    for statement in [NO_LONGER_WAITING, WAITING, SEEN, DECIDED] {
        sql(statement).bind(number.as_str()).execute(connection).await?;
    }
    Ok(())
}

const NO_LONGER_WAITING: &str = "DELETE FROM waiting WHERE number = $1";

const WAITING: &str = "INSERT INTO waiting (who, number, type_code, opened_at) \
     SELECT DISTINCT a.who, a.number, d.type_code, a.opened_at FROM asked a JOIN documents d ON d.number = a.number AND d.edition = a.edition \
     WHERE a.number = $1 AND a.status = 'open' AND d.status = 'pending' AND NOT EXISTS (SELECT 1 FROM decisions x \
       WHERE x.number = a.number AND x.edition = a.edition AND x.position = a.position AND 'a:' || x.account = a.who)";

const SEEN: &str = "INSERT INTO seen (who, number, type_code, created_at) \
     SELECT w.who, d.number, d.type_code, d.created_at FROM documents d JOIN ( \
       SELECT who, number FROM asked WHERE number = $1 AND opened_at IS NOT NULL \
       UNION SELECT 'a:' || account, number FROM decisions WHERE number = $1) w ON w.number = d.number \
     WHERE d.number = $1 ON CONFLICT DO NOTHING";

const DECIDED: &str = "INSERT INTO decided (who, number, type_code, decided_at) \
     SELECT 'a:' || x.account, x.number, d.type_code, MAX(x.decided_at) FROM decisions x JOIN documents d ON d.number = x.number \
     WHERE x.number = $1 GROUP BY x.account, x.number, d.type_code \
     ON CONFLICT (number, who) DO UPDATE SET decided_at = excluded.decided_at";
