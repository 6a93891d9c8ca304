// The same document in other clothes: white space, commas, comments and byte order marks wherever
// they may stand, and strings in every notation there is.
import { Lexer, Source, TokenKind } from "graphql";

const IGNORED = [
  " ",
  "\n",
  "\t",
  ",",
  "\r\n",
  "\r",
  " , ",
  '# a comment, "with" { all }\n',
  "\ufeff",
  "#\n",
  " \n  ",
];
const WORDLIKE = new Set([TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT]);
const NUMBERS = new Set([TokenKind.INT, TokenKind.FLOAT]);
const STRINGS = new Set([TokenKind.STRING, TokenKind.BLOCK_STRING]);

export function tokens(text) {
  const lexer = new Lexer(new Source(text));
  const found = [];
  while (lexer.advance().kind !== TokenKind.EOF) found.push(lexer.token);
  return found;
}

function apart(before, token) {
  if (!before) return false;
  if (WORDLIKE.has(before.kind) && WORDLIKE.has(token.kind)) return true;
  if (NUMBERS.has(before.kind) && token.kind === TokenKind.SPREAD) return true;
  return STRINGS.has(before.kind) && STRINGS.has(token.kind);
}

export function rewritten(text, random, wild) {
  let out = wild && random.chance(0.2) ? "\ufeff" : "";
  let before;
  for (const token of tokens(text)) {
    const tight = !wild && (before?.kind === TokenKind.DOLLAR || before?.kind === TokenKind.AT);
    let gap = apart(before, token) || (!tight && random.chance(0.4)) ? " " : "";
    if (wild && random.chance(0.12)) gap += random.pick(IGNORED) + random.pick(["", " ", ","]);
    out += gap + written(token, random, wild);
    before = token;
  }
  return out + (wild && random.chance(0.2) ? random.pick(IGNORED) : "");
}

function written(token, random, wild) {
  if (STRINGS.has(token.kind)) {
    // Stand-ins for ids have to be found again.
    if (!wild || token.value.startsWith("fresh-")) return JSON.stringify(token.value);
    if (random.chance(0.3)) return quoted(token.value, random);
    if (random.chance(token.value.includes("\n") ? 0.6 : 0.2))
      return block(token.value, random) ?? quoted(token.value, random);
    return JSON.stringify(token.value);
  }
  return token.value ?? token.kind;
}

const hex = (n, digits) => n.toString(16).padStart(digits, "0");

function quoted(value, random) {
  let out = "";
  for (const char of value) {
    const code = char.codePointAt(0);
    const roll = random.next();
    if (roll < 0.15) out += `\\u{${hex(code, random.between(1, 8))}}`;
    else if (roll < 0.3)
      out += [...Array(char.length).keys()].map((i) => `\\u${hex(char.charCodeAt(i), 4)}`).join("");
    else if (char === "/" && roll < 0.6) out += "\\/";
    else out += JSON.stringify(char).slice(1, -1);
  }
  return `"${out}"`;
}

// Nothing where a block cannot hold the text.
function block(value, random) {
  const inner = value.replaceAll('"""', '\\"""');
  const indent = " ".repeat(random.below(5));
  const end = random.pick(["\n", "\r\n", "\r"]);
  const texts = [
    `"""${inner}"""`,
    `"""${end}${inner
      .split("\n")
      .map((line) => (line ? indent + line : line))
      .join(end)}${end}${indent}"""`,
  ];
  return random.shuffled(texts).find((text) => {
    try {
      const [token, more] = tokens(text);
      return !more && token.value === value;
    } catch {
      return false;
    }
  });
}
