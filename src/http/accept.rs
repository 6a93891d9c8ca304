//! What the client accepts: `Accept` and `Accept-Encoding` (RFC 9110, section 12.5).

use axum::http::header::{ACCEPT, ACCEPT_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// The two types a GraphQL answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the status tells a failed request from a good one.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered 200 whatever its document.
    Json,
}

impl MediaType {
    /// What to answer with; `None` when the client accepts neither type.
    ///
    /// A wildcard or a missing header means `application/json`. Whoever names
    /// `application/graphql-response+json` gets it, unless another type weighs more.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let ranges = ranges(headers, ACCEPT);
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let wildcard = weight(&ranges, &["application/*", "*/*", "*"]);
        let named = weight(&ranges, &[GRAPHQL_RESPONSE]);
        let json = weight(&ranges, &[JSON]).or(wildcard).unwrap_or(0);
        let graphql = named.or(wildcard).unwrap_or(0);
        if named.is_some_and(|named| named > 0 && named >= json) {
            Some(Self::GraphqlResponse)
        } else if json > 0 {
            Some(Self::Json)
        } else if graphql > 0 {
            Some(Self::GraphqlResponse)
        } else {
            None
        }
    }

    /// The value of `Content-Type`.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// Whether the client takes a gzipped answer. One that does not say so may not.
pub(super) fn gzip(headers: &HeaderMap) -> bool {
    weight(&ranges(headers, ACCEPT_ENCODING), &["gzip", "x-gzip", "*"]).is_some_and(|it| it > 0)
}

/// One element of the header: `name;q=0.5`.
struct Range<'a> {
    name: &'a str,
    /// In thousandths, as fine as the grammar allows.
    weight: u16,
}

fn ranges(headers: &HeaderMap, name: HeaderName) -> Vec<Range<'_>> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(range)
        .filter(|range| !range.name.is_empty())
        .collect()
}

fn range(element: &str) -> Range<'_> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let mut weight = 1000;
    for (parameter, value) in parts.filter_map(|part| part.split_once('=')) {
        if parameter.eq_ignore_ascii_case("q") {
            weight = thousandths(value).unwrap_or(0);
        } else if parameter.eq_ignore_ascii_case("charset") && !is_utf8(value) {
            // Answers are UTF-8 and nothing else.
            weight = 0;
            break;
        }
    }
    Range { name, weight }
}

/// Whether the value of a `charset` parameter means UTF-8.
pub(super) fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u16 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: u16 = fraction.parse().ok()?;
    (whole <= 1).then(|| (whole * 1000 + fraction).min(1000))
}

/// The weight of the first of these names, most specific first, that the header has.
fn weight(ranges: &[Range<'_>], names: &[&str]) -> Option<u16> {
    names.iter().find_map(|name| {
        ranges.iter().filter(|range| range.name.eq_ignore_ascii_case(name)).map(|range| range.weight).max()
    })
}
