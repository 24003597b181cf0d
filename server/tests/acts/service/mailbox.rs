//! The live way back: nothing missed, nothing doubled, and an end when the caller's session ends.

use std::time::Duration;

use app::desk::News;
use app::error::{AppResult, Code};
use app::model::{Delivery, Lang, SignIn};
use futures::StreamExt;
use server::caller::Caller;
use support::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_arrive_live_once_and_in_order_and_stop_when_the_session_ends() {
    let world = World::new().await;
    let secret = world.desk("li.na").await.sign_in(SignIn { login: "li.na".into(), password: "signet-demo".into() }).await.unwrap().secret;
    let (proof, person) = server::service::identify::by_session(&world.app, &secret).await.unwrap().unwrap();
    let creator = server::desk::for_caller(world.app.clone(), Caller::signed_in(proof, person, Lang::En, [127, 0, 0, 1].into()));
    let reject = async |invoice: &str| {
        let document = world.claim(invoice, "10").await;
        world.desk("wang.jianguo").await.reject(document.number.clone(), 0.into(), "no".into()).await.unwrap();
        document.number
    };
    let before = reject("MAIL-1").await;
    let mut stream = creator.news(None, false).await.unwrap();
    let first = delivery(stream.next().await);
    assert_eq!(first.number, before);
    let live = reject("MAIL-2").await;
    let second = tokio::time::timeout(Duration::from_secs(3), stream.next()).await.expect("within three seconds");
    let second = delivery(second);
    assert_eq!(second.number, live);

    // Resumed after the first, the second comes again and the first does not.
    let mut resumed = creator.news(Some(first.cursor.clone()), false).await.unwrap();
    assert_eq!(delivery(resumed.next().await).cursor, second.cursor);
    assert!(creator.news(Some("guess".into()), false).await.is_err());

    assert_eq!(creator.mailbox().await.unwrap().unread, 2);
    creator.mark_read(first.cursor).await.unwrap();
    assert_eq!(creator.mailbox().await.unwrap().unread, 1);

    // A stranger's stream stays silent.
    let mut stranger = world.desk("chen.jing").await.news(None, false).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), stranger.next()).await.is_err());

    creator.sign_out().await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(3), stream.next()).await.expect("within three seconds").unwrap();
    assert_eq!(end.err().unwrap().code, Code::SignInRequired);
    assert!(stream.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_told_at_first_and_whenever_others_wait() {
    let world = World::new().await;
    let secret = world.desk("wang.jianguo").await.sign_in(SignIn { login: "wang.jianguo".into(), password: "signet-demo".into() }).await.unwrap().secret;
    let (proof, person) = server::service::identify::by_session(&world.app, &secret).await.unwrap().unwrap();
    let approver = server::desk::for_caller(world.app.clone(), Caller::signed_in(proof, person, Lang::En, [127, 0, 0, 1].into()));
    let first = world.claim("WAIT-1", "10").await;
    let mut stream = approver.news(None, true).await.unwrap();
    let mut next = async || tokio::time::timeout(Duration::from_secs(8), stream.next()).await.expect("within a look").unwrap().unwrap();
    let News::Waiting(one) = next().await else { panic!("a delivery") };
    assert_eq!(one, approver.waiting().await.unwrap());
    // One goes and one comes: as many as before, and yet others.
    world.clock.advance(1_000);
    approver.reject(first.number.clone(), 0.into(), "no".into()).await.unwrap();
    world.claim("WAIT-2", "10").await;
    let other = loop {
        let News::Waiting(now) = next().await else { panic!("a delivery") };
        if now.count == one.count {
            break now;
        }
    };
    assert_ne!(other.mark, one.mark);
    assert_eq!(other, approver.waiting().await.unwrap());
    // Whoever never decides has nothing that waits, and is told so once.
    let creator = world.desk("li.na").await;
    assert_eq!(creator.waiting().await.unwrap().count, 0);
}

fn delivery(news: Option<AppResult<News>>) -> Delivery {
    match news.unwrap().unwrap() {
        News::Delivery(delivery) => delivery,
        News::Waiting(_) => panic!("nobody asked for what waits"),
    }
}
