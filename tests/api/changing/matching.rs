//! Contacts that are changed by a filter, which are found before the write: other writes come in between.

use contacts_gateway::{
    contacts::{
        self, ContactDraft, Filter, Predicate, Ran, TagComparison, TextComparison, TextField,
        WrittenContacts,
        commands::{Command, DeleteContacts, Selection, UpdateContacts},
    },
    input::problem::ProblemCode,
    organizations::SettingsCache,
};
use entity::contact::Column;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use super::{faults, mutate_for, updated};
use crate::support::{App, engine::on_each_engine};

fn of_status(status: &str) -> Filter {
    let comparison = TextComparison::In(vec![status.to_owned()]);
    let predicates = vec![Predicate::Text(TextField::Plain(Column::Status), comparison)];
    Filter { predicates, ..Filter::default() }
}

fn of_tag(name: &str) -> Filter {
    let predicates = vec![Predicate::Tags(TagComparison::Any(vec![name.to_owned()]))];
    Filter { predicates, ..Filter::default() }
}

fn matching(filter: Filter, expected: i32) -> Selection {
    Selection::Matching { criteria: Box::new(filter.into()), expected }
}

impl App {
    /// Prepares a command, lets other writes come, and then writes it.
    async fn with_writes_between(&self, command: impl Command, between: impl Future<Output = ()>) -> Ran {
        let (caller, cache) = (self.caller().await, SettingsCache::default());
        let write = contacts::prepare(&self.database, &cache, &caller, command).await.expect("contacts");
        between.await;
        let deadline = Instant::now() + Duration::from_secs(15);
        self.database.writer().write(self.org_id, write, deadline).await.expect("an outcome")
    }

    async fn live(&self) -> Vec<(Uuid, Value)> {
        let data = self.data("{ contacts(first: 200) { nodes { id status tags notes firstName } } }").await;
        let node =
            |node: &Value| (node["id"].as_str().and_then(|id| id.parse().ok()).expect("an id"), node.clone());
        data["contacts"]["nodes"].as_array().expect("nodes").iter().map(node).collect()
    }
}

fn ids(written: &WrittenContacts) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = written.value.iter().filter_map(|contact| contact.id).collect();
    ids.sort_unstable();
    ids
}

on_each_engine! {
    async fn a_filter_selects_what_matches_at_the_moment_of_the_write(app: App) {
        let [a, b, c, d] = ["x", "x", "y", "y"].map(|status| app.created(json!({"firstName": "A", "status": status})));
        let (a, b, c, d) = (a.await, b.await, c.await, d.await);
        let between = async {
            updated(&app, b, json!({"status": "y"})).await;
            updated(&app, c, json!({"status": "x"})).await;
            // Changed, and as it was.
            updated(&app, a, json!({"notes": "n"})).await;
        };
        let ran = app.with_writes_between(DeleteContacts { selection: matching(of_status("x"), 2) }, between).await;
        let Ran::Written(written) = ran else { panic!("{ran:?}") };
        assert_eq!(written.problems, []);
        assert_eq!(ids(&written), [a, c], "ids are made in order");
        let mut left: Vec<Uuid> = app.live().await.into_iter().map(|(id, _)| id).collect();
        left.sort_unstable();
        assert_eq!(left, [b, d]);
    }

    async fn contacts_that_come_and_go_count_in_what_is_expected(app: App) {
        let doomed = app.created(json!({"firstName": "A", "status": "x"})).await;
        app.created(json!({"firstName": "B", "status": "x"})).await;
        let delete = |expected| DeleteContacts { selection: matching(of_status("x"), expected) };
        let ran = app.with_writes_between(delete(2), async {
            app.created(json!({"firstName": "C", "status": "x"})).await;
        }).await;
        let Ran::Written(written) = ran else { panic!("{ran:?}") };
        assert_eq!(written.problems[0].code, ProblemCode::CountMismatch);
        assert_eq!(app.live().await.len(), 3);
        let ran = app.with_writes_between(delete(2), async {
            mutate_for(&app, "deleteContact", "contactId", json!({"id": doomed})).await;
        }).await;
        let Ran::Written(written) = ran else { panic!("{ran:?}") };
        assert_eq!(written.problems[0].code, ProblemCode::CountMismatch, "three were found: too many, then");
        let ran = app.with_writes_between(delete(2), async {}).await;
        let Ran::Written(written) = ran else { panic!("{ran:?}") };
        assert_eq!((written.value.len(), app.live().await.len()), (2, 0));
    }

    async fn contacts_are_found_again_once_a_tag_of_the_filter_is_another_one(app: App) {
        app.created(json!({"firstName": "A", "tags": ["vip"]})).await;
        let ran = app.with_writes_between(DeleteContacts { selection: matching(of_tag("vip"), 1) }, async {
            mutate_for(&app, "renameTag", "tag { id }", json!({"name": "vip", "newName": "important"})).await;
        }).await;
        assert!(matches!(ran, Ran::Stale), "{ran:?}");
        assert_eq!(app.live().await.len(), 1);
        let input = json!({"where": {"matching": {"filter": {"tags": {"hasAny": ["important"]}}, "expectedCount": 1}}});
        let payload = mutate_for(&app, "deleteContacts", "affectedCount", input).await;
        assert_eq!((&payload["affectedCount"], app.live().await.len()), (&json!(1), 0), "{payload:#}");
    }

    /// The judge is the filter itself, asked when nothing changes any more.
    async fn whatever_comes_between_a_filter_selects_what_a_list_with_it_does(app: App) {
        let mut random = StdRng::seed_from_u64(12);
        let words = ["x", "y", "z"];
        for number in 0..12 {
            let (status, tag) = (words[number % 3], words[number / 4]);
            app.created(json!({"firstName": number.to_string(), "status": status, "tags": [tag]})).await;
        }
        let (mut written_rounds, mut refused_rounds) = (0, 0);
        for round in 0..60 {
            let word = *words.choose(&mut random).expect("a word");
            let by_status = random.random_bool(0.5);
            let matches = |node: &Value| {
                let tags = node["tags"].as_array().expect("tags");
                if by_status { node["status"] == word } else { tags.contains(&json!(word)) }
            };
            let before = app.live().await;
            let expected = before.iter().filter(|(_, node)| matches(node)).count();
            let filter = if by_status { of_status(word) } else { of_tag(word) };
            let changes: Vec<(Uuid, Value)> = (0..random.random_range(0..4)).map(|_| {
                let (id, _) = before.choose(&mut random).expect("a contact");
                let other = words.choose(&mut random).expect("a word");
                let set = match random.random_range(0..3) {
                    0 => json!({"status": other}),
                    1 => json!({"tags": [other]}),
                    _ => json!({"lastName": round.to_string()}),
                };
                (*id, set)
            }).collect();
            let texts = contacts::TextFields {
                notes: contacts_gateway::input::patch::Patch::Value(format!("round {round}")),
                ..contacts::TextFields::default()
            };
            let draft = ContactDraft { texts, ..ContactDraft::default() };
            let selection = matching(filter, i32::try_from(expected).expect("few"));
            let ran = app.with_writes_between(UpdateContacts { selection, draft }, async {
                for (id, set) in changes {
                    updated(&app, id, set).await;
                }
            }).await;
            let Ran::Written(written) = ran else { panic!("{ran:?}") };
            let mut now: Vec<Uuid> = Vec::new();
            let mut noted: Vec<Uuid> = Vec::new();
            for (id, node) in app.live().await {
                now.extend(matches(&node).then_some(id));
                noted.extend((node["notes"] == format!("round {round}")).then_some(id));
            }
            now.sort_unstable();
            noted.sort_unstable();
            if now.len() == expected {
                assert_eq!((ids(&written), &written.problems[..]), (now.clone(), &[][..]), "round {round}");
                assert_eq!(noted, now, "round {round}");
                written_rounds += 1;
            } else {
                assert_eq!(written.problems[0].code, ProblemCode::CountMismatch, "round {round}");
                assert_eq!(noted, [] as [Uuid; 0], "round {round}");
                refused_rounds += 1;
            }
        }
        assert!(written_rounds > 10 && refused_rounds > 5, "{written_rounds} {refused_rounds}");
    }

    async fn many_are_changed_in_parts_and_all_or_none(app: App) {
        let rows = |from: usize| -> Value { (from..from + 200).map(|number| json!({"firstName": number.to_string()})).collect() };
        for from in [0, 200, 400] {
            mutate_for(&app, "createContacts", "createdCount", json!({"contacts": rows(from)})).await;
        }
        let all = |set: Value| json!({"where": {"matching": {"filter": {}, "expectedCount": 600}}, "set": set});
        let selection = "affectedCount contacts { notes version }";
        let payload = mutate_for(&app, "updateContacts", selection, all(json!({"notes": "n"}))).await;
        assert_eq!((&payload["affectedCount"], faults(&payload).len()), (&json!(600), 0), "{payload:#}");
        let shown = payload["contacts"].as_array().expect("contacts");
        assert_eq!(shown.len(), 200);
        assert!(shown.iter().all(|contact| *contact == json!({"notes": "n", "version": 2})), "{shown:?}");
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE notes = 'n' AND version = 2").await, 600);
        assert_eq!(app.number("SELECT count(DISTINCT change_seq) FROM contact").await, 600);

        // One of the last has no room for another tag.
        let tags: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        updated(&app, app.live().await[0].0, json!({"tags": tags})).await;
        let payload = mutate_for(&app, "updateContacts", selection, all(json!({"addTags": ["one more"], "notes": "m"}))).await;
        assert_eq!(faults(&payload), ["TOO_MANY input.set.addTags"], "{payload:#}");
        assert_eq!(payload["affectedCount"], 0);
        assert_eq!(app.number("SELECT count(*) FROM contact WHERE notes = 'm'").await, 0);
        assert_eq!(app.number("SELECT count(*) FROM tag WHERE name = 'one more'").await, 0);
        let input = json!({"where": {"matching": {"filter": {}, "expectedCount": 600}}});
        let payload = mutate_for(&app, "deleteContacts", "affectedCount contactIds", input).await;
        assert_eq!((&payload["affectedCount"], app.live().await.len()), (&json!(600), 0), "{payload:#}");
    }
}
