// Variables that cannot be coerced, and some that only look so. They are written as text, for the
// difference of 1 and 1.0, and for keys that come twice.
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  typeFromAST,
} from "graphql";

export class Raw {
  constructor(text) {
    this.text = text;
  }
}
export const raw = (text) => new Raw(text);

export function written(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (value && typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${written(item)}`)
      .join(",")}}`;
  return JSON.stringify(value);
}

function candidates(type, value) {
  const inner = getNullableType(type);
  const named = getNamedType(inner);
  const found = [raw("null")];
  if (isListType(inner)) {
    const items = candidates(inner.ofType).filter(
      (one) => one.text !== "null" || isNonNullType(inner.ofType),
    );
    return [...found, ...items.map((item) => [item]), ...items, [[raw("1")]], raw("{}")];
  }
  if (isEnumType(named))
    return [
      ...found,
      "NO_SUCH_WORD",
      named.getValues()[0].name.toLowerCase(),
      1,
      true,
      [named.getValues()[0].name],
      {},
    ];
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const whole = value && typeof value === "object" && !Array.isArray(value) ? value : {};
    found.push("x", 1, true, [], [[]], { ...whole, noSuchField: 1 }, { ...whole, "": null });
    const [key, item] = Object.entries(whole)[0] ?? [];
    if (key)
      found.push(
        raw(written(whole).replace(/}$/, `,${JSON.stringify(key)}:${written(item)}}`)),
        raw(written(whole).replace(/}$/, `,${JSON.stringify(key)}:{"no":[1]}}`)),
      );
    if (fields.some(isRequiredInputField)) found.push({});
    if (named.isOneOf)
      found.push(
        {},
        Object.fromEntries(fields.map((one) => [one.name, "a"])),
        { [fields[0].name]: null },
        { [fields[0].name]: "a", [fields[1].name]: null },
      );
    return found;
  }
  switch (named.name) {
    case "Int":
      return [
        ...found,
        2147483648,
        -2147483649,
        raw("1.0"),
        raw("1e2"),
        raw("1E0"),
        raw("-0"),
        raw("2147483647.0"),
        raw("1e10"),
        1.5,
        "1",
        true,
        [1],
        {},
        raw("99999999999999999999"),
        raw("0.1e1"),
      ];
    case "ID":
      return [...found, 5, raw("1.0"), 1.5, raw("-0"), true, ["a"], {}, raw("9007199254740991"), raw("1e3")];
    case "Boolean":
      return [...found, "true", 1, 0, "false", [true], {}, ""];
    case "DateTime":
      return [
        ...found,
        5,
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "",
        true,
        ["2026-01-01T00:00:00Z"],
        {},
        1767225600000,
      ];
    case "JSON":
      return [...found, 1, "{}", true, [], [{}], raw("1e400")];
    default:
      return [...found, 1, 1.5, true, ["a"], {}, raw("-0")];
  }
}

// A place in the value, and what may be put there.
function deeper(type, value, put, found) {
  found.push([type, value, put]);
  const inner = getNullableType(type);
  if (isListType(inner) && Array.isArray(value)) {
    value.forEach((item, i) =>
      deeper(inner.ofType, item, (other) => put(value.map((one, j) => (i === j ? other : one))), found),
    );
  } else if (isInputObjectType(inner) && value && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) {
      deeper(inner.getFields()[key].type, item, (other) => put({ ...value, [key]: other }), found);
    }
  }
  return found;
}

// The variables as text with one of them spoilt; nothing where there is none.
export function spoilt(schema, document, variables, random) {
  const definitions = document.definitions.flatMap((node) => node.variableDefinitions ?? []);
  if (!definitions.length) return undefined;
  const definition = random.pick(definitions);
  const key = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type);
  const values = { ...variables };
  if (random.chance(0.08)) delete values[key];
  else {
    const places = deeper(type, values[key] ?? null, (other) => other, []);
    const [inner, value, put] = random.pick(places);
    values[key] = put(random.pick(candidates(inner, value)));
  }
  if (random.chance(0.1)) values.undeclared = { any: [1] };
  return random.chance(0.03)
    ? written(values).replace(/}$/, `${Object.keys(values).length ? "," : ""}${JSON.stringify(key)}:null}`)
    : written(values);
}
