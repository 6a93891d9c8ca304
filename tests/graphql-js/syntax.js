// Documents with a fault of syntax, or what looks like one.
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
