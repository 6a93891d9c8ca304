//! Documents: each limit, at it and one above.

use contacts_gateway::{access::Rate, graphql::DocumentLimits};
use serde_json::{Value, json};

use crate::support::{App, engine::Engine};

async fn app() -> App {
    App::new(Engine::Sqlite).await
}

/// A document with `n` of what is limited, and as little as possible of everything else.
type Build = fn(usize) -> String;

fn times(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect::<Vec<_>>().join(" ")
}

fn with_bytes(n: usize) -> String {
    format!("{:<n$}", "{ __typename }")
}

fn with_tokens(n: usize) -> String {
    format!("{{ contact(id: [{}]) {{ id }} }}", times(n - 12, |_| "1".to_owned()))
}

fn with_nesting(n: usize) -> String {
    let (open, close) = ("[".repeat(n - 2), "]".repeat(n - 2));
    format!("{{ contact(id: {open}{close}) {{ id }} }}")
}

/// 48 spreads of 100 fields, and as many fields as are missing.
fn with_selections(n: usize) -> String {
    let spreads = times(48, |_| "...F".to_owned());
    let fields = times(n - 48 * 101, |_| "__typename".to_owned());
    let fragment = times(100, |_| "__typename".to_owned());
    format!("{{ {spreads} {fields} }} fragment F on Query {{ {fragment} }}")
}

fn with_aliases(n: usize) -> String {
    format!("{{ {} }}", times(n, |index| format!("a{index}: __typename")))
}

fn with_directives(n: usize) -> String {
    format!("{{ {} }}", times(n, |_| "__typename @include(if: true)".to_owned()))
}

fn with_directives_at_one_place(n: usize) -> String {
    format!("{{ __typename {} }}", times(n, |_| "@include(if: true)".to_owned()))
}

fn with_variables(n: usize) -> String {
    format!("query({}) {{ __typename }}", times(n, |index| format!("$v{index}: Int")))
}

fn with_operations(n: usize) -> String {
    times(n, |index| format!("query a{index} {{ __typename }}"))
}

fn with_fragments(n: usize) -> String {
    format!("{{ __typename }} {}", times(n, |index| format!("fragment F{index} on Query {{ __typename }}")))
}

/// No fragments, or one that is not used and spreads itself.
fn with_cycles(n: usize) -> String {
    format!("{{ __typename }} {}", times(n, |_| "fragment F on Query { __typename ...F }".to_owned()))
}

fn with_depth(n: usize) -> String {
    const STEPS: [&str; 3] = ["contacts(first: 1)", "nodes", "companyRecord"];
    let open: String = (0..n - 1).flat_map(|index| ["{ ", STEPS[index % 3], " "]).collect();
    format!("{open}{{ __typename }}{}", " }".repeat(n - 1))
}

fn with_lists(n: usize) -> String {
    let open = "fields { type { ".repeat(n - 2);
    format!("{{ __schema {{ types {{ {open} fields {{ name }} {} }} }} }}", "} } ".repeat(n - 2))
}

/// 100 contacts, each with a company and `n / 100 - 2` of its contacts.
fn with_complexity(n: usize) -> String {
    let inner = n / 100 - 2;
    format!(
        "{{ contacts(first: 100) {{ nodes {{ companyRecord {{ contacts(first: {inner}) {{ nodes {{ id }} }} }} }} }} }}"
    )
}

/// A list of a variable used 110 times, and as much more text as is missing.
fn with_argument_bytes(n: usize) -> String {
    let (length, uses) = (19_000, 110);
    let rest = n - 10 - uses * (length + 10) - 10;
    format!(
        "query($v: ID! = \"{:a<length$}\") {{ nodes(ids: [{} \"{:a<rest$}\"]) {{ id }} }}",
        "",
        "$v ".repeat(uses),
        ""
    )
}

/// The input, a contact with 100 phones used 98 times, and one with as many more phones as are missing.
fn with_input_objects(n: usize) -> String {
    let (phones, uses) = (100, 98);
    let phone = "{number: \"\"} ";
    let (default, rest) = (phone.repeat(phones), phone.repeat(n - 2 - uses * (phones + 1)));
    let contacts = format!("{} {{phones: [{rest}]}}", "$v ".repeat(uses));
    format!(
        "mutation($v: CreateContactInput! = {{phones: [{default}]}}) {{
            createContacts(input: {{contacts: [{contacts}]}}) {{ __typename }} }}"
    )
}

fn with_filter_levels(n: usize) -> String {
    let (open, close) = ("{ not: ".repeat(n - 1), "}".repeat(n - 1));
    format!("{{ contacts(filter: {open} {{ score: {{ eq: 1 }} }} {close}) {{ totalCount }} }}")
}

fn with_filter_conditions(n: usize) -> String {
    let texts = times(n - 4, |_| "{ email: { eq: \"a\" } }".to_owned());
    let others =
        "score: { gt: 1, lt: 9, eq: null }, isActive: true, city: null, metadata: { key: \"a\", eq: 1 }";
    format!("{{ contacts(filter: {{ and: [{texts}] {others} }}) {{ totalCount }} }}")
}

/// The name of each limit, its maximum, the next size above it, and documents that have either.
const LIMITS: [(&str, usize, usize, Build); 18] = [
    ("bytes", 32 * 1024, 32 * 1024 + 1, with_bytes),
    ("tokens", 4_000, 4_001, with_tokens),
    ("nesting", 50, 51, with_nesting),
    ("selections", 5_000, 5_001, with_selections),
    ("aliases", 30, 31, with_aliases),
    ("directives", 50, 51, with_directives),
    ("directivesPerNode", 5, 6, with_directives_at_one_place),
    ("variables", 100, 101, with_variables),
    ("operations", 50, 51, with_operations),
    ("fragments", 50, 51, with_fragments),
    ("fragmentCycles", 0, 1, with_cycles),
    ("depth", 15, 16, with_depth),
    ("introspectionLists", 3, 4, with_lists),
    ("argumentBytes", 2 * 1024 * 1024, 2 * 1024 * 1024 + 1, with_argument_bytes),
    ("inputObjects", 10_000, 10_001, with_input_objects),
    ("filterLevels", 10, 11, with_filter_levels),
    ("filterConditions", 100, 101, with_filter_conditions),
    ("complexity", 10_000, 10_100, with_complexity),
];

#[tokio::test]
async fn each_limit_is_kept_at_it_and_refused_one_above() {
    let app = app().await;
    for (limit, maximum, above, build) in LIMITS {
        let told = app.tell(&build(maximum)).await;
        let code = &told.body["errors"][0]["extensions"]["code"];
        assert_ne!(code, "QUERY_TOO_COMPLEX", "{limit}: {:#}", told.body);
        let expected =
            json!({"code": "QUERY_TOO_COMPLEX", "limit": limit, "maximum": maximum, "actual": above});
        let mut all = vec![app.tell(&build(above)).await];
        if !build(above).starts_with("mutation") {
            all.push(app.tell_by_get(&build(above)).await);
        }
        for told in all {
            assert_eq!((told.status, told.error()), (400, expected.clone()), "{:#}", told.body);
            assert_eq!(told.body.get("data"), None, "{limit}: {:#}", told.body);
        }
    }
}

#[tokio::test]
async fn each_limit_is_a_setting() {
    let limits = DocumentLimits {
        bytes: 2_000,
        tokens: 100,
        nesting: 8,
        selections: 20,
        aliases: 2,
        directives: 3,
        directives_per_node: 2,
        variables: 2,
        operations: 1,
        fragments: 2,
        depth: 4,
        introspection_lists: 2,
        argument_bytes: 100,
        input_objects: 5,
        filter_levels: 2,
        filter_conditions: 3,
        answer_bytes: 1_000,
        complexity: 500,
    };
    let app = App::limited(Engine::Sqlite, limits, Rate::default()).await;
    let many = [
        ("bytes", with_bytes(2_001)),
        ("tokens", with_tokens(101)),
        ("nesting", with_nesting(9)),
        ("selections", format!("{{ {} }}", times(21, |_| "__typename".to_owned()))),
        ("aliases", with_aliases(3)),
        ("directives", with_directives(4)),
        ("directivesPerNode", with_directives_at_one_place(3)),
        ("variables", with_variables(3)),
        ("operations", with_operations(2)),
        ("fragments", with_fragments(3)),
        ("depth", with_depth(5)),
        ("introspectionLists", with_lists(3)),
        ("argumentBytes", format!("{{ contact(id: \"{:a<91}\") {{ id }} }}", "")),
        ("inputObjects", "{ contacts(filter: {and: [{} {} {} {} {}]}) { totalCount } }".to_owned()),
        ("filterLevels", "{ contacts(filter: {not: {not: {}}}) { totalCount } }".to_owned()),
        (
            "filterConditions",
            "{ contacts(filter: {score: {gt: 1, lt: 2}, city: {eq: \"a\", neq: \"b\"}}) { totalCount } }".to_owned(),
        ),
        ("complexity", "{ contacts { nodes { team { id } companyRecord { id } owner { id } pipeline { id } organization { id } } } }".to_owned()),
    ];
    for (limit, document) in many {
        assert_eq!(app.tell(&document).await.error()["limit"], limit);
    }
}

/// Every place that takes a filter, given by a variable.
#[tokio::test]
async fn filters_are_held_to_their_limits_wherever_they_stand() {
    let app = app().await;
    let places = [
        "query($f: ContactFilter) { contacts(filter: $f) { totalCount } }",
        "query($f: ContactFilter) { ...F } fragment F on Query { contacts(filter: $f) { totalCount } }",
        "query($f: ContactFilter!) { contacts(first: 1, filter: {and: [$f]}) { totalCount } }",
        "query($f: ContactFilter) { companies(first: 1) { nodes { contacts(filter: $f) { totalCount } } } }",
        "query($f: ContactFilter) { node(id: \"a\") { ... on Team { contacts(filter: $f) { totalCount } } } }",
        "query($f: ContactFilter) { node(id: \"a\") { ... on Tag { contacts(filter: $f) { totalCount } } } }",
        "query($f: ContactFilter) { node(id: \"a\") { ... on PipelineStage { contacts(filter: $f) { totalCount } } } }",
        "mutation($f: ContactFilter) { deleteContacts(input: {where: {matching: {filter: $f, expectedCount: 0}}}) { userErrors { code } } }",
    ];
    let within = |filters: usize| json!({"f": {"and": vec![json!({"city": {"eq": "a"}}); filters]}});
    for place in places {
        let told = app.ask_with(place, within(100)).await;
        assert_eq!(told.get("errors"), None, "{place}: {told:#}");
        let told = app.ask_with(place, within(101)).await;
        let refused = &told["errors"][0]["extensions"];
        assert_eq!(
            (&refused["limit"], &refused["actual"]),
            (&json!("filterConditions"), &json!(101)),
            "{place}: {told:#}"
        );
    }
}

/// Each use of a variable is a copy of its value: a small request could come to gigabytes.
#[tokio::test]
async fn a_large_variable_cannot_be_used_many_times() {
    let app = app().await;
    let large = json!({"v": "a".repeat(70_000)});
    let places = [
        format!("query($v: String) {{ {} }}", times(30, |n| format!("a{n}: contacts(query: $v) {{ totalCount }}"))),
        format!("query($v: ID!) {{ nodes(ids: [{}]) {{ id }} }}", "$v ".repeat(30)),
        format!("query($v: String) {{ contacts(filter: {{or: [{}]}}) {{ totalCount }} }}", "{city: {eq: $v}} ".repeat(30)),
        format!("query($v: String) {{ nodes(ids: [{}]) {{ ... on Company {{ contacts(first: 1, query: $v) {{ totalCount }} }} }} }}", "\"a\" ".repeat(30)),
        "query($v: String) { pipelines { stages { contacts(first: 1, query: $v) { totalCount } } } }".to_owned(),
        "query($v: String) { contacts(first: 30) { nodes { companyRecord { contacts(first: 1, query: $v) { totalCount } } } } }".to_owned(),
        format!("mutation($v: JSON) {{ createContact(input: {{metadata: {{a: [{}]}}}}) {{ contact {{ id }} }} }}", "$v ".repeat(30)),
    ];
    for place in places {
        let told = app.ask_with(&place, large.clone()).await;
        let refused = &told["errors"][0]["extensions"];
        assert_eq!(refused["limit"], "argumentBytes", "{place}: {told:#}");
        assert!(refused["actual"].as_u64().is_some_and(|actual| actual >= 30 * 70_000), "{refused}");
    }
    // Once it is as welcome as any.
    for once in [
        "query($v: String) { contacts(query: $v) { totalCount } }".to_owned(),
        // As often as it is selected, it is one field.
        format!("query($v: String) {{ {} }}", times(30, |_| "contacts(query: $v) { totalCount }".to_owned())),
    ] {
        let told = app.ask_with(&once, large.clone()).await;
        assert_eq!(told["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{told:#}");
    }
}

/// The texts of contacts, each time they are asked for.
#[tokio::test]
async fn an_answer_has_a_size_and_a_field_beyond_it_fails_alone() {
    let limits = DocumentLimits { answer_bytes: 1_000, ..DocumentLimits::default() };
    let app = App::limited(Engine::Sqlite, limits, Rate::default()).await;
    app.created(json!({"firstName": "Jane", "notes": "a".repeat(400), "metadata": {"a": "b".repeat(50)}}))
        .await;
    let asked = |fields: &str| format!("{{ viewer {{ id }} contacts {{ nodes {{ {fields} }} }} }}");
    for fields in ["notes", "a: notes b: notes", "metadata notes", "metadata metadata", "notes notes notes"] {
        let told = app.tell(&asked(fields)).await;
        assert_eq!(told.body.get("errors"), None, "{fields}: {:#}", told.body);
    }
    for fields in
        ["a: notes b: notes c: notes", "metadata a: notes b: notes", "a: metadata b: metadata c: metadata"]
    {
        let told = app.tell(&asked(fields)).await;
        assert_eq!(
            (told.status, &told.body["data"]["contacts"]),
            (200, &Value::Null),
            "{fields}: {:#}",
            told.body
        );
        assert!(told.body["data"]["viewer"]["id"].is_string(), "{fields}: {:#}", told.body);
        let refused = &told.body["errors"][0]["extensions"];
        assert_eq!(
            (&refused["code"], &refused["limit"]),
            (&json!("QUERY_TOO_COMPLEX"), &json!("answerBytes")),
            "{fields}"
        );
        assert_eq!(told.body["errors"][1], Value::Null, "{fields}: {:#}", told.body);
    }
}

/// Each page waits until the one before it is read, and takes memory as long. What is read for all stages of a pipeline
/// at once does not.
#[tokio::test]
async fn an_answer_has_a_maximum_of_pages_of_contacts_of_stages() {
    let limits = DocumentLimits { answer_bytes: 8 * (32 * 1_024 + 512), ..DocumentLimits::default() };
    let app = App::limited(Engine::Sqlite, limits, Rate::default()).await;
    let stages =
        |count: usize| -> Value { (0..count).map(|number| json!({"name": number.to_string()})).collect() };
    let create =
        "mutation($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }";
    app.ask_with(create, json!({"input": {"name": "A", "stages": stages(7)}})).await;
    let pages = "{ pipelines { stages { contacts(first: 1) { nodes { id } } } } viewer { id } }";
    let listed = |told: &Value| {
        let pipelines = told["data"]["pipelines"].as_array().into_iter().flatten();
        pipelines.filter_map(|pipeline| pipeline["stages"].as_array().map(Vec::len)).sum::<usize>()
    };
    let told = app.tell(pages).await;
    assert_eq!(listed(&told.body), 7, "{:#}", told.body);
    app.ask_with(create, json!({"input": {"name": "B", "stages": stages(2)}})).await;
    let told = app.tell(pages).await;
    assert_eq!(told.body["errors"][0]["extensions"]["limit"], "answerBytes", "{:#}", told.body);
    assert!(told.body["data"]["viewer"]["id"].is_string(), "{:#}", told.body);
    let told = app.tell("{ pipelines { stages { contactsCount pipeline { id } } } viewer { id } }").await;
    assert_eq!(listed(&told.body), 9, "{:#}", told.body);
}

#[tokio::test]
async fn fields_that_cannot_be_merged_are_told_once_however_many_they_are() {
    let app = app().await;
    let flat =
        format!("nodes(ids: [{}]) {{ id }} {}", "1 ".repeat(600), "nodes(ids: []) { id } ".repeat(150));
    let nested = format!("{{ {} {flat} {} }}", "... { ".repeat(40), "} ".repeat(40));
    let spread = format!(
        "{{ ...F ...G }} fragment F on Query {{ {flat} }} fragment G on Query {{ {} }}",
        "... { ...F } ".repeat(9)
    );
    for document in [format!("{{ {flat} }}"), nested, spread] {
        for told in [app.tell(&document).await, app.tell_by_get(&document).await] {
            assert_eq!((told.status, &told.error()["code"]), (400, &json!("GRAPHQL_VALIDATION_FAILED")));
            assert_eq!(told.body["errors"].as_array().map(Vec::len), Some(1), "{:#}", told.body);
        }
    }
}

#[tokio::test]
async fn only_fields_of_one_name_that_differ_cannot_be_merged() {
    let app = app().await;
    let two = |one: &str, other: &str| format!("{{ contacts(first: 1) {{ nodes {{ {one} {other} }} }} }}");
    let fragment = |one: &str, other: &str| {
        format!(
            "{{ contacts(first: 1) {{ nodes {{ {one} ...F }} }} }} fragment F on Contact {{ ...G }} fragment G on Contact {{ {other} }}"
        )
    };
    let differing = [("id", "id: email"), ("a: email", "a: phone")];
    for (one, other) in differing {
        let both = [
            two(one, other),
            two(&format!("... {{ {one} }}"), &format!("... {{ {other} }}")),
            fragment(&format!("... on Contact {{ {one} }}"), other),
        ];
        for (place, document) in both.iter().enumerate() {
            let told = app.tell(document).await;
            assert_eq!(told.status, 400, "{place} {document}: {:#}", told.body);
            assert_eq!(told.error()["code"], "GRAPHQL_VALIDATION_FAILED", "{document}: {:#}", told.body);
        }
    }
    let differing = [
        "{ contacts(first: 1) { totalCount } contacts(first: 2) { totalCount } }",
        "{ nodes(ids: [\"a\"]) { id } nodes(ids: [\"a\", \"b\"]) { id } }",
        "{ ...F nodes(ids: []) { id } } fragment F on Query { nodes(ids: [\"a\"]) { id } }",
        "{ contacts(filter: {or: []}) { totalCount } contacts(filter: {or: [{}]}) { totalCount } }",
        "{ tag(name: \"a\") { id } tag(name: \"\"\"a\"\"\") { id } }",
        "{ a: viewer { id } a: viewer { id: scopes } }",
        "{ a: viewer { x: id } a: viewer { x: scopes } }",
        "{ node(id: \"1\") { ... on Contact { x: version } x: id } }",
        "{ node(id: \"1\") { x: id ... on Contact { x: version } } }",
        "{ node(id: \"1\") { ...F x: id } } fragment F on Contact { x: version }",
        "{ node(id: \"1\") { ... on Contact { x: version } ... on User { x: name } } }",
        "{ node(id: \"1\") { ... on Contact { x: tags } ... on User { x: name } } }",
        "{ node(id: \"1\") { ... on Contact { x: phones { id: number } } ... on Company { x: contacts { id: totalCount } } } }",
    ];
    for document in differing {
        let told = app.tell(document).await;
        assert_eq!(
            told.body["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{document}: {:#}",
            told.body
        );
    }
    let alike = [
        two("id email", "email id"),
        two("id a: email", "... { a: email }"),
        fragment("id", "id __typename id"),
        "{ a: contacts(first: 1) { totalCount } a: contacts(first: 1) { nodes { id } } }".to_owned(),
        "{ node(id: \"1\") { ... on Contact { a: email } ... on User { a: email } } }".to_owned(),
        "{ a: node(id: \"1\") { ... on Company { contacts(filter: {or: []}) { totalCount } } ... on Team { contacts(filter: {or: [{}]}) { totalCount } } } }".to_owned(),
    ];
    for document in alike {
        let told = app.tell(&document).await;
        assert_eq!(told.body.get("errors"), None, "{document}: {:#}", told.body);
    }
}

#[tokio::test]
async fn nesting_that_would_overflow_the_parser_is_refused_before_it() {
    let app = app().await;
    for (open, close) in [("[", "]"), ("{a:", "}")] {
        let deep = |n: usize| format!("{{ contact(id: {}{}) {{ id }} }}", open.repeat(n), close.repeat(n));
        for n in [100, 1_000, 4_000] {
            for told in [app.tell(&deep(n)).await, app.tell_by_get(&deep(n)).await] {
                assert_eq!(told.error()["code"], "QUERY_TOO_COMPLEX", "{n}");
            }
        }
    }
    let selections = "{a".repeat(10_000);
    assert_eq!(app.tell(&selections).await.error()["code"], "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn fragments_that_multiply_are_counted_without_expanding_them() {
    let app = app().await;
    let last = "fragment F48 on Query { __typename }";
    let chain = times(48, |index| format!("fragment F{index} on Query {{ ...F{0} ...F{0} }}", index + 1));
    let document = format!("{{ ...F0 }} {chain} {last}");
    for told in [app.tell(&document).await, app.tell_by_get(&document).await] {
        let error = told.error();
        assert_eq!((&error["code"], &error["limit"]), (&json!("QUERY_TOO_COMPLEX"), &json!("selections")));
        assert!(error["actual"].as_u64().is_some_and(|actual| actual > 1 << 48), "{error}");
    }
    // As many levels as do no harm are welcome.
    let few = times(8, |index| format!("fragment F{index} on Query {{ ...F{0} ...F{0} }}", index + 1));
    let document = format!("{{ ...F0 }} {few} fragment F8 on Query {{ __typename }}");
    assert_eq!(app.tell(&document).await.body["data"], json!({"__typename": "Query"}));
}

#[tokio::test]
async fn fragments_that_spread_each_other_in_a_circle_are_refused() {
    let app = app().await;
    let circle = "{ __typename } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }";
    assert_eq!(app.tell(circle).await.error()["limit"], "fragmentCycles");
    let used = "{ ...A } fragment A on Query { contacts { nodes { companyRecord { contacts { ...B } } } } }
        fragment B on ContactConnection { nodes { companyRecord { contacts { ...B } } } }";
    assert_eq!(app.tell(used).await.error()["limit"], "fragmentCycles");
}

#[tokio::test]
async fn graphiqls_introspection_passes_and_a_circular_one_does_not() {
    let app = app().await;
    let of_type = "ofType { kind name ".repeat(9) + &"}".repeat(9);
    let whole = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }}
            subscriptionType {{ name kind }} types {{ ...FullType }}
            directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
        fragment FullType on __Type {{ kind name description specifiedByURL isOneOf
            fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }}
                type {{ ...TypeRef }} isDeprecated deprecationReason }}
            inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
            possibleTypes {{ ...TypeRef }} }}
        fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue }}
        fragment TypeRef on __Type {{ kind name {of_type} }}"
    );
    let told = app.tell(&whole).await;
    assert_eq!(told.body.get("errors"), None, "{:#}", told.body);
    assert!(told.body["data"]["__schema"]["types"].as_array().is_some_and(|types| types.len() > 50));
    let circular = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    let error = app.tell(circular).await.error();
    assert_eq!(
        error,
        json!({"code": "QUERY_TOO_COMPLEX", "limit": "introspectionLists", "maximum": 3, "actual": 4 + 1})
    );
}
