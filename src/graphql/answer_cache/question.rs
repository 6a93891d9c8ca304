//! Whatever tells one question from another.

use async_graphql::Request;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::access::Caller;

/// SHA-256 of a question.
pub(super) type Digest = [u8; 32];

/// A question to an organization's data: a document with its operation and variables, and the rights of the
/// caller. Two callers with the same rights ask the same question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Question {
    /// Organization that is asked.
    pub(super) org_id: Uuid,
    pub(super) digest: Digest,
}

impl Question {
    /// Returns the question that a caller asks; `None` if its variables cannot be written as JSON.
    pub(in crate::graphql) fn new(caller: &Caller, request: &Request) -> Option<Self> {
        let Request { query: document, operation_name, variables, .. } = request;
        // All fields, so that a right that is added later cannot be forgotten here. Reads show nothing of who
        // has the key.
        let Caller { org_id, key_id: _, user_id: _, scopes, teams } = caller;
        let mut digest = Sha256::new();
        // Each with its length, so that no two questions are the same bytes.
        let mut add = |part: &[u8]| {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        };
        add(document.as_bytes());
        match operation_name {
            None => add(&[]),
            Some(name) => {
                add(&[1]);
                add(name.as_bytes());
            }
        }
        add(&serde_json::to_vec(variables).ok()?);
        add(&scopes.bits().to_be_bytes());
        match teams {
            None => add(&[]),
            Some(teams) => {
                let mut teams: Vec<_> = teams.iter().map(|team| *team.as_bytes()).collect();
                teams.sort_unstable();
                add(&[1]);
                add(teams.as_flattened());
            }
        }
        Some(Self { org_id: *org_id, digest: digest.finalize().into() })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use async_graphql::Variables;
    use serde_json::json;

    use super::*;
    use crate::access::{Scope, Scopes};

    #[test]
    fn each_part_makes_another_question_but_the_key_does_not() {
        let team = Uuid::now_v7();
        let caller = Arc::new(Caller {
            org_id: Uuid::now_v7(),
            key_id: Uuid::now_v7(),
            user_id: None,
            scopes: [Scope::ContactsRead].into_iter().collect(),
            teams: None,
        });
        let ask = |caller: &Caller, document, name: Option<&str>, value| {
            let mut request = Request::new(document).variables(Variables::from_json(value));
            request.operation_name = name.map(str::to_owned);
            Question::new(caller, &request).expect("JSON")
        };
        let question = ask(&caller, "{ a }", None, json!({}));
        let same = Caller { key_id: Uuid::now_v7(), user_id: Some(Uuid::now_v7()), ..(*caller).clone() };
        assert_eq!(ask(&same, "{ a }", None, json!({})), question);

        let all: Scopes = Scope::ALL.into_iter().collect();
        let of_teams =
            |teams: &[Uuid]| Caller { teams: Some(teams.iter().copied().collect()), ..(*caller).clone() };
        let others = [
            ask(&Caller { scopes: all, ..(*caller).clone() }, "{ a }", None, json!({})),
            ask(&of_teams(&[]), "{ a }", None, json!({})),
            ask(&of_teams(&[team]), "{ a }", None, json!({})),
            ask(&caller, "{ b }", None, json!({})),
            ask(&caller, "{ a }", Some(""), json!({})),
            ask(&caller, "{ a }", Some("a"), json!({})),
            ask(&caller, "{ a }", None, json!({"a": 1})),
            ask(&caller, "{ a }", None, json!({"a": null})),
            ask(&caller, "{ a }", None, json!({"a": "1"})),
        ];
        let digests: HashSet<_> = others.iter().chain([&question]).map(|one| one.digest).collect();
        assert_eq!(digests.len(), others.len() + 1);
        let teams = [Uuid::now_v7(), team];
        let reversed = [teams[1], teams[0]];
        let asked = [teams, reversed].map(|teams| ask(&of_teams(&teams), "{ a }", None, json!({})));
        assert_eq!(asked[0], asked[1]);
        let other = Caller { org_id: Uuid::now_v7(), ..(*caller).clone() };
        assert_ne!(ask(&other, "{ a }", None, json!({})), question);
    }
}
