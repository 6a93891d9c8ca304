// The verdict of graphql-js on a document with its variables: it runs, or why not.
import {
  GraphQLError,
  Kind,
  buildSchema,
  getVariableValues,
  isNonNullType,
  parse,
  specifiedRules,
  validate,
  valueFromASTUntyped,
} from "graphql";
import { sites } from "./sites.js";

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function instant(text) {
  const parts = typeof text === "string" ? text.match(INSTANT)?.slice(1, 7).map(Number) : undefined;
  if (parts) {
    const [year, month, day, hour, minute, second] = parts;
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    if (month >= 1 && month <= 12 && day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60)
      return text;
  }
  throw new GraphQLError("Not an RFC 3339 timestamp.");
}

export function readSchema(sdl) {
  const schema = buildSchema(sdl);
  Object.assign(schema.getType("DateTime"), {
    serialize: (value) => value,
    parseValue: instant,
    parseLiteral: (node) => instant(node.kind === Kind.STRING ? node.value : undefined),
  });
  Object.assign(schema.getType("JSON"), {
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  });
  return schema;
}

// Each rule tells that it was this one.
function watched(rule, broken) {
  return (context) =>
    rule(
      new Proxy(context, {
        get(target, key) {
          if (key === "reportError") {
            return (error) => {
              broken.add(rule.name.replace(/Rule$/, ""));
              target.reportError(error);
            };
          }
          const value = target[key];
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
    );
}

const refused = (code, rules, error) => ({ code, rules, message: error.message });

// `code` is what the server is to say, and absent for what runs.
export function judge(schema, { text, variables, operationName }) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return refused("GRAPHQL_PARSE_FAILED", ["Syntax"], error);
  }
  const broken = new Set();
  const faults = validate(
    schema,
    document,
    specifiedRules.map((rule) => watched(rule, broken)),
    { maxErrors: 20 },
  );
  // How deep an introspection may go is a limit of the server, with a number of its own.
  const deep = broken.delete("MaxIntrospectionDepth");
  if (broken.size) return refused("GRAPHQL_VALIDATION_FAILED", [...broken], faults[0]);

  const used = sites(schema, document);
  // The specification wants such variables never to be null; graphql-js 16 only looks at them where the
  // object around them may itself be null.
  const loose = used.variables.some(
    ({ node, oneOf }) =>
      oneOf &&
      used.definitions.some(
        ({ variable, type }) => variable.name.value === node.name.value && type.kind !== Kind.NON_NULL_TYPE,
      ),
  );
  return { deep, loose, ...chosen(schema, document, used, variables, operationName) };
}

// Which operation runs with which variables, or why none.
function chosen(schema, document, used, variables, operationName) {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  // A subscription where the schema has none: graphql-js finds it only when it executes.
  const unknown = operations.find((node) => !schema.getRootType(node.operation));
  if (unknown)
    return refused("GRAPHQL_VALIDATION_FAILED", ["RootType"], { message: `no ${unknown.operation} here` });
  // An empty name is as none: README.
  const wanted = operationName || undefined;
  const found = wanted ? operations.filter((node) => node.name?.value === wanted) : operations;
  if (found.length !== 1) {
    return refused("BAD_REQUEST", ["OperationName"], {
      message: `${found.length} operations to choose from`,
    });
  }
  const operation = found[0];
  const values = variables === undefined ? {} : (JSON.parse(variables) ?? {});
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], values);
  if (errors) return refused("BAD_USER_INPUT", ["Variables"], errors[0]);
  const nulled =
    Object.values(values).includes(null) &&
    used.variables.some(({ node, type }) => isNonNullType(type) && values[node.name.value] === null);
  return { document, operation, values, nulled, rules: [] };
}
