//! Tables `waiting`, `seen` and `decided`: what each account's and each role's lists show, kept in the lists' order.
//!
//! They say nothing that `steps` and `decisions` do not say; they say it so that a page is read from its place on, however many documents
//! there are. Every act brings its own document's rows up to date in its own transaction.

use app::model::Number;
use sqlx::AnyConnection;

use super::batch::Batch;
use super::connect::Kind;
use super::error::IndexError;
use super::search;
use super::sql::sql;

/// Brings a document's rows up to date after an act on it.
pub(super) fn refresh(batch: &mut Batch, number: &Number) {
    let of = |column: &str| format!("{column} = $1");
    let statements = [
        "DELETE FROM waiting WHERE number = $1".to_owned(),
        format!("INSERT INTO waiting (who, number, type_code, opened_at) {}", waiting(of)),
        format!("INSERT INTO seen (who, number, type_code, created_at) {} ON CONFLICT DO NOTHING", seen(of)),
        format!(
            "INSERT INTO decided (who, number, type_code, decided_at) {} ON CONFLICT (number, who) DO UPDATE SET decided_at = excluded.decided_at",
            decided(of)
        ),
    ];
    for statement in statements {
        batch.add(sql(statement).bind(number.as_str()));
    }
}

/// Makes anew what lists and search read of a document where it, or what it follows from, was wrong: acts only ever add to `seen` and `decided`.
pub(super) async fn anew(connection: &mut AnyConnection, number: &Number) -> Result<(), IndexError> {
    let mut batch = Batch::default();
    for table in ["seen", "decided"] {
        batch.add(sql(format!("DELETE FROM {table} WHERE number = $1")).bind(number.as_str()));
    }
    refresh(&mut batch, number);
    search::keep(Kind::of(connection), &mut batch, number);
    batch.run(connection).await.map(drop)
}

/// What `waiting` must hold of the documents that `of` chooses: it says so of a column with numbers.
pub(super) fn waiting(of: impl Fn(&str) -> String) -> String {
    format!(
        "SELECT DISTINCT a.who, a.number, d.type_code, a.opened_at FROM asked a JOIN documents d ON d.number = a.number AND d.edition = a.edition \
         WHERE {} AND a.status = 'open' AND d.status = 'pending' AND NOT EXISTS (SELECT 1 FROM decisions x \
           WHERE x.number = a.number AND x.edition = a.edition AND x.position = a.position AND 'a:' || x.account = a.who)",
        of("a.number")
    )
}

/// What `seen` must hold of them.
pub(super) fn seen(of: impl Fn(&str) -> String) -> String {
    let (one, all) = (of("number"), of("d.number"));
    format!(
        "SELECT w.who, d.number, d.type_code, d.created_at FROM documents d JOIN ( \
           SELECT who, number FROM asked WHERE {one} AND opened_at IS NOT NULL \
           UNION SELECT 'a:' || account, number FROM decisions WHERE {one}) w ON w.number = d.number WHERE {all}"
    )
}

/// What `decided` must hold of them.
pub(super) fn decided(of: impl Fn(&str) -> String) -> String {
    format!(
        "SELECT 'a:' || x.account AS who, x.number, d.type_code, MAX(x.decided_at) AS decided_at FROM decisions x \
         JOIN documents d ON d.number = x.number WHERE {} GROUP BY x.account, x.number, d.type_code",
        of("x.number")
    )
}
