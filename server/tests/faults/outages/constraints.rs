//! Every rule of the schema that a caller can meet is an answer in words, with a status of its own and what to do next; never a 500.

use app::error::Code;
use app::model::{Lang, TypeFiles};
use server::error::Error;
use server::index::{Constraint, IndexError};
use sqlx::{AnyConnection, Connection};

use crate::outages::world::World;

#[test]
fn each_rule_has_its_words_in_both_languages() {
    for (rule, code, status) in [
        (Constraint::LiveMatter, Code::DuplicateMatter, 409),
        (Constraint::Number, Code::WrongState, 409),
        (Constraint::Decision, Code::AlreadyDecided, 409),
        (Constraint::IdempotencyKey, Code::IdempotencyMismatch, 422),
        (Constraint::Login, Code::InvalidInput, 422),
        (Constraint::TypeDatabase, Code::InvalidInput, 422),
        (Constraint::IntentGone, Code::StoreUnavailable, 503),
    ] {
        for lang in [Lang::En, Lang::Zh] {
            let told = Error::from(IndexError::Constraint(rule.clone())).translate(lang);
            assert_eq!((told.code, told.code.status()), (code, status), "{rule:?}");
            assert!(!told.detail.is_empty() && told.next.is_some_and(|next| !next.is_empty()), "{rule:?}");
            assert_eq!(told.detail.is_ascii(), lang == Lang::En, "{rule:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_callers_meet_rules_as_words() {
    callers_meet_rules_as_words(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_callers_meet_rules_as_words() {
    let url = support::postgres::database().await;
    callers_meet_rules_as_words(World::over(&url, &url).await).await;
}

async fn callers_meet_rules_as_words(world: World) {
    let code = |error: app::error::AppError| error.code;
    // The matter.
    let first = world.create("m", Some("k")).await.unwrap();
    let refused = world.create("m", None).await.unwrap_err();
    assert_eq!((refused.code, refused.number), (Code::DuplicateMatter, Some(first.number.clone())));
    // The key.
    assert_eq!(code(world.create("other", Some("k")).await.unwrap_err()), Code::IdempotencyMismatch);
    // The number: someone set the counter back.
    let mut connection = AnyConnection::connect(&world.plain).await.unwrap();
    sqlx::raw_sql("UPDATE counters SET value = value - 1 WHERE name LIKE 'number SLIP%'").execute(&mut connection).await.unwrap();
    assert_eq!(code(world.create("n", Some("n")).await.unwrap_err()), Code::WrongState);
    let next = world.create("n", Some("n")).await.unwrap();
    assert_ne!(next.number, first.number);
    // The decision.
    let signature = world.signature(&first).await;
    let (a, b) = tokio::join!(world.head.sign(signature.clone()), world.head.sign(signature.clone()));
    assert!(a.is_ok() != b.is_ok());
    assert!(matches!(code(a.err().or(b.err()).unwrap()), Code::AlreadyDecided | Code::StaleRevision));
    assert!(matches!(code(world.head.sign(signature).await.unwrap_err()), Code::AlreadyDecided | Code::StaleRevision));
    // The sign-in name, by two at once.
    let add = |name: &str| app::model::AccountChange { login: "twin".into(), name: Some(name.into()), ..Default::default() };
    let (a, b) = tokio::join!(server::service::accounts::add(&world.app, add("A")), server::service::accounts::add(&world.app, add("B")));
    if let Some(error) = a.err().or(b.err()) {
        assert_eq!(code(error.translate(Lang::En)), Code::InvalidInput);
    }
    assert_eq!(code(server::service::accounts::add(&world.app, add("C")).await.unwrap_err().translate(Lang::En)), Code::InvalidInput);
    // The type's database.
    let definition = "code = \"SLIP\"\nname = { en = \"Slip\", zh = \"单据\" }\nnumber = \"SLIP-{yyyy}-{seq:6}\"\nmatter = [\"slip\"]\ndatabase = \"elsewhere\"\nfile = \"upload\"\n\
        [[field]]\nkey = \"slip\"\nlabel = { en = \"Slip\", zh = \"编号\" }\nkind = \"text\"\nrequired = true\n\
        [[step]]\nkey = \"head\"\nname = { en = \"Head\", zh = \"负责人\" }\nrole = \"head\"\ndecide = \"any\"\n";
    let moved = server::service::types::import_here(&world.app, TypeFiles { definition: definition.into(), template: None }).await;
    assert_eq!(code(moved.unwrap_err().translate(Lang::En)), Code::InvalidInput);
    world.is_whole().await;
}
