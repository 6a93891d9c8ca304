// All ways of asking: each root and nested field, argument, order, operator, and pairs of these.
import { conditions } from "./conditions.js";
import { isList, named } from "./introspection.js";

/** Arguments of a list of contacts, each with values that few or many contacts satisfy. */
function listArguments({ cursor, contact }) {
  const text = (value) => JSON.stringify(value);
  return [
    ["first", "1"],
    ["last", "1"],
    ["after", text(cursor)],
    ["before", text(cursor)],
    ["offset", "10000"],
    ["updatedSince", text("2020-01-01T00:00:00Z")],
    ["updatedSince", text("2100-01-01T00:00:00Z")],
    ...["CREATED", "UPDATED", "TAG_ADDED", "ENRICHED"].map((event) => ["event", event]),
    ...["ASC", "DESC"].map((order) => ["order", order]),
    ...["UPDATED_AT", "CREATED_AT", "ENRICHED_AT", "TAG_ADDED_AT", "NAME", "COMPANY", "SCORE"].map((key) => [
      "sortKey",
      key,
    ]),
    ["query", text("zzqzz")],
    ["query", text("a")],
    ["query", text("example")],
    ["query", text("an er in ol zq")],
    ["query", text(contact.lastName ?? "Smith")],
    ["filter", `{city: {eq: ${text(contact.city)}}}`],
    ["filter", '{city: {contains: "zzqzz"}}'],
    ["filter", '{status: {eq: "zzqzz"}}'],
    ["includeDeleted", "true"],
  ];
}

/** Fields of a filter for which there is an index. */
const SERVED = [
  ...["status", "stage", "lastName", "company", "companyId", "teamId", "ownerId", "pipelineStageId"],
  ...["tags", "assigneeId", "score", "createdAt", "updatedAt", "tagAddedAt"],
];

/** Selections of a page. */
const SELECTIONS = {
  page: "nodes { id }",
  total: "totalCount",
  flags: "pageInfo { hasNextPage hasPreviousPage }",
};

export function* ways(facts, schema) {
  const type = (name) => schema.types.find((type) => type.name === name);
  yield* rootFields(facts, type);
  yield* fieldsOfContacts(type);
  yield* counts();
  yield* listsOfContacts(facts);
  yield* filters(facts, type);
  yield* documents(facts);
}

/** Lists of contacts, with each argument and each two, at the root and beneath each kind of object. */
function* listsOfContacts(facts) {
  const given = listArguments(facts);
  const pairs = given.flatMap((one, index) =>
    given.slice(index + 1).flatMap((other) => (one[0] === other[0] ? [] : [[one, other]])),
  );
  for (const list of [[], ...given.map((one) => [one]), ...pairs]) {
    const isSized = list.some(([name]) => ["first", "last"].includes(name));
    const all = isSized ? list : [["first", "1"], ...list];
    const said = all.map(([name, value]) => `${name}: ${value}`).join(", ");
    for (const [name, selection] of Object.entries(SELECTIONS)) {
      yield { name: `contacts(${said}) ${name}`, query: `{ contacts(${said}) { ${selection} } }` };
    }
    if (list.length > 1) continue;
    const nested = `contacts(${said}) { nodes { id } }`;
    const counted = `contacts(${said}) { totalCount }`;
    for (const below of [nested, counted]) {
      for (const parents of [
        `tags(first: 1) { nodes { ${below} } }`,
        `tags(first: 9) { nodes { ${below} } }`,
        `companies(first: 1) { nodes { ${below} } }`,
        `companies(first: 30) { nodes { ${below} } }`,
        `teams { ${below} }`,
        `pipelines { stages { ${below} } }`,
        `contacts(first: 5) { nodes { companyRecord { ${below} } team { ${below} } } }`,
      ]) {
        yield { name: parents, query: `{ ${parents} }` };
      }
    }
  }
}

/** Filters: each operator of each field in each order, each two fields, and several beneath `or`. */
function* filters(facts, type) {
  const single = [...conditions(facts, type)];
  const orders = [
    "",
    ", order: ASC",
    ...["CREATED_AT", "ENRICHED_AT", "TAG_ADDED_AT", "NAME", "COMPANY", "SCORE"].map((key) => `, sortKey: ${key}`),
    ", event: UPDATED",
    ", includeDeleted: true",
    ", sortKey: NAME, includeDeleted: true",
  ];
  for (const { name, filter } of single) {
    for (const order of orders) {
      const list = `contacts(first: 1, filter: ${filter}${order})`;
      yield { name: `filter ${name}${order}`, query: `{ ${list} { nodes { id } } }` };
    }
    yield { name: `total of filter ${name}`, query: `{ contacts(first: 0, filter: ${filter}) { totalCount } }` };
    for (const not of [`{not: ${filter}}`, `{or: [${filter}, ${filter}]}`]) {
      yield { name: `filter ${not}`, query: `{ contacts(first: 1, filter: ${not}) { nodes { id } } }` };
    }
  }
  const equal = single.filter(({ name }) => / (eq|hasAny|gte) often$/.test(name));
  const rare = single.filter(({ name }) => / (eq|hasAny|contains part|gt range) never$/.test(name));
  // Two that must hold are new only if an index serves one of them.
  const served = equal.filter(({ name }) => SERVED.includes(name.split(" ")[0]));
  for (const one of served) {
    for (const other of [...rare, ...equal]) {
      const filter = `{and: [${one.filter}, ${other.filter}]}`;
      const query = `{ contacts(first: 1, filter: ${filter}) { nodes { id } } }`;
      yield { name: `filter ${one.name} and ${other.name}`, query };
    }
  }
  for (const { name, filter } of rare) {
    for (const count of [2, 15]) {
      const query = `{ contacts(first: 1, filter: {or: [${Array(count).fill(filter).join(", ")}]}) { nodes { id } } }`;
      yield { name: `filter of ${count} alternatives ${name}`, query };
    }
  }
}

/** Counts of contacts beneath lists. */
function* counts() {
  for (const parents of [
    "tags(first: 1) { nodes { contactsCount } }",
    "tags(first: 9) { nodes { contactsCount } }",
    "pipelines { stages { contactsCount } }",
  ]) {
    yield { name: parents, query: `{ ${parents} }` };
  }
}

/** Each root field by itself. */
function* rootFields({ ids, company, team, user, tag, pipeline, contact }, type) {
  const text = (value) => JSON.stringify(value);
  const byIds = `nodes(ids: ${text(ids)})`;
  const given = {
    node: `(id: ${text(ids[0])})`,
    contact: `(id: ${text(ids[0])})`,
    company: `(id: ${text(company)})`,
    team: `(id: ${text(team)})`,
    user: `(id: ${text(user)})`,
    tag: `(name: ${text(tag)})`,
    pipeline: `(id: ${text(pipeline)})`,
  };
  for (const { name, type: of } of type("Query").fields) {
    if (["nodes", "contactByIdentifier"].includes(name)) continue;
    const fields = named(of).endsWith("Connection") ? "nodes { id }" : "__typename";
    yield { name, query: `{ ${name}${given[name] ?? ""} { ${fields} } }` };
    if (named(of).endsWith("Connection") && name !== "contacts") {
      for (const said of ['first: 1, query: "e"', 'first: 1, query: "zzqzz"', "last: 1", "first: 1"]) {
        yield { name: `${name}(${said})`, query: `{ ${name}(${said}) { nodes { id } } }` };
        yield { name: `${name}(${said}) total`, query: `{ ${name}(${said}) { totalCount } }` };
      }
    }
  }
  yield { name: "nodes of 200 ids", query: `{ ${byIds} { id } }` };
  yield { name: "phones of 200 ids", query: `{ ${byIds} { ... on Contact { phones { id } } } }` };
  for (const [field, value] of Object.entries({
    email: contact.email,
    phone: contact.phone,
    externalId: contact.externalId,
  })) {
    for (const text of [value, `${value}x`, "abc12345"]) {
      const identifier = `{${field}: ${JSON.stringify(text)}}`;
      const query = `{ contactByIdentifier(identifier: ${identifier}) { id } }`;
      yield { name: `contactByIdentifier ${identifier}`, query };
    }
  }
}

/** Each field of a contact, and each two of the related objects, on a page. */
function* fieldsOfContacts(type) {
  const leaf = (of) => ["SCALAR", "ENUM"].includes(type(named(of)).kind);
  const fields = type("Contact").fields;
  for (const { name, type: of } of fields) {
    if (leaf(of)) {
      yield { name: `contacts { ${name} }`, query: `{ contacts(first: 200) { nodes { ${name} } } }` };
      continue;
    }
    const inner = type(named(of)).fields.filter(({ args }) => !args.some((arg) => arg.name === "first"));
    const scalars = inner.filter((field) => leaf(field.type)).map((field) => field.name);
    for (const below of [
      scalars[0],
      scalars.filter((name) => name !== "contactsCount").join(" "),
      ...inner.filter((field) => !leaf(field.type) || isList(field.type)).map((field) =>
        leaf(field.type) ? field.name : `${field.name} { __typename }`,
      ),
      ...(scalars.includes("contactsCount") ? ["contactsCount"] : []),
    ]) {
      const selection = `${name} { ${below} }`;
      yield { name: `contacts { ${selection} }`, query: `{ contacts(first: 100) { nodes { ${selection} } } }` };
    }
  }
  const objects = fields.filter(({ type: of }) => !leaf(of)).map(({ name }) => name);
  for (const [index, one] of objects.entries()) {
    for (const other of objects.slice(index + 1)) {
      const selection = `${one} { __typename } ${other} { __typename }`;
      yield { name: `contacts { ${selection} }`, query: `{ contacts(first: 100) { nodes { ${selection} } } }` };
    }
  }
}

/** Documents that are large, or wrong, or sent by GET. */
function* documents({ ids }) {
  const plain = "{ contacts(first: 1) { nodes { id } } }";
  yield { name: "a small page", query: plain };
  yield { name: "a small page by GET", query: plain, byGet: true };
  yield { name: "nothing", query: "{ __typename }" };
  const many = "id firstName lastName email phone company city status ".repeat(70);
  yield { name: "a long document", query: `{ contacts(first: 1) { nodes { ${many} } } }` };
  let serial = 0;
  yield {
    name: "a long document that is new each time",
    get query() {
      serial += 1;
      return `{ contacts(first: 1) { nodes { ${many} } } } # ${serial}`;
    },
  };
  yield { name: "a document that is not valid", query: `{ contacts(first: 1) { nodes { ${many} nothing } } }`, isRefused: true };
  const variables = { ids: Array(20_000).fill(ids[0]) };
  yield { name: "large variables", query: "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables, isRefused: true };
  const type = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
  const introspection = `{ __schema { types { kind name description
    fields { name description args { name description type { ${type} } } type { ${type} } }
    inputFields { name description type { ${type} } } enumValues { name description } } } }`;
  yield { name: "introspection", query: introspection };
  yield { name: "__type", query: '{ __type(name: "Contact") { fields { name description type { name } } } }' };
}
