// Conditions of a filter: each operator of each field, with values that often or never match.
import { named } from "./introspection.js";

const NEVER = {
  String: '"zzqzz"',
  ID: '"00000000-0000-0000-0000-000000000000"',
  Int: "-77",
  DateTime: '"2100-01-01T00:00:00Z"',
};

export function* conditions({ contact, tag, user }, type) {
  const fields = type("ContactFilter").inputFields.filter(({ name }) => !["and", "or", "not"].includes(name));
  for (const { name, type: of } of fields) {
    const condition = (operator, value, how) => ({
      name: `${name} ${operator} ${how}`,
      filter: `{${name}: {${operator}: ${value}}}`,
    });
    switch (named(of)) {
      case "StringFilter":
      case "IDFilter": {
        const isText = named(of) === "StringFilter";
        const never = isText ? NEVER.String : NEVER.ID;
        const known = { assigneeId: user }[name] ?? contact[name];
        const often = known ? JSON.stringify(known) : never;
        yield condition("eq", often, "often");
        yield condition("eq", never, "never");
        yield condition("neq", never, "always");
        yield condition("in", `[${often}, ${never}]`, "both");
        yield condition("in", `[${never}, ${never}]`, "neither");
        yield condition("nin", `[${never}, ${never}]`, "all");
        yield condition("isNull", "true", "");
        yield condition("isNull", "false", "");
        if (isText) {
          for (const operator of ["contains", "startsWith", "endsWith"]) {
            yield condition(operator, never, "part never");
            yield condition(operator, '"a"', "part often");
          }
        }
        break;
      }
      case "IntFilter":
      case "DateTimeFilter": {
        const isTime = named(of) === "DateTimeFilter";
        const never = isTime ? NEVER.DateTime : NEVER.Int;
        const often = isTime ? '"2020-01-01T00:00:00Z"' : "50";
        if (!isTime) yield condition("eq", never, "never");
        yield condition("gt", never, isTime ? "range never" : "range always");
        yield condition("gte", often, "often");
        yield condition("lt", often, isTime ? "never" : "range often");
        yield condition("lte", never, isTime ? "range always" : "range never");
        yield condition("isNull", "true", "");
        yield condition("isNull", "false", "");
        break;
      }
      case "StringListFilter":
        for (const operator of ["hasAny", "hasAll", "hasNone"]) {
          yield condition(operator, `[${JSON.stringify(tag)}]`, "often");
          yield condition(operator, `[${NEVER.String}]`, "never");
        }
        yield condition("hasAll", '["customer", "lead", "vip", "press", "trial", "partner"]', "of many");
        yield condition("isEmpty", "true", "");
        break;
      case "MetadataFilter":
        for (const operators of ['key: "a", eq: 1', 'key: "a", isNull: true']) {
          yield { name: `metadata ${operators} never`, filter: `{metadata: [{${operators}}]}` };
        }
        break;
      default:
        yield { name: `${name} often`, filter: `{${name}: true}` };
        yield { name: `${name} not`, filter: `{${name}: false}` };
    }
  }
}
