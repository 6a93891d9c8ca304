// Texts that are no documents, or only look as if they were none.
import { TokenKind } from "graphql";
import { tokens } from "./layout.js";

const STRANGE = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ":",
  "=",
  "!",
  "$",
  "@",
  "|",
  "&",
  "...",
  "..",
  ".",
  "1",
  "-",
  '"',
  '"""',
  '""',
  "null",
  "on",
  "true",
  "fragment",
  "query",
  "\\",
  "'",
  "?",
  "%",
  "\u0000",
  "\u00a0",
  "\u2028",
  "\u{1F600}",
  "#",
  "1a",
  "0x1",
  ",",
];

// Each of these is put where a string may stand.
const STRINGS = [
  '"\n"',
  '"\na"',
  '"a\nb"',
  '"\r"',
  '"a',
  '"\\x"',
  '"\\u12"',
  '"\\u12G4"',
  '"\\u{}"',
  '"\\u{110000}"',
  '"\\u{d800}"',
  '"\\u{1F600"',
  '"\\u{000000041}"',
  '"\\u{00000041}"',
  '"\\ud83d"',
  '"\\ude00"',
  '"\\ud83d\\u0041"',
  '"\\ud83d\\ude00"',
  '"\\uD83D\\uDE00"',
  '"\\u{1F600}"',
  '"\\ud83d\\u{de00}"',
  '"\\u{d83d}\\u{de00}"',
  '"\\U0041"',
  "'a'",
  '"""a',
  '"""a"b""c"""',
  '"""a\\"""b"""',
  '"""\n  a\n    b\n"""',
  '""""a"""',
  '"""a""""',
  '"\u0000"',
  '"\u0007"',
  '"\t"',
  '"\ufeff"',
  '""',
  '""""""',
  '"\\"',
  '"\\\\"',
  '"\\/"',
  '"""\\u0041"""',
  '"""\u0000"""',
  '"\u2028"',
];

const NUMBERS = [
  "01",
  "-01",
  "1a",
  "1.",
  ".5",
  "1.e1",
  "1e",
  "1e+",
  "-",
  "+1",
  "0x1",
  "1_000",
  "1.5.2",
  "-0",
  "00",
  "1.0a",
  "0",
  "1ea",
  "1e1.5",
  "- 1",
  '1"a"',
  "1...",
  "Infinity",
  "NaN",
];

const WHOLE = [
  "",
  " ",
  "#",
  "# only a comment",
  "\ufeff",
  ",",
  "{",
  "}",
  "{}",
  "{ viewer {} }",
  "{ viewer { id }",
  "{ viewer { id } } }",
  "{ viewer { id } } extra",
  "query",
  "query Q",
  "query Q()",
  "query Q() { viewer { id } }",
  "query ($a Int) { viewer { id } }",
  "query ($a: Int = $b) { viewer { id } }",
  "query ($a: [Int) { viewer { id } }",
  "query ($a: Int!!) { viewer { id } }",
  "query (a: Int) { viewer { id } }",
  "query Q R { viewer { id } }",
  "Query { viewer { id } }",
  "{ contacts(first) { totalCount } }",
  "{ contacts(first:) { totalCount } }",
  "{ contacts() { totalCount } }",
  "{ contacts(first: 1 { totalCount } }",
  "{ contacts(: 1) { totalCount } }",
  "{ contacts(first: , 1) { totalCount } }",
  "{ contacts(filter: {isActive}) { totalCount } }",
  "{ contacts(filter: {isActive:}) { totalCount } }",
  "{ contacts(filter: {: true}) { totalCount } }",
  "{ contacts(filter: {isActive true}) { totalCount } }",
  "{ contacts(filter: {not: {isActive}}) { totalCount } }",
  "{ viewer @include(if) { id } }",
  "{ viewer @include() { id } }",
  "{ viewer @ { id } }",
  "{ viewer @ include (if: true) { id } }",
  "{ viewer @include(if: true { id } }",
  "query ($a: Int @x(b: $c)) { viewer { id } }",
  "{ a,: viewer { id } }",
  "{ a :,viewer { id } }",
  "{ a:b:viewer { id } }",
  "{ a: { id } }",
  "{ : viewer { id } }",
  "{ ..., on Query { viewer { id } } }",
  "{ ...,@include(if: true) { viewer { id } } }",
  "{ ... { viewer { id } } }",
  "{ ...,{ viewer { id } } }",
  "{ ...,F } fragment F on Query { viewer { id } }",
  "{ ...F, } fragment,F,on,Query,{,viewer,{,id,},}",
  "{ ...on { viewer { id } } }",
  "{ ... on Query }",
  "{ ... Query { viewer { id } } }",
  "{ ...on } fragment on on Query { viewer { id } }",
  "fragment on on Query { viewer { id } } { viewer { id } }",
  "fragment F on Query ($a: Int) { viewer { id } } { ...F }",
  "fragment F($a: Int) on Query { viewer { id } } { ...F }",
  "fragment F { viewer { id } } { ...F }",
  "fragment F on { viewer { id } } { ...F }",
  "{ ...fragment } fragment fragment on Query { viewer { id } }",
  '"what it is for" query Q { viewer { id } }',
  '"""what it is for""" query Q { viewer { id } }',
  '"no" { viewer { id } }',
  '"d" fragment F on Query { viewer { id } } query { ...F }',
  'query ("d" $a: Boolean = true) { viewer @include(if: $a) { id } }',
  'query { "d" viewer { id } }',
  '"d" "e" query { viewer { id } }',
  '"d", query Q { viewer { id } }',
  '"d"',
  '"d" extend type Query { a: Int }',
  'query Q "d" { viewer { id } }',
  "mutation { }",
  "subscription { viewer { id } }",
  "query Q { viewer { id } } subscription S { viewer { id } }",
  "query Q @skip { viewer { id } }",
  "{ viewer { id } } { viewer { id } }",
  "type Query { a: Int }",
  "extend { a }",
  "extend type Query { a: Int } { viewer { id } }",
  "schema { query: Query }",
  "directive @x on FIELD { viewer { id } }",
  "interface X { a: Int } { viewer { id } }",
  "query on { viewer { id } }",
  "query true { viewer { id } }",
  "query null { null: viewer { true: id on: id fragment: __typename } }",
  "query ($on: Boolean = true) { viewer @include(if: $on) { id } }",
  "query ($ a : Boolean = true) { viewer @include(if: $ a) { id } }",
  "query ($,a:,Boolean,=,true,) { viewer @,include(if:,$,a,) { id } }",
  '{ node(id: "a") { ... @include(if: false) { id } } }',
  "{ viewer { id } }\u0000",
  "{ viewer\u00a0{ id } }",
  "\ufeff\ufeff{ viewer\ufeff{ id } }",
  "{ viewer { id } } # \u{1F600} \u0007",
  "{ viewer { id } } #\r{ more }",
  "{ viewer { id }\r\n}",
  "{ viewer { id } } \u2028",
  "{ v\u0069ewer { \\u0069d } }",
  "{ viewer { id } } //",
  "{ viewer { id } } /* */",
  "{viewer{id}}",
  "{viewer{id}id}",
  "{ vïewer { id } }",
  "{ viewer { id } } ,,,",
  '{ nodes(ids: [,"a",,"b",]) { id } }',
  '{ nodes(ids: ["a" "b"]) { id } }',
  '{ nodes(ids: ["a" ) { id } }',
  '{ nodes(ids: ["a""b"]) { id } }',
  "{ nodes(ids: []) { id } }",
  '{ tag(name: "a") { id } tag(name: """a""") { id } }',
  '{ tag(name: "a") { id } tag(name: "\\u0061") { id } }',
  '{ nodes(ids: ["a"]) { id } nodes(ids: ["a", "b"]) { id } }',
  '{ nodes(ids: []) { id } nodes(ids: ["b"]) { id } }',
  "{ contacts(first: 1) { totalCount } contacts(first: -0) { totalCount } }",
  '{ __type(name: "ContactIdentifierInput") { isOneOf } }',
];

// All of these are compared, whatever the seed.
export const TEXTS = [
  ...WHOLE,
  ...STRINGS.map((literal) => `{ tag(name: ${literal}) { id } }`),
  ...STRINGS.slice(0, 20).map(
    (literal) => `query ($v: String = ${literal}) { tags(query: $v) { totalCount } }`,
  ),
  ...NUMBERS.flatMap((literal) => [
    `{ contacts(first: ${literal}) { totalCount } }`,
    `{ contacts(filter: {score: {eq: ${literal}}, isActive: true}) { totalCount } }`,
  ]),
];

// One token more, less, twice or another; or one character.
export function garbled(text, random) {
  const all = tokens(text);
  const token = random.pick(all);
  const before = text.slice(0, token.start);
  const after = text.slice(token.end);
  const itself = text.slice(token.start, token.end);
  switch (random.below(7)) {
    case 0:
      return before + after;
    case 1:
      return `${before}${itself} ${itself}${after}`;
    case 2:
      return `${before}${random.pick(STRANGE)} ${itself}${after}`;
    case 3:
      return `${before}${random.pick(STRANGE)}${after}`;
    case 4: {
      const at = random.below(text.length);
      return text.slice(0, at) + random.pick(STRANGE) + text.slice(at);
    }
    case 5:
      return text.slice(0, random.below(text.length));
    default: {
      // What belongs behind a colon, and the colon, are gone.
      const colons = all.filter((one) => one.kind === TokenKind.COLON);
      if (!colons.length) return before + after;
      const colon = random.pick(colons);
      return (
        text.slice(0, colon.start) +
        (random.chance(0.5) ? "," : "") +
        text.slice(random.chance(0.5) && colon.next ? colon.next.end : colon.end)
      );
    }
  }
}
