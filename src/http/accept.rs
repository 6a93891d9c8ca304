//! Content negotiation: `Accept` and `Accept-Encoding` (RFC 9110, section 12.5).

use axum::http::header::{ACCEPT, ACCEPT_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use mediatype::{MediaType as Type, Name, ReadParams as _, names};

const GRAPHQL_RESPONSE: Type<'_> =
    Type::from_parts(names::APPLICATION, Name::new_unchecked("graphql-response"), Some(names::JSON), &[]);
const JSON: Type<'_> = Type::new(names::APPLICATION, names::JSON);
const ANY_APPLICATION: Type<'_> = Type::new(names::APPLICATION, names::_STAR);
const ANY: Type<'_> = Type::new(names::_STAR, names::_STAR);

/// The types that a GraphQL answer can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the status tells a failed request from a good one.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered 200 whatever its document.
    Json,
}

impl MediaType {
    /// Returns the type to answer with; `None` if the client accepts neither.
    ///
    /// A wildcard or a missing header means `application/json`. A client that names
    /// `application/graphql-response+json` gets it, unless another type weighs more.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let ranges: Vec<_> = values(headers, ACCEPT).flat_map(ranges).collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let wildcard = weight(&ranges, &ANY_APPLICATION).or_else(|| weight(&ranges, &ANY));
        let named = weight(&ranges, &GRAPHQL_RESPONSE);
        let json = weight(&ranges, &JSON).or(wildcard).unwrap_or(0);
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

    /// Value of `Content-Type`.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// Returns true if a content type is JSON in UTF-8.
pub(super) fn is_json(content_type: &str) -> bool {
    // Nearly all clients write it like this.
    content_type.eq_ignore_ascii_case("application/json")
        || parse(content_type).is_some_and(|media| media.essence() == JSON && is_utf8(&media))
}

/// Returns true if the client takes a gzipped answer. One that does not say so may not.
pub(super) fn gzip(headers: &HeaderMap) -> bool {
    let codings: Vec<_> =
        values(headers, ACCEPT_ENCODING).flat_map(|value| value.split(',')).map(coding).collect();
    let weight = |name: &str| {
        let same = codings.iter().filter(|(coding, _)| coding.eq_ignore_ascii_case(name));
        same.map(|(_, weight)| *weight).max()
    };
    // The most specific name decides: `gzip;q=0, *` means anything but gzip.
    ["gzip", "x-gzip", "*"].into_iter().find_map(weight).is_some_and(|weight| weight > 0)
}

/// Reads an element of `Accept-Encoding`, such as `gzip;q=0.5`: its name and its weight.
fn coding(element: &str) -> (&str, u16) {
    let (name, parameter) = element.split_once(';').unwrap_or((element, ""));
    (name.trim(), parameter.split_once('=').map_or(MAX_WEIGHT, |(_, weight)| thousandths(weight.trim())))
}

/// An element of `Accept`.
struct Range<'a> {
    /// `None` if the element is not a type.
    media: Option<Type<'a>>,
    weight: u16,
}

/// Weight of what is wanted most, in thousandths, which are as fine as the grammar allows.
const MAX_WEIGHT: u16 = 1000;

/// Reads a type with its parameters. Clients send parameters off the grammar, such as
/// `profile=http://example.com`: then all of them are ignored.
fn parse(text: &str) -> Option<Type<'_>> {
    let essence = || text.split(';').next().unwrap_or_default().trim();
    Type::parse(text.trim()).or_else(|_| Type::parse(essence())).ok()
}

/// Reads the elements of an `Accept`.
fn ranges(value: &str) -> impl Iterator<Item = Range<'_>> {
    value.split(',').filter(|element| !element.trim().is_empty()).map(|element| {
        // Not a type by the grammar, but some clients mean all types by it.
        let element = if element.trim() == "*" { "*/*" } else { element };
        let Some(media) = parse(element) else {
            return Range { media: None, weight: 0 };
        };
        let weight =
            media.get_param(names::Q).map_or(MAX_WEIGHT, |weight| thousandths(&weight.unquoted_str()));
        Range { weight: if is_utf8(&media) { weight } else { 0 }, media: Some(media) }
    })
}

/// Returns the weight of a type, if the header has it; of several, the largest.
fn weight(ranges: &[Range<'_>], wanted: &Type<'_>) -> Option<u16> {
    let same = |range: &&Range<'_>| range.media.as_ref().is_some_and(|media| media.essence() == *wanted);
    ranges.iter().filter(same).map(|range| range.weight).max()
}

/// Returns true if no `charset` of a type is another than UTF-8, which requests and answers are in.
fn is_utf8(media: &Type<'_>) -> bool {
    media.params().filter(|(name, _)| *name == names::CHARSET).all(|(_, charset)| {
        let charset = charset.unquoted_str();
        charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
    })
}

fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

/// Reads a weight such as `0.5`; one that cannot be read counts as 0.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole = if whole.is_empty() { Ok(0) } else { whole.parse::<u16>() };
    match (whole, fraction.parse::<u16>()) {
        (Ok(whole @ 0..=1), Ok(fraction)) => (whole * MAX_WEIGHT + fraction).min(MAX_WEIGHT),
        _ => 0,
    }
}
