//! PostgreSQL breaks off in every moment of an act, refuses it, or restarts.

use std::time::Duration;

use app::error::Code;
use app::model::{Document, Status};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use support::proxy::{Fault, Proxy};

use crate::outages::world::{World, is_outage};

/// The acts: create, sign, reject.
#[derive(Clone, Copy, Debug)]
enum Act {
    Create,
    Sign,
    Reject,
}

const ACTS: [Act; 3] = [Act::Create, Act::Sign, Act::Reject];

async fn proxied() -> (Proxy, World) {
    let plain = support::postgres::database().await;
    let (front, name) = plain.rsplit_once('/').unwrap();
    let port: u16 = front.rsplit_once(':').unwrap().1.parse().unwrap();
    let proxy = Proxy::start(port, plain.clone()).await;
    let url = format!("postgres://postgres@127.0.0.1:{}/{name}?sslmode=disable", proxy.port());
    let world = World::over(&url, &plain).await;
    (proxy, world)
}

/// One act with one fault in it; whether the fault came, and how the act ended.
async fn act(proxy: &Proxy, world: &World, act: Act, fault: Fault, moment: i64) -> (bool, Result<Document, app::error::AppError>) {
    let name = format!("{act:?}-{fault:?}-{moment}");
    let ready = match act {
        Act::Create => None,
        _ => Some(world.create(&name, None).await.unwrap()),
    };
    let signature = match (&ready, act) {
        (Some(document), Act::Sign) => Some(world.signature(document).await),
        _ => None,
    };
    let once = async || match (&ready, &signature) {
        (None, _) => world.create(&name, Some(&name)).await,
        (Some(_), Some(signature)) => world.head.sign(signature.clone()).await,
        (Some(document), None) => world.head.reject(document.number.clone(), 0.into(), "no".into()).await,
    };
    proxy.plan(fault, moment);
    let first = once().await;
    let came = proxy.came();
    // Whoever asks again gets the first answer, or reads that his own act stands; never a second one.
    let again = once().await;
    match act {
        Act::Create => {
            let again = again.unwrap();
            if let Ok(first) = &first {
                assert_eq!(first, &again, "{name}");
            }
            assert_eq!(world.of_matter(&name).await.len(), 1, "{name}");
        }
        Act::Sign | Act::Reject => {
            let document = world.document(&ready.unwrap().number).await;
            let wanted = if matches!(act, Act::Sign) { Status::Signed } else { Status::Rejected };
            assert_eq!((document.status, document.steps[0].decisions.len()), (wanted, 1), "{name}");
            match (&first, again) {
                (Ok(_), again) => assert!(matches!(again.unwrap_err().code, Code::AlreadyDecided | Code::StaleRevision), "{name}"),
                (Err(_), again) => drop(again.unwrap()),
            }
        }
    }
    (came, first)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_looked_up_and_never_guessed() {
    let (proxy, world) = proxied().await;
    let mut commits = 0;
    for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
        for kind in ACTS {
            for moment in 0.. {
                let (came, first) = act(&proxy, &world, kind, fault, moment).await;
                // A broken commit is found out within the act: it succeeds, every time.
                first.unwrap_or_else(|error| panic!("{kind:?} {fault:?} {moment}: {error:?}"));
                if !came {
                    break;
                }
                commits += 1;
            }
        }
    }
    assert!(commits >= 12, "only {commits} commits were broken");
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_at_any_message_leaves_an_act_done_or_undone() {
    let (proxy, world) = proxied().await;
    let (mut faults, mut refused) = (0, 0);
    for fault in [Fault::Cut, Fault::Terminate] {
        for kind in ACTS {
            for moment in (0..).step_by(11) {
                let (came, first) = act(&proxy, &world, kind, fault, moment).await;
                if let Err(error) = first {
                    is_outage(&error);
                    refused += 1;
                }
                if !came {
                    break;
                }
                faults += 1;
            }
        }
    }
    assert!(faults >= 50, "only {faults} faults came");
    println!("{faults} faults, {refused} acts refused: what merely reads is not done again by itself");
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_loses_against_others_is_done_again() {
    let plain = support::postgres::database().await;
    let world = World::over(&plain, &plain).await;
    let mut connection = AnyConnection::connect(&plain).await.unwrap();
    let set = "CREATE SEQUENCE refusals; CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS \
         'BEGIN IF nextval(''refusals'') % 4 <> 0 THEN RAISE EXCEPTION ''not now'' USING ERRCODE = TG_ARGV[0]; END IF; RETURN NEW; END'";
    sqlx::raw_sql(set).execute(&mut connection).await.unwrap();
    for code in ["40001", "40P01", "55P03"] {
        // At the last row of every transaction, so that all the rest of it was done before.
        let trigger = format!("CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON commits FOR EACH ROW EXECUTE FUNCTION refuse('{code}')");
        sqlx::raw_sql(AssertSqlSafe(trigger)).execute(&mut connection).await.unwrap();
        let (signed, rejected) = (world.create(&format!("{code}-a"), Some(code)).await.unwrap(), world.create(&format!("{code}-b"), None).await.unwrap());
        assert_eq!(world.create(&format!("{code}-a"), Some(code)).await.unwrap(), signed);
        let signature = world.signature(&signed).await;
        assert_eq!(world.head.sign(signature).await.unwrap().status, Status::Signed);
        assert_eq!(world.head.reject(rejected.number, 0.into(), "no".into()).await.unwrap().status, Status::Rejected);
    }
    sqlx::raw_sql("DROP TRIGGER refuse ON commits").execute(&mut connection).await.unwrap();
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_in_a_deadlock_the_act_goes_on() {
    let plain = support::postgres::database().await;
    let world = World::over(&plain, &plain).await;
    let model = world.create("model", None).await.unwrap();
    let account = world.app.index.account_by_login("li.na").await.unwrap().unwrap().id;
    let mut other = AnyConnection::connect(&plain).await.unwrap();
    let run = async |connection: &mut AnyConnection, text: String| sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await.map(drop);
    // Another transaction holds the matter; the creation holds its key and waits for the matter; then the other wants the key.
    let columns = "type_code, live, title, edition, status, creator, creator_client_number, creator_name, revision, sha256, size, store_path, fields, search, lang, created_at";
    let copy = format!(
        "BEGIN; INSERT INTO documents (number, matter, {columns}) SELECT 'SLIP-X', 'DEADLOCK', {columns} FROM documents WHERE number = '{}'",
        model.number
    );
    run(&mut other, copy).await.unwrap();
    let creating = async { world.create("DEADLOCK", Some("k")).await };
    let crossing = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let insert = format!("INSERT INTO idempotency (account, request_key, body_sha256, number, answer, at) VALUES ('{account}', 'k', '', 'SLIP-X', '', 0)");
        let outcome = run(&mut other, insert).await;
        run(&mut other, "ROLLBACK".into()).await.unwrap();
        outcome
    };
    let (created, _) = tokio::join!(creating, crossing);
    assert_eq!(created.unwrap().matter.to_uppercase(), "DEADLOCK");
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_needs_none_of_ours() {
    let server = support::postgres::own().await;
    let world = World::over(&server.url(), &server.url()).await;
    let before = world.create("before", Some("before")).await.unwrap();
    let mut wakes = world.app.index.subscribe();
    server.stop().await;
    let during = world.create("during", Some("during")).await.unwrap_err();
    is_outage(&during);
    server.resume().await;
    // By itself, and soon.
    let begun = std::time::Instant::now();
    let after = loop {
        match world.create("during", Some("during")).await {
            Ok(document) => break document,
            Err(error) => is_outage(&error),
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "it does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(world.of_matter("during").await, std::slice::from_ref(&after));
    assert_eq!(world.create("before", Some("before")).await.unwrap(), before);
    // The connection that brings news came back too, and said that it had been away.
    let told = async { while wakes.recv().await != Ok(server::index::Wake::All) {} };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("news come again");
    world.head.reject(after.number, 0.into(), "no".into()).await.unwrap();
    world.is_whole().await;
    server.end().await;
}
