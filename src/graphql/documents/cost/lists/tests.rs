use async_graphql::InputType as _;
use async_graphql_value::ConstValue;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    contacts::Filter,
    graphql::{contact::filter::ContactFilter, documents::types::Types},
};

/// Conditions on every field of a filter, by every operator of its type.
fn conditions() -> Vec<Json> {
    let sdl = crate::graphql::sdl();
    let types = Types::new(&sdl);
    let input = |name: &str| types.schema().get_input_object(name).map(|input| input.fields.clone());
    let fields = input("ContactFilter").expect("the type");
    let values = |name: &str| match name {
        "ID" => vec![json!("01a22ca6-4638-7533-b2f7-f37129179d24"), json!("x")],
        "Int" => vec![json!(1)],
        "Boolean" => vec![json!(true), json!(false)],
        "DateTime" => vec![json!("2026-01-01T00:00:00Z")],
        _ => vec![json!("+14165550100"), json!("text"), json!("")],
    };
    let mut conditions = Vec::new();
    for (name, field) in &fields {
        let of = field.ty.inner_named_type().as_str();
        match (name.as_str(), input(of)) {
            ("and" | "or" | "not", _) => {}
            ("metadata", _) => {
                conditions.push(json!({"metadata": [{"key": "a", "eq": 1}, {"key": "b", "isNull": true}]}));
            }
            (name, Some(operators)) => {
                for (operator, definition) in &operators {
                    for value in values(definition.ty.inner_named_type()) {
                        let lists = [json!([]), json!([value]), json!([value, value])];
                        let given =
                            if definition.ty.is_list() { &lists[..] } else { std::slice::from_ref(&value) };
                        conditions
                            .extend(given.iter().map(|value| json!({name: {operator.as_str(): value}})));
                    }
                }
            }
            (name, None) => conditions.extend([json!({name: true}), json!({name: false})]),
        }
    }
    conditions
}

/// The conditions of a filter as a document has them, and as a statement does.
fn both(filter: &Json, order: ListOrder) -> (Conditions, Conditions) {
    let value = ConstValue::from_json(filter.clone()).expect("a value");
    let (mut of_document, mut of_statement) = (Conditions::default(), Conditions::default());
    add_filters(&mut of_document, &value.clone().into_value(), Place::Required, order);
    let filter = ContactFilter::parse(Some(value)).unwrap_or_else(|_| panic!("{filter}"));
    of_statement.add_filter(&Filter::from(filter), Place::Required, order);
    (of_document, of_statement)
}

#[test]
fn a_document_and_its_statement_count_the_same_conditions() {
    let conditions = conditions();
    assert!(conditions.len() > 500, "{}", conditions.len());
    let orders = [
        (SortKey::UpdatedAt, false),
        (SortKey::UpdatedAt, true),
        (SortKey::CreatedAt, false),
        (SortKey::Score, false),
        (SortKey::Name, true),
    ];
    for (key, include_deleted) in orders {
        let order = ListOrder { key, include_deleted };
        for filter in &conditions {
            for filter in [
                filter.clone(),
                json!({"not": filter}),
                json!({"or": [filter]}),
                json!({"or": [filter, {"not": filter}]}),
                json!({"and": [filter, {"or": [{"and": [filter]}, {}]}]}),
            ] {
                let (of_document, of_statement) = both(&filter, order);
                assert_eq!(of_document, of_statement, "{filter} in {order:?}");
            }
        }
    }
}

#[test]
fn every_list_without_page_arguments_has_a_number_of_rows() {
    let sdl = crate::graphql::sdl();
    let types = Types::new(&sdl);
    let mut lists = Vec::new();
    for (parent, definition) in &types.schema().types {
        let Some(object) = definition.as_object().filter(|_| !parent.starts_with("__")) else { continue };
        for (name, field) in &object.fields {
            let of = field.ty.inner_named_type();
            if field.ty.is_list()
                && !types.is_leaf(of)
                && !parent.ends_with("Connection")
                && of != "UserError"
            {
                let selected = async_graphql::parser::parse_query(format!("{{ {name} {{ id }} }}"));
                let selected =
                    selected.expect("a query").operations.iter().next().map(
                        |(_, operation)| match &operation.node.selection_set.node.items[0].node {
                            Selection::Field(field) => field.node.clone(),
                            _ => panic!("a field"),
                        },
                    );
                let rows = super::super::rows::of(&selected.expect("a field"), field, parent, 3);
                lists.push(format!("{parent}.{name}: {rows}"));
            }
        }
    }
    lists.sort_unstable();
    insta::assert_snapshot!(lists.join("\n"), @r"
    ApiKey.teams: 20
    Contact.assignees: 2
    Contact.emails: 2
    Contact.phones: 2
    CreateContactsPayload.results: 3
    Pipeline.stages: 20
    Query.nodes: 1
    Query.pipelines: 20
    Query.teams: 20
    RestoreContactsPayload.contacts: 3
    Team.members: 50
    UpdateContactsPayload.contacts: 3
    UserError.conflictingContacts: 1
    Viewer.teams: 20
    ");
}
