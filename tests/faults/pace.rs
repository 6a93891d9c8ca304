//! How fast a gateway serves that has nothing else to do.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::client::{Answer, Client};

/// How many ask at the same time.
const AT_ONCE: usize = 32;
/// Of each of them.
const REQUESTS: usize = 20;

/// Answers a second, half of them to writes, when as many ask at once as an organization may.
///
/// `round` tells the contacts of this call from those of others.
async fn once(client: &Client, round: &str) -> f64 {
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..AT_ONCE {
        let (client, round) = (client.clone(), round.to_owned());
        clients.spawn(async move {
            for count in 0..REQUESTS {
                let answer = match count % 2 {
                    0 => client.create(&format!("pace{round}x{number}x{count}"), None).await,
                    _ => client.list().await,
                };
                assert!(matches!(answer, Answer::Data(_)), "{answer:?}");
            }
        });
    }
    clients.join_all().await;
    let answers = u32::try_from(AT_ONCE * REQUESTS).expect("not so many");
    f64::from(answers) / began.elapsed().as_secs_f64()
}

/// The pace before a fault, when everything has been used once.
pub(crate) async fn before(client: &Client) -> f64 {
    once(client, "warm").await;
    once(client, "before").await
}

/// The pace after a fault, which must be half of what it was; asked up to three times, should
/// somebody else use the machine.
pub(crate) async fn after(client: &Client, before: f64) -> f64 {
    let mut best = 0.0;
    for round in 0..3 {
        best = once(client, &format!("after{round}")).await.max(best);
        if 2.0 * best >= before {
            return best;
        }
    }
    panic!("{before:.0} answers a second before, {best:.0} after");
}
