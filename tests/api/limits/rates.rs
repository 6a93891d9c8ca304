//! What an organization may ask in a time.

use axum::{body::Body, http::Request};
use contacts_gateway::{access::Rate, graphql::DocumentLimits};
use serde_json::json;

use crate::support::{App, engine::Engine};

/// A point comes back every second, so few while a test runs.
async fn app(burst: u32) -> App {
    App::limited(Engine::Sqlite, DocumentLimits::default(), Rate { per_second: 1, burst }).await
}

#[tokio::test]
async fn an_organization_spends_points_and_is_refused_when_too_few_are_left() {
    let app = app(100_500).await;
    let page = "{ contacts(first: 200) { nodes { id phones { id } emails { id } } } }";
    let left = |told: &super::Told| {
        let text = told.header("ratelimit").expect("a header").to_owned();
        let points = text.strip_prefix("\"points\";r=").and_then(|rest| rest.split(';').next());
        points.and_then(|points| points.parse::<u32>().ok()).unwrap_or_else(|| panic!("{text}"))
    };
    let told = app.tell(page).await;
    assert_eq!((told.status, &told.body["extensions"]["cost"]), (200, &json!(1_000)));
    let first = left(&told);
    assert!((100_500 - 1_010..100_500 - 1_010 + 60).contains(&first), "{first}");
    assert_eq!(told.header("ratelimit-policy"), Some("\"points\";q=100500;w=100500"));
    let told = app.tell(page).await;
    let second = left(&told);
    assert!((1_010 - 60..=1_010).contains(&(first - second)), "{first} {second}");
    let mut status = 200;
    for _ in 0..200 {
        let told = app.tell(page).await;
        status = told.status;
        if status != 200 {
            let error = told.error();
            assert_eq!((&error["code"], &error["retryable"]), (&json!("RATE_LIMITED"), &json!(true)));
            let wait = error["retryAfterMs"].as_u64().expect("a number");
            assert!((1..=1_100_000).contains(&wait), "{wait}");
            assert_eq!(told.header("retry-after"), Some(wait.div_ceil(1000).to_string().as_str()));
            assert_eq!(told.body.get("data"), None);
            break;
        }
    }
    assert_eq!(status, 429);
    // What is cheap enough is still answered; and another organization has a bucket of its own.
    assert_eq!(app.tell("{ __typename }").await.status, 200);
    let (_, other) = app.organization("Globex").await;
    assert_eq!(app.tell_as(&other, page, json!({})).await.status, 200);
}

#[tokio::test]
async fn an_empty_bucket_refuses_before_the_body_is_read() {
    let app = app(25).await;
    let statuses = [app.tell("{").await.status, app.tell("{ __typename }").await.status];
    assert_eq!(statuses, [400, 200], "a request costs ten points by itself");
    let request = Request::post("/graphql")
        .header("x-api-key", &app.key)
        .header("content-type", "application/json")
        .body(Body::from("no JSON"));
    let told = app.told(request.expect("a request")).await;
    assert_eq!((told.status, &told.error()["code"]), (429, &json!("RATE_LIMITED")));
    assert!(told.header("retry-after").is_some());
    let request = Request::post("/graphql").header("content-type", "application/json").body(Body::empty());
    assert_eq!(app.told(request.expect("a request")).await.status, 401, "only who has a key is told so");
}

#[tokio::test]
async fn a_rate_of_zero_limits_nothing() {
    let app = App::limited(Engine::Sqlite, DocumentLimits::default(), Rate { per_second: 0, burst: 1 }).await;
    for _ in 0..20 {
        let told = app.tell("{ contacts { totalCount } }").await;
        assert_eq!((told.status, told.header("ratelimit")), (200, None));
    }
}
