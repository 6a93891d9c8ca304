// Smaller requests that show the same difference.
import { parse, print } from "graphql";

const LISTS = [
  "definitions",
  "selections",
  "arguments",
  "directives",
  "variableDefinitions",
  "fields",
  "values",
];

function spliced(list, at, count, ...items) {
  return [...list.slice(0, at), ...items, ...list.slice(at + count)];
}

// All ways to leave one thing out of a syntax tree; each gives a new tree.
function* without(node) {
  for (const [key, value] of Object.entries(node)) {
    if (key === "loc" || !value || typeof value !== "object") continue;
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) {
        if (LISTS.includes(key)) {
          const rest = spliced(value, i, 1);
          if (rest.length || key !== "selections") yield { ...node, [key]: rest };
          // What was within it, in its place.
          if (key === "selections" && item.selectionSet)
            yield { ...node, [key]: spliced(value, i, 1, ...item.selectionSet.selections) };
        }
        for (const smaller of without(item)) yield { ...node, [key]: spliced(value, i, 1, smaller) };
      }
    } else {
      if (key === "alias" || key === "defaultValue") yield { ...node, [key]: undefined };
      for (const smaller of without(value)) yield { ...node, [key]: smaller };
    }
  }
}

// Without the fragments and variables that nothing uses any more.
function tidied(tree) {
  for (;;) {
    const text = print(tree);
    const used = (key, mark) => new RegExp(`${mark}${key}\\b`).test(text);
    const definitions = tree.definitions
      .filter((node) => node.kind !== "FragmentDefinition" || used(node.name.value, "\\.\\.\\."))
      .map((node) => ({
        ...node,
        variableDefinitions: node.variableDefinitions?.filter(({ variable }) =>
          used(`${variable.name.value}\\b(?!:)`, "\\$"),
        ),
      }));
    const next = { ...tree, definitions };
    if (print(next) === text) return tree;
    tree = next;
  }
}

function* smallerVariables(request) {
  if (request.variables === undefined) return;
  yield { ...request, variables: undefined };
  let values;
  try {
    values = JSON.parse(request.variables);
  } catch {
    return;
  }
  for (const key of Object.keys(values ?? {})) {
    const { [key]: _, ...rest } = values;
    if (JSON.stringify(values) === request.variables) yield { ...request, variables: JSON.stringify(rest) };
  }
}

function* smallerTexts(request) {
  const { text } = request;
  const pieces = text.match(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|\w+|\s+|[^]/g) ?? [];
  for (let size = pieces.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= pieces.length; at += size) {
      yield { ...request, text: spliced(pieces, at, size).join("") };
    }
  }
}

function* smallerTrees(request) {
  let tree;
  try {
    tree = parse(request.text, { noLocation: true });
  } catch {
    return;
  }
  for (const smaller of without(tree)) {
    const tidy = print(tidied(smaller));
    yield { ...request, text: tidy };
    const rough = print(smaller);
    if (rough !== tidy) yield { ...request, text: rough };
  }
}

// `shows` says whether a request still shows it.
export async function shrink(request, shows, budget = 250) {
  let best = request;
  let left = budget;
  const tried = new Set();
  const better = async (candidates) => {
    for (const candidate of candidates) {
      const key = `${candidate.text}\n${candidate.variables}`;
      if (tried.has(key) || left <= 0) continue;
      tried.add(key);
      left -= 1;
      if (await shows(candidate)) {
        best = candidate;
        return true;
      }
    }
    return false;
  };
  while (left > 0) {
    if (await better(smallerTrees(best))) continue;
    if (await better(smallerVariables(best))) continue;
    if (best.text.length < 400 && (await better(smallerTexts(best)))) continue;
    break;
  }
  return best;
}
