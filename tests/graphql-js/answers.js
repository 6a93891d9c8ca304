// Values for graphql-js to execute documents with. They come from the same server, but by plain
// queries only (one root field, arguments as variables, no alias, fragment or directive), so that
// collecting, merging and leaving out fields is graphql-js's work alone.
import { GraphQLError, execute, getNamedType, isInterfaceType, isLeafType, isObjectType } from "graphql";

// Root fields that find an object by its id.
const BY_ID = { Contact: "contact", Company: "company", Team: "team", User: "user", Pipeline: "pipeline" };

export class Unanswered extends Error {}

const isNode = (type) =>
  type.name === "Node" || (isObjectType(type) && type.getInterfaces().some((one) => one.name === "Node"));

// All of a type that needs no arguments; of other objects with an id only that.
function plain(type) {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    if (field.args.length) return [];
    return isLeafType(named) ? [field.name] : [`${field.name} ${below(named)}`];
  });
  return `{ ${parts.join(" ")} }`;
}
const below = (type) => (isLeafType(type) ? "" : isNode(type) ? "{ __typename id }" : plain(type));

export class Answers {
  #server;
  #schema;
  #asked = new Map();
  #records = new Map();

  constructor(server, schema) {
    this.#server = server;
    this.#schema = schema;
    for (const type of Object.values(schema.getTypeMap())) {
      if (isInterfaceType(type)) type.resolveType = (value) => value.__typename;
    }
  }

  // Reads everything again: after the data changed.
  async load() {
    this.#asked.clear();
    this.#records.clear();
    const all = async (field, type, args = "") => {
      const whole = plain(this.#schema.getType(type));
      const data = await this.#server.run(`{ ${field}${args} ${args ? `{ nodes ${whole} }` : whole} }`);
      const list = args ? data[field].nodes : data[field];
      for (const record of list) this.#keep(type, record);
    };
    await all("contacts", "Contact", "(first: 200, includeDeleted: true)");
    await all("companies", "Company", "(first: 200)");
    await all("users", "User", "(first: 200)");
    await all("tags", "Tag", "(first: 200)");
    await all("teams", "Team");
    await all("pipelines", "Pipeline");
    await all("apiKeys", "ApiKey", "(first: 200, includeInactive: true)");
    const stages = await this.#server.run(
      `{ pipelines { stages ${plain(this.#schema.getType("PipelineStage"))} } }`,
    );
    for (const { stages: list } of stages.pipelines)
      for (const record of list) this.#keep("PipelineStage", record);
    const viewer = await this.#server.run(
      `{ viewer { organization ${plain(this.#schema.getType("Organization"))} } }`,
    );
    this.#keep("Organization", viewer.viewer.organization);
  }

  #keep(type, record) {
    this.#records.set(record.id, { ...record, __typename: type });
  }

  records(type) {
    return [...this.#records.values()].filter((record) => record.__typename === type);
  }

  execute({ document, operation, values }, mutations) {
    return execute({
      schema: this.#schema,
      document,
      variableValues: values,
      operationName: operation.name?.value,
      fieldResolver: (source, args, context, info) => this.#field(source, args, info, mutations),
    });
  }

  async #field(source, args, info, mutations) {
    const { parentType, fieldName } = info;
    if (parentType.name === "Mutation") return this.#whole(await mutations(fieldName, args));
    if (parentType.name === "Query") return this.#whole(await this.#root(fieldName, args));
    const def = parentType.getFields()[fieldName];
    if (!def.args.length) return this.#whole(source[fieldName]);
    return this.#whole(await this.#nested(source, parentType, def, args));
  }

  // An object that was answered by its id only, with all that it has.
  #whole(value) {
    if (Array.isArray(value)) return value.map((item) => this.#whole(item));
    if (value?.__typename && value.id && Object.keys(value).length === 2) {
      const record = this.#records.get(value.id);
      if (!record) throw new Unanswered(`no ${value.__typename} ${value.id} was read`);
      return record;
    }
    return value;
  }

  async #root(fieldName, args) {
    const def = this.#schema.getQueryType().getFields()[fieldName];
    const { call, variables } = asVariables(def, args);
    const data = await this.#ask(
      `query${call.head} { ${fieldName}${call.args} ${below(getNamedType(def.type))} }`,
      variables,
    );
    return data[fieldName];
  }

  // A list of an object: asked for below a root field that finds the object.
  async #nested(source, type, def, args) {
    const { call, variables } = asVariables(def, args, [["parent", type.name === "Tag" ? "String!" : "ID!"]]);
    const field = `${def.name}${call.args} ${below(getNamedType(def.type))}`;
    if (type.name === "PipelineStage") {
      variables.parent = source.pipeline.id;
      const data = await this.#ask(
        `query${call.head} { pipeline(id: $parent) { stages { id ${field} } } }`,
        variables,
      );
      return data.pipeline.stages.find((stage) => stage.id === source.id)[def.name];
    }
    variables.parent = type.name === "Tag" ? source.name : source.id;
    const root =
      type.name === "Tag"
        ? "tag(name: $parent)"
        : BY_ID[type.name]
          ? `${BY_ID[type.name]}(id: $parent)`
          : undefined;
    if (!root) throw new Unanswered(`no root field finds a ${type.name}`);
    const data = await this.#ask(`query${call.head} { ${root} { ${field} } }`, variables);
    return data[root.match(/^\w+/)[0]][def.name];
  }

  async #ask(text, variables) {
    const json = JSON.stringify(variables);
    const key = `${text}\n${json}`;
    if (!this.#asked.has(key)) this.#asked.set(key, this.#server.request({ text, variables: json }));
    const answer = await this.#asked.get(key);
    if (!answer.data) throw new Unanswered(`${text} ${json}: ${JSON.stringify(answer.errors)}`);
    if (answer.errors) throw new GraphQLError(answer.errors[0].message);
    return answer.data;
  }
}

function asVariables(def, args, before = []) {
  const given = def.args.filter((arg) => args[arg.name] !== undefined);
  const heads = [...before, ...given.map((arg) => [arg.name, String(arg.type)])].map(
    ([name, type]) => `$${name}: ${type}`,
  );
  const head = heads.length ? `(${heads.join(", ")})` : "";
  const inner = given.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
  const variables = Object.fromEntries(given.map((arg) => [arg.name, args[arg.name]]));
  return { call: { head, args: inner ? `(${inner})` : "" }, variables };
}
