//! Which arguments of `contacts` go together, and how the others are refused.

use serde_json::{Value, json};

use super::{Listing, Page, ids, model::List};
use crate::support::{
    App,
    engine::{Engine, on_each_engine},
};

/// The whole `errors` of a list that is refused, without the request's id.
pub(super) async fn errors(app: &App, arguments: &str) -> Value {
    let mut answer = app.ask(&format!("{{ contacts({arguments}) {{ nodes {{ id }} }} }}")).await;
    assert_eq!(answer["data"], json!({"contacts": null}), "{arguments}: {answer:#}");
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        let id = error["extensions"].as_object_mut().and_then(|values| values.remove("requestId"));
        assert!(id.is_some_and(|id| id.is_string()), "{arguments}: no requestId in {error:#}");
    }
    answer["errors"].take()
}

/// The extensions of the only error.
pub(super) async fn refusal(app: &App, arguments: &str) -> Value {
    let errors = errors(app, arguments).await;
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{arguments}: {errors:#}");
    assert_eq!(errors[0]["path"], json!(["contacts"]), "{arguments}: {errors:#}");
    errors[0]["extensions"].clone()
}

fn bad(argument: &str) -> Value {
    json!({"code": "BAD_USER_INPUT", "argument": argument})
}

fn too_large(argument: &str, maximum: i64) -> Value {
    json!({"code": "BAD_USER_INPUT", "argument": argument, "maximum": maximum})
}

#[tokio::test]
async fn a_refusal_says_what_to_do_instead() {
    let app = App::new(Engine::Sqlite).await;
    let mut said = Vec::new();
    for arguments in ["first: 201", "offset: 10001", "event: TAG_ADDED, sortKey: NAME", "after: \"x\""] {
        said.push(errors(&app, arguments).await[0].take());
    }
    insta::assert_json_snapshot!(said, @r#"
    [
      {
        "message": "`first` is at most 200: read further pages with cursors",
        "locations": [
          {
            "line": 1,
            "column": 3
          }
        ],
        "path": [
          "contacts"
        ],
        "extensions": {
          "argument": "first",
          "code": "BAD_USER_INPUT",
          "maximum": 200
        }
      },
      {
        "message": "`offset` is at most 10000: to read further, use cursors (`after: endCursor`)",
        "locations": [
          {
            "line": 1,
            "column": 3
          }
        ],
        "path": [
          "contacts"
        ],
        "extensions": {
          "argument": "offset",
          "code": "BAD_USER_INPUT",
          "maximum": 10000
        }
      },
      {
        "message": "`sortKey` is set to TAG_ADDED_AT by `event`: leave it out",
        "locations": [
          {
            "line": 1,
            "column": 3
          }
        ],
        "path": [
          "contacts"
        ],
        "extensions": {
          "argument": "sortKey",
          "code": "BAD_USER_INPUT"
        }
      },
      {
        "message": "`after`: not a cursor of this API",
        "locations": [
          {
            "line": 1,
            "column": 3
          }
        ],
        "path": [
          "contacts"
        ],
        "extensions": {
          "argument": "after",
          "code": "INVALID_CURSOR",
          "reason": "MALFORMED"
        }
      }
    ]
    "#);
}

on_each_engine! {
    async fn sizes_and_offsets_beyond_their_limits_are_refused(app: App) {
        for (arguments, extensions) in [
            ("first: 201", too_large("first", 200)),
            ("first: 2147483647", too_large("first", 200)),
            ("last: 201", too_large("last", 200)),
            ("first: -1", bad("first")),
            ("last: -1", bad("last")),
            ("first: -2147483648", bad("first")),
            ("first: 1, last: 1", bad("last")),
            ("first: 0, last: 0", bad("last")),
            ("offset: -1", bad("offset")),
            ("offset: 10001", too_large("offset", 10_000)),
            ("first: 5, offset: 2147483647", too_large("offset", 10_000)),
            ("last: 5, offset: 0", bad("offset")),
            ("last: 5, offset: 5", bad("offset")),
        ] {
            assert_eq!(refusal(&app, arguments).await, extensions, "{arguments}");
        }
        for arguments in
            ["first: 200", "last: 200", "first: 0", "last: 0", "offset: 10000", "first: 1, offset: 0"]
        {
            app.data(&format!("{{ contacts({arguments}) {{ nodes {{ id }} }} }}")).await;
        }
    }

    async fn what_cannot_be_coerced_is_refused_before_anything_runs(app: App) {
        for arguments in [
            "first: 2147483648",
            "first: \"1\"",
            "order: UP",
            "event: DELETED",
            "updatedSince: \"today\"",
            "updatedSince: \"2026-02-30T00:00:00Z\"",
            "unknown: 1",
            "includeDeleted: 1",
            "sortKey: ID",
        ] {
            app.statements();
            let answer = app.ask(&format!("{{ contacts({arguments}) {{ nodes {{ id }} }} }}")).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert!(
                code == "GRAPHQL_VALIDATION_FAILED" || code == "BAD_USER_INPUT",
                "{arguments}: {answer:#}"
            );
            let lists =
                app.statements().into_iter().filter(|statement| statement.sql.contains("FROM \"contact\""));
            assert_eq!(lists.count(), 0, "{arguments}");
        }
    }

    async fn an_event_goes_with_its_own_sort_key_only(listing: Listing) {
        let own = [
            ("CREATED", "CREATED_AT"),
            ("UPDATED", "UPDATED_AT"),
            ("TAG_ADDED", "TAG_ADDED_AT"),
            ("ENRICHED", "ENRICHED_AT"),
        ];
        for (event, key) in own {
            let alone = listing.page(&format!("event: {event}")).await;
            let both = listing.page(&format!("event: {event}, sortKey: {key}")).await;
            assert_eq!(both.cursors, alone.cursors, "{event} with {key}");
            let others = own.iter().map(|(_, key)| *key).chain(["NAME", "COMPANY", "SCORE"]);
            for other in others.filter(|other| *other != key) {
                let arguments = format!("event: {event}, sortKey: {other}");
                assert_eq!(refusal(&listing.app, &arguments).await, bad("sortKey"), "{arguments}");
            }
        }
    }

    async fn an_offset_goes_with_no_cursor_and_points_to_them(listing: Listing) {
        let cursor = listing.page("first: 1").await.cursors[0].clone();
        for arguments in [
            format!("offset: 0, after: {cursor:?}"),
            format!("offset: 3, first: 2, after: {cursor:?}"),
            format!("offset: 3, before: {cursor:?}"),
            "offset: 3, last: 2".to_owned(),
            "offset: -3".to_owned(),
            "offset: 10001".to_owned(),
        ] {
            let errors = errors(&listing.app, &arguments).await;
            assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT", "{errors:#}");
            assert_eq!(errors[0]["extensions"]["argument"], "offset", "{errors:#}");
            assert!(errors[0]["message"].as_str().is_some_and(|text| text.contains("cursor")), "{errors:#}");
        }
    }

    async fn explicit_nulls_are_as_omitted(listing: Listing) {
        let all = listing.page("order: DESC").await;
        let nulls = "first: null, after: null, last: null, before: null, offset: null, updatedSince: null, \
            event: null, order: null, sortKey: null, includeDeleted: null";
        assert_eq!(listing.page(nulls).await.cursors, all.cursors);
        let cursor = &all.cursors[2];
        let rest = "last: null, before: null, offset: null, event: null";
        let after = listing.page(&format!("first: 3, after: {cursor:?}, {rest}")).await;
        assert_eq!(after.cursors, all.cursors[3..6]);
        let before = listing.page(&format!("first: null, last: 2, after: null, before: {cursor:?}")).await;
        assert_eq!(before.cursors, all.cursors[..2]);
        let numbered = listing.page("first: 2, last: null, after: null, before: null, offset: 4").await;
        assert_eq!(numbered.cursors, all.cursors[4..6]);
        let query = "query($n: Int, $s: String, $o: OrderDirection, $e: ContactEvent, $k: ContactSortKey,
            $t: DateTime, $b: Boolean) { contacts(first: $n, after: $s, last: $n, before: $s, offset: $n,
            updatedSince: $t, event: $e, order: $o, sortKey: $k, includeDeleted: $b)
            { edges { cursor node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let null = json!({"n": null, "s": null, "o": null, "e": null, "k": null, "t": null, "b": null});
        for variables in [null, json!({})] {
            let answer = listing.app.ask_with(query, variables).await;
            assert_eq!(answer.get("errors"), None, "{answer:#}");
            assert_eq!(Page::read(&answer["data"]["contacts"]).cursors, all.cursors);
        }
    }

    async fn a_page_is_a_hundred_rows_unless_told_otherwise(app: App) {
        let created = (0..103).map(|index| app.created(json!({"firstName": format!("N{index:03}")})));
        futures_util::future::join_all(created).await;
        let listing = Listing { app, contacts: Vec::new() };
        let all = listing.page("first: 200").await;
        assert_eq!(all.ids.len(), 103);
        let first = listing.counted("order: DESC").await;
        assert_eq!((first.ids.as_slice(), first.next, first.total), (&all.ids[..100], true, Some(103)));
        let rest = listing.page(&format!("after: {:?}", first.cursors[99])).await;
        assert_eq!((rest.ids.as_slice(), rest.next, rest.previous), (&all.ids[100..], false, true));
        // `before` alone: the hundred just before it.
        let last = &all.cursors[102];
        let before = listing.page(&format!("before: {last:?}")).await;
        assert_eq!((before.ids.as_slice(), before.next, before.previous), (&all.ids[2..102], true, true));
        // Between two cursors: the first hundred.
        let between = listing.page(&format!("after: {:?}, before: {last:?}", all.cursors[0])).await;
        assert_eq!((between.ids.as_slice(), between.next, between.previous), (&all.ids[1..101], true, true));
        let numbered = listing.page("offset: 2").await;
        assert_eq!(
            (numbered.ids.as_slice(), numbered.next, numbered.previous),
            (&all.ids[2..102], true, true)
        );
        let named = listing.page("sortKey: NAME, offset: 50").await;
        assert_eq!((named.ids.len(), named.next, named.previous), (53, false, true));
    }

    async fn one_refused_list_leaves_the_other_fields_standing(listing: Listing) {
        let query = "{ bad: contacts(first: 201) { nodes { id } } good: contacts(first: 1) { nodes { id } }
            worse: contacts(after: \"x\") { totalCount } viewer { organization { name } } }";
        let answer = listing.app.ask(query).await;
        let first = ids(&listing.expected(List::Default, true))[0];
        let expected = json!({"bad": null, "good": {"nodes": [{"id": first}]}, "worse": null,
            "viewer": {"organization": {"name": "Acme"}}});
        assert_eq!(answer["data"], expected, "{answer:#}");
        let mut codes: Vec<_> = answer["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| (error["path"][0].as_str(), error["extensions"]["code"].as_str()))
            .collect();
        codes.sort_unstable();
        assert_eq!(codes, [(Some("bad"), Some("BAD_USER_INPUT")), (Some("worse"), Some("INVALID_CURSOR"))]);
    }
}
