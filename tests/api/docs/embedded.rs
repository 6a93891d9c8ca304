//! GraphQL documents within programs of other languages.

/// Beginnings of a document in TypeScript; it ends at the next backtick.
const MARKERS: [&str; 3] = ["gql`", "graphql`", "graphql(`"];

/// Directives that Relay's compiler takes out before anything is sent.
const RELAY_DIRECTIVES: [&str; 2] = ["@connection(", "@refetchable("];

/// Returns the documents in a program, as they reach the server.
pub(super) fn documents(program: &str) -> Vec<String> {
    let after = MARKERS.iter().flat_map(|marker| program.split(marker).skip(1));
    after.filter_map(|rest| rest.split('`').next()).map(without_relay).collect()
}

fn without_relay(document: &str) -> String {
    let mut document = document.to_owned();
    for directive in RELAY_DIRECTIVES {
        while let Some(start) = document.find(directive) {
            let length = document[start..].find(')').expect("the end of the arguments") + 1;
            document.replace_range(start..start + length, "");
        }
    }
    document
}

#[test]
fn documents_are_found_in_programs() {
    let program = "const A = gql`{ a }`; graphql(`query B { b }`); graphql`fragment C on Query @refetchable(queryName: \"D\") { c }`; `no`";
    assert_eq!(documents(program), ["{ a }", "fragment C on Query  { c }", "query B { b }"]);
}
