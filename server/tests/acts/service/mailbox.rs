//! The live way back: nothing missed, nothing doubled, and an end when the caller's session ends.

use std::time::Duration;

use app::error::Code;
use app::model::{Lang, SignIn};
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
    let mut stream = creator.delivery_stream(None).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first.number, before);
    let live = reject("MAIL-2").await;
    let second = tokio::time::timeout(Duration::from_secs(3), stream.next()).await.expect("within three seconds").unwrap().unwrap();
    assert_eq!(second.number, live);

    // Resumed after the first, the second comes again and the first does not.
    let mut resumed = creator.delivery_stream(Some(first.cursor.clone())).await.unwrap();
    assert_eq!(resumed.next().await.unwrap().unwrap().cursor, second.cursor);
    assert!(creator.delivery_stream(Some("guess".into())).await.is_err());

    assert_eq!(creator.mailbox().await.unwrap().unread, 2);
    creator.mark_read(first.cursor).await.unwrap();
    assert_eq!(creator.mailbox().await.unwrap().unread, 1);

    // A stranger's stream stays silent.
    let mut stranger = world.desk("chen.jing").await.delivery_stream(None).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), stranger.next()).await.is_err());

    creator.sign_out().await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(3), stream.next()).await.expect("within three seconds").unwrap();
    assert_eq!(end.unwrap_err().code, Code::SignInRequired);
    assert!(stream.next().await.is_none());
}
