// What the queries find: contacts with all that they point to, some of them changed, some deleted.

const COMPANIES = ["Acme Inc", "Globex", "Überwald GmbH", "日本商事"];
const USERS = ["Ann Archer", "Bob Brown", "Zoë Zimmer"];
const FIRST = ["Jane", "John", "Ann", "Øyvind", "李", "Renée", null, "Max"];
const LAST = ["Doe", "O'Brien", "Łukasz", "李", "Müller", "Smith", "", "Çelik"];
const TAGS = ["lead", "customer", "VIP", "été", "no call"];

const contact = (i, { companies, users, teams, stages }) => ({
  firstName: FIRST[i % FIRST.length] ?? `First ${i}`,
  lastName: LAST[(i * 3) % LAST.length],
  externalId: `ext-${i}`,
  email: i % 3 ? `person${i}@example.com` : undefined,
  emails:
    i % 3 ? undefined : [{ address: `p${i}@example.com`, label: "Work" }, { address: `q${i}@example.org` }],
  phones: [
    { number: `+1416555${String(1000 + i)}`, type: i % 2 ? "MOBILE" : "WORK" },
    ...(i % 4 ? [] : [{ number: `+4930901${String(1000 + i)}`, label: "Büro", doNotCall: true }]),
  ],
  company: i % 5 === 0 ? "Only text" : undefined,
  companyId: i % 5 ? companies[i % companies.length] : undefined,
  jobTitle: i % 2 ? "Head of Growth" : undefined,
  country: i % 3 ? "DE" : "US",
  tags: TAGS.slice(i % TAGS.length, (i % TAGS.length) + 2),
  score: i % 4 ? i * 10 : undefined,
  notes: i % 6 ? undefined : 'two\nlines, "quoted" \u{1F600}',
  metadata: i % 3 ? { plan: i % 2 ? "pro" : "free", seats: i, deep: { list: [1, "a", null, true] } } : {},
  isActive: i % 7 !== 0,
  teamId: i % 2 ? teams[i % teams.length] : undefined,
  ownerId: users[i % users.length],
  assigneeIds: users.slice(0, i % 3),
  pipelineStageId: i % 3 ? stages[i % stages.length] : undefined,
});

export async function makeFixtures(server) {
  const each = async (names, field, type, payload, extra = () => ({})) => {
    const ids = [];
    for (const [i, name] of names.entries()) {
      const text = `mutation($input: ${type}!) { ${field}(input: $input) { ${payload} { id } userErrors { message } } }`;
      const answer = (
        await server.run(text, { input: { name, externalId: `${payload}-${i}`, ...extra(i) } })
      )[field];
      if (answer.userErrors.length) throw new Error(JSON.stringify(answer.userErrors));
      ids.push(answer[payload].id);
    }
    return ids;
  };
  const companies = await each(COMPANIES, "createCompany", "CreateCompanyInput", "company", (i) => ({
    industry: i % 2 ? "Retail" : null,
  }));
  const users = await each(USERS, "createUser", "CreateUserInput", "user", (i) => ({
    email: `user${i}@example.com`,
  }));
  const teams = await each(["North", "South"], "createTeam", "CreateTeamInput", "team", (i) => ({
    memberIds: users.slice(i),
  }));
  await each(["Sales", "Support"], "createPipeline", "CreatePipelineInput", "pipeline", () => ({
    stages: [{ name: "New" }, { name: "Talking", externalId: undefined }, { name: "Won" }],
  }));
  const { pipelines } = await server.run("{ pipelines { id stages { id } } }");
  const stages = pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => stage.id));

  const rows = Array.from({ length: 32 }, (_, i) => contact(i, { companies, users, teams, stages }));
  const made = await server.run(
    "mutation($input: CreateContactsInput!) { createContacts(input: $input) { results { contact { id } userErrors { field message } } userErrors { message } } }",
    { input: { contacts: rows } },
  );
  const ids = made.createContacts.results.map((row) => row.contact?.id);
  if (ids.includes(undefined)) throw new Error(JSON.stringify(made));

  await server.run(
    `mutation($updated: ID!, $enriched: ID!, $gone: [ID!]!) {
      updateContact(input: {id: $updated, set: {notes: "called back", addTags: ["hot"]}}) { userErrors { message } }
      recordContactEnrichment(input: {id: $enriched, score: 99}) { userErrors { message } }
      deleteContacts(input: {where: {ids: $gone}}) { userErrors { message } }
    }`,
    { updated: ids[1], enriched: ids[2], gone: ids.slice(28) },
  );
  const page = await server.run(
    "{ contacts(first: 30) { edges { cursor } } companies { edges { cursor } } }",
  );
  return {
    ids: {
      Contact: ids,
      Company: companies,
      User: users,
      Team: teams,
      Pipeline: pipelines.map((p) => p.id),
      PipelineStage: stages,
    },
    cursors: [...page.contacts.edges.slice(0, 8), ...page.companies.edges].map((edge) => edge.cursor),
    tags: TAGS,
  };
}

// Contacts that mutations may change and delete, each of them once. Documents that are made before
// them call them `fresh-1`, `fresh-2` and so on.
export async function makeFresh(server, documents) {
  const wanted = documents.flatMap(
    ({ text, variables = "" }) => `${text}${variables}`.match(/(?<=\bfresh-)\d+/g) ?? [],
  );
  const count = Math.max(0, ...wanted.map(Number));
  const ids = [];
  while (ids.length < count) {
    const contacts = Array.from({ length: Math.min(100, count - ids.length) }, (_, i) => ({
      firstName: `Fresh ${i}`,
    }));
    const made = await server.run(
      "mutation($input: CreateContactsInput!) { createContacts(input: $input) { results { contact { id } } } }",
      { input: { contacts } },
    );
    ids.push(...made.createContacts.results.map((row) => row.contact.id));
  }
  const named = (text) => text?.replace(/\bfresh-(\d+)/g, (_, i) => ids[i - 1]);
  return documents.map((one) => ({ ...one, text: named(one.text), variables: named(one.variables) }));
}

// Everything there is, in few numbers: what refused mutations must leave as it is.
export async function counts(server) {
  const data = await server.run(`{
    contacts(first: 1, includeDeleted: true) { totalCount nodes { id version updatedAt } }
    companies { totalCount nodes { id updatedAt } } users { totalCount nodes { id name email } }
    tags { nodes { name contactsCount } } teams { id name members { id } }
    pipelines { id name isDefault stages { id name contactsCount } }
    viewer { organization { policy { preset defaultStatus requiredFields allowedStatuses } } }
    apiKeys(includeInactive: true) { nodes { id revokedAt } }
  }`);
  return JSON.stringify(data);
}
