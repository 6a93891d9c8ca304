// Mercurius with graphql-jit and its loaders, on the gateway's tables. It checks no key and no rule.
import Fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';
import { GraphQLScalarType } from 'graphql';
import { createHash, randomUUID } from 'node:crypto';

const { DATABASE_URL, ORGANIZATION, PORT, CREATE_STATEMENT } = process.env;

// BIGINT: times and sequences are far below 2^53.
pg.types.setTypeParser(20, Number);
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 8 });

const schema = `
  scalar DateTime
  type Company { id: ID! name: String! }
  type Phone { number: String! type: String! isPrimary: Boolean! }
  type Contact {
    id: ID! externalId: String firstName: String lastName: String email: String phone: String company: String
    jobTitle: String industry: String city: String country: String timezone: String status: String! source: String!
    score: Int isActive: Boolean! emailSubscribed: Boolean! version: Int! createdAt: DateTime! updatedAt: DateTime!
    tags: [String!]! phones: [Phone!]! companyRecord: Company
  }
  type Connection { nodes: [Contact!]! }
  type UserError { code: String! }
  type Payload { contact: Contact userErrors: [UserError!]! }
  input CreateContactInput {
    externalId: String firstName: String lastName: String email: String phone: String tags: [String!]
  }
  enum Direction { ASC DESC }
  type Query {
    contact(id: ID!): Contact
    contacts(first: Int, after: String, updatedSince: DateTime, order: Direction): Connection
  }
  type Mutation { createContact(input: CreateContactInput!): Payload }
`;

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
// Fields that are not a column of their own.
const COLUMNS = { phones: 'id', companyRecord: 'company_id' };

// The statement for each place of a document, made once.
const statements = new WeakMap();

function statement(info, path, tail) {
  const node = info.fieldNodes[0];
  let known = statements.get(node);
  if (!known) {
    let fields = node.selectionSet.selections;
    for (const step of path) fields = fields.find((field) => field.name.value === step).selectionSet.selections;
    const columns = fields.map((field) => {
      const column = COLUMNS[field.name.value];
      return column ? `${column} AS "${column}"` : `${snake(field.name.value)} AS "${field.name.value}"`;
    });
    const text = `SELECT ${[...new Set(columns)].join(', ')} FROM contact WHERE org_id = $1 AND deleted_at IS NULL ${tail}`;
    known = { name: createHash('sha1').update(text).digest('hex'), text };
    statements.set(node, known);
  }
  return known;
}

const rows = async (statement, values) => (await pool.query({ ...statement, values: [ORGANIZATION, ...values] })).rows;

const NEWEST = 'ORDER BY updated_at DESC, change_seq DESC LIMIT';

const resolvers = {
  DateTime: new GraphQLScalarType({
    name: 'DateTime',
    serialize: (time) => new Date(time).toISOString(),
    parseValue: (text) => Date.parse(text),
  }),
  Query: {
    async contact(_, { id }, __, info) {
      const [contact] = await rows(statement(info, [], 'AND id = $2'), [id]);
      return contact ?? null;
    },
    async contacts(_, { first = 100, after, updatedSince }, __, info) {
      if (updatedSince !== undefined) {
        const tail = 'AND updated_at >= $2 ORDER BY updated_at, change_seq LIMIT $3';
        return { nodes: await rows(statement(info, ['nodes'], tail), [updatedSince, first]) };
      }
      if (after !== undefined) {
        const tail = `AND (updated_at, change_seq) < ($2, $3) ${NEWEST} $4`;
        return { nodes: await rows(statement(info, ['nodes'], tail), [...position(after), first]) };
      }
      return { nodes: await rows(statement(info, ['nodes'], `${NEWEST} $2`), [first]) };
    },
  },
  Contact: { tags: ({ tags }) => JSON.parse(tags) },
  Mutation: {
    async createContact(_, { input }) {
      const id = randomUUID();
      const { externalId, firstName, lastName, email, phone, tags } = input;
      const [first, last] = [firstName.toLowerCase(), lastName.toLowerCase()];
      const doc = [first, last, email, phone, phone.slice(1), ...tags].map((word) => `\n\n${word}`).join('');
      const texts = [externalId, firstName, lastName, email, phone, JSON.stringify(tags), first, last, doc];
      const lists = [id, randomUUID(), randomUUID(), ...texts].map((value) => [value]);
      await rows({ name: 'create', text: CREATE_STATEMENT }, [1, Date.now(), ...lists]);
      return { contact: { id }, userErrors: [] };
    },
  },
};

// Time and sequence in a cursor of the gateway.
function position(cursor) {
  const bytes = Buffer.from(cursor, 'base64url');
  return [Number(bytes.readBigInt64BE(4)), Number(bytes.readBigInt64BE(13))];
}

const PHONES = {
  name: 'phones',
  text: `SELECT contact_id, number, type, is_primary AS "isPrimary" FROM contact_phone
    WHERE org_id = $1 AND contact_id = ANY($2) ORDER BY position`,
};
const COMPANIES = { name: 'companies', text: 'SELECT id, name FROM company WHERE org_id = $1 AND id = ANY($2)' };

const loaders = {
  Contact: {
    phones: {
      opts: { cache: false },
      async loader(queries) {
        const phones = new Map(queries.map(({ obj }) => [obj.id, []]));
        for (const phone of await rows(PHONES, [[...phones.keys()]])) phones.get(phone.contact_id).push(phone);
        return queries.map(({ obj }) => phones.get(obj.id));
      },
    },
    companyRecord: {
      opts: { cache: false },
      async loader(queries) {
        const ids = [...new Set(queries.map(({ obj }) => obj.company_id).filter(Boolean))];
        const companies = new Map((await rows(COMPANIES, [ids])).map((company) => [company.id, company]));
        return queries.map(({ obj }) => companies.get(obj.company_id) ?? null);
      },
    },
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, errorHandler: false });
app.get('/readyz', async () => 'ok');
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
