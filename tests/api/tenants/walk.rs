//! Every argument of every field, with what another organization has in its place.
//!
//! Two organizations that are alike are asked the same, one with what the other organization has,
//! its twin with what nobody has. As long as one organization is nothing to another, their answers
//! never differ, and the twins stay alike whatever they are made to write.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, body::to_bytes, http::Request};
use contacts_gateway::{access::Rate, graphql::DocumentLimits};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;
use tracing::{Dispatch, Level, instrument::WithSubscriber as _};
use uuid::Uuid;

use super::{
    dump::{assert_filled, dump},
    values::{Pair, Values},
};
use crate::support::{
    App,
    arguments::{Arguments, Path, paths, selection},
    engine::{Engine, ForEngine, on_each_engine},
    filled::Filled,
    schema::{Field, Schema},
};

/// Levels of objects that are selected below a field; for an id also what each object refers to.
const DEPTH: usize = 1;
const DEPTH_FOR_AN_ID: usize = 2;

struct World {
    app: App,
    schema: Schema,
    theirs: Filled,
    values: Values,
    /// What is logged while a request is answered.
    log: Log,
    /// Two that are alike: as long as there is only one, what other threads log is decided without it.
    listeners: [Dispatch; 2],
}

impl ForEngine for World {
    async fn for_engine(engine: Engine) -> Self {
        let most = usize::MAX;
        let documents = DocumentLimits {
            bytes: most,
            tokens: most,
            selections: most,
            complexity: most,
            variables: most,
            ..DocumentLimits::default()
        };
        let app = App::limited(engine, documents, Rate { per_second: 0, burst: 0 }).await;
        let schema = Schema::of(&app).await;
        let theirs = Filled::new(&app, &schema, "qzforeignqx", 971).await;
        let nobody = nobody(&theirs);
        let values = Values::of(&app, &schema, &theirs, &nobody).await;
        let log = Log::default();
        let listeners = [log.listener(), log.listener()];
        Self { app, schema, theirs, values, log, listeners }
    }
}

/// Like an organization, and in no store.
fn nobody(theirs: &Filled) -> Filled {
    Filled {
        org_id: Uuid::now_v7(),
        key: String::new(),
        text: "qzstrangeqx".to_owned(),
        phone: "+14165550972".to_owned(),
        score: -972 * 1_000_003,
        time: "1972-05-17T14:00:00.000Z".to_owned(),
        ids: theirs.ids.iter().map(|(kind, _)| (*kind, Uuid::now_v7().to_string())).collect(),
    }
}

/// Where a field is asked.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root(&'static str),
    /// Of an object, found by its id.
    Within(&'a str),
}

/// A field with values in the place of one argument or member, each under another name.
struct Asked<'a> {
    place: Place<'a>,
    field: &'a Field,
    path: &'a Path,
    depth: usize,
    pairs: &'a [Pair],
}

impl World {
    async fn twins(&self) -> [Filled; 2] {
        let twin = || Filled::new(&self.app, &self.schema, "globex", 55);
        [twin().await, twin().await]
    }

    /// Asks the twins for a field with each of its arguments in turn; how many requests that took.
    async fn walk(&self, twins: &[Filled; 2], place: Place<'_>, field: &Field) -> usize {
        let mut asked = 0;
        let mut shown = false;
        for (path, ty) in paths(&self.schema, field) {
            let mut pairs = self.values.for_path(&self.schema, &path, &ty);
            if matches!(place, Place::Within(_)) && ty.named() == "String" && path.len() > 1 {
                // What a filter compares a text with was seen at the root.
                pairs.truncate(1);
            }
            // A refused object refuses the whole document.
            let depth = if ty.named() == "ID" { DEPTH_FOR_AN_ID } else { DEPTH };
            let together = if ty.named() == "JSON" { 1 } else { 30 };
            for pairs in pairs.chunks(together) {
                let asking = Asked { place, field, path: &path, depth, pairs };
                self.compare(twins, &asking).await;
                asked += 1;
                // That there is something to see is seen once.
                if !shown && !matches!(place, Place::Root("Mutation")) {
                    let (document, variables) = self.document(&asking, &self.theirs, 0);
                    let answer = self.app.ask_as(&self.theirs.key, &document, variables).await;
                    shown = self.values.leaked(&answer["data"].to_string()).is_some();
                }
            }
        }
        assert!(
            shown || asked == 0 || matches!(place, Place::Root("Mutation")),
            "`{}` shows an organization nothing of its own",
            field.name
        );
        asked
    }

    async fn compare(&self, twins: &[Filled; 2], asking: &Asked<'_>) {
        let name = format!("{} at {}", asking.field.name, asking.path.join("."));
        let mut masked = vec![];
        for (side, twin) in twins.iter().enumerate() {
            let (document, variables) = self.document(asking, twin, side);
            let Heard { answer, around } = self.hear(&twin.key, &document, &variables).await;
            assert!(around.contains("answered"), "the log is not heard: {around}");
            assert_eq!(self.values.leaked(&around), None, "{name}: {around}");
            if side == 1 {
                assert_eq!(self.values.leaked(&answer.to_string()), None, "{name}: {answer:#}");
            }
            let is_whole = asking.pairs.len() == 1 || answer.get("data").is_some();
            assert!(is_whole, "{name} is not asked at all: {document} {answer:#}");
            masked.push(self.values.masked(&answer, side));
        }
        let [theirs, nobodys] = [&masked[0], &masked[1]].map(|answer| format!("{answer:#}"));
        let line = theirs.lines().zip(nobodys.lines()).position(|(one, other)| one != other);
        let around = |text: &str| -> Vec<String> {
            text.lines().skip(line.unwrap_or_default().saturating_sub(12)).take(20).map(Into::into).collect()
        };
        assert!(theirs == nobodys, "{name}: {:#?}\nbut of nobody's {:#?}", around(&theirs), around(&nobodys));
    }

    /// The document, and its variables with what a twin has itself wherever else something is needed.
    fn document(&self, asking: &Asked<'_>, own: &Filled, side: usize) -> (String, Value) {
        let Asked { place, field, path, depth, pairs } = asking;
        let (mut variables, mut defined, mut fields) = (Map::new(), vec![], vec![]);
        let about = match place {
            Place::Root(_) => &field.name,
            Place::Within(ty) => *ty,
        };
        for (turn, pair) in pairs.iter().enumerate() {
            let arguments = Arguments { schema: &self.schema, own, field: about };
            let mut passed = vec![];
            for (name, value) in arguments.with(field, path, &pair.0[side]) {
                let ty = &field.args.iter().find(|argument| argument.name == name).expect("an argument").ty;
                defined.push(format!("$a{turn}_{name}: {ty}"));
                passed.push(format!("{name}: $a{turn}_{name}"));
                variables.insert(format!("a{turn}_{name}"), value);
            }
            fields.push(format!("a{turn}: {}({}) {{ ...Shown }}", field.name, passed.join(", ")));
        }
        let fields = fields.join("\n");
        let document = match place {
            Place::Root(root) => format!("{} ({}) {{ {fields} }}", root.to_lowercase(), defined.join(", ")),
            Place::Within(ty) => {
                variables.insert("own".to_owned(), json!(own.id_for(ty)));
                defined.push("$own: ID!".to_owned());
                format!("query({}) {{ node(id: $own) {{ ... on {ty} {{ {fields} }} }} }}", defined.join(", "))
            }
        };
        let shown = field.ty.named();
        let selected = selection(&self.schema, shown, *depth);
        (format!("{document} fragment Shown on {shown} {{ {selected} }}"), variables.into())
    }

    async fn hear(&self, key: &str, document: &str, variables: &Value) -> Heard {
        let body = json!({"query": document, "variables": variables}).to_string();
        let request =
            Request::post("/graphql").header("x-api-key", key).header("content-type", "application/json");
        let request = request.body(Body::from(body)).expect("a request");
        let (head, body) = async {
            let Ok(response) = self.app.router().oneshot(request).await;
            let (head, body) = response.into_parts();
            (head, to_bytes(body, usize::MAX).await.expect("a whole body"))
        }
        .with_subscriber(self.listeners[0].clone())
        .await;
        let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer.as_object_mut().map(|answer| answer.remove("extensions"));
        let log = std::mem::take(&mut *self.log.0.lock().unwrap_or_else(PoisonError::into_inner));
        Heard { answer, around: format!("{:?} {}", head.headers, String::from_utf8_lossy(&log)) }
    }
}

/// What comes of a request: its answer, and its headers and log lines.
struct Heard {
    answer: Value,
    around: String,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listener(&self) -> Dispatch {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
        Dispatch::new(subscriber.with_writer(move || log.clone()).finish())
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

on_each_engine! {
    async fn what_another_organization_has_is_answered_like_what_nobody_has(world: World) {
        let World { app, schema, theirs, .. } = &world;
        let before = dump(app, theirs.org_id).await;
        assert_filled(&before);
        let twins = world.twins().await;
        let mut asked = 0;
        for field in schema.get("Query").fields() {
            asked += world.walk(&twins, Place::Root("Query"), field).await;
        }
        let nodes = schema.possible("Node");
        for (ty, field) in schema.nested() {
            assert!(nodes.contains(&&*ty.name), "teach me how to come to a {}", ty.name);
            asked += world.walk(&twins, Place::Within(&ty.name), field).await;
        }
        for field in schema.get("Mutation").fields() {
            // Each has twins of its own: it may take away what another needs.
            let twins = world.twins().await;
            asked += world.walk(&twins, Place::Root("Mutation"), field).await;
        }
        assert!(asked > 1_000, "only {asked} requests");
        assert_eq!(dump(app, theirs.org_id).await, before, "it was changed by others");
    }
}
