// What the contacts of `demo` lack: companies, teams, users and stages, to which most of them belong.

const SOURCES = ["api", "import", "form", "referral", "event"];
/** The contacts of some countries are left as they are. */
const COUNTRIES = ["CA", "US", "GB", "DE", "FR", "BR", "NG"];

/** Adds what is missing; ids and values that requests are made of. */
export async function furnish(server) {
  const { teams } = await server.data("{ teams { id } }");
  if (teams.length === 0) await add(server);
  const facts = await server.data(`{
    teams { id } pipelines { id stages { id } }
    companies(first: 200) { nodes { id } } users(first: 200) { nodes { id } } tags(first: 200) { nodes { id name } }
    contacts(first: 200, filter: {country: {eq: "GB"}}) { nodes {
      id externalId firstName lastName email phone company companyId jobTitle industry city state zip country
      status stage source process timezone language website whatsappNumber enrichmentStatus pipelineId
      pipelineStageId teamId ownerId score createdAt updatedAt enrichedAt tagAddedAt } }
    middle: contacts(first: 1, offset: 9000) { pageInfo { endCursor } }
  }`);
  return {
    contact: facts.contacts.nodes[100],
    ids: facts.contacts.nodes.map(({ id }) => id),
    cursor: facts.middle.pageInfo.endCursor,
    company: facts.companies.nodes[0].id,
    team: facts.teams[0].id,
    user: facts.users.nodes[0].id,
    tag: facts.tags.nodes[0].name,
    pipeline: facts.pipelines[0].id,
  };
}

async function add(server) {
  const made = async (field, input) => {
    const type = `${field[0].toUpperCase()}${field.slice(1)}Input!`;
    const kind = field.replace("create", "").toLowerCase();
    const rest = kind === "pipeline" ? "stages { id }" : "";
    const query = `mutation($input: ${type}) { ${field}(input: $input) { ${kind} { id ${rest} } userErrors { message } } }`;
    const payload = (await server.data(query, { input }))[field];
    if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
    return payload[kind];
  };
  const stages = SOURCES.map((name) => ({ name }));
  const pipeline = await made("createPipeline", { name: "Sales", stages });
  for (const [index, source] of SOURCES.entries()) {
    const owner = await made("createUser", { name: source });
    for (const country of COUNTRIES) {
      const company = await made("createCompany", { name: `${source} ${country}` });
      const team = await made("createTeam", { name: `${source} ${country}`, memberIds: [owner.id] });
      const filter = { source: { eq: source }, country: { eq: country } };
      const { contacts } = await server.data(
        "query($filter: ContactFilter) { contacts(first: 0, filter: $filter) { totalCount } }",
        { filter },
      );
      const input = {
        where: { matching: { filter, expectedCount: contacts.totalCount } },
        set: { teamId: team.id, ownerId: owner.id, companyId: company.id, pipelineStageId: pipeline.stages[index].id },
      };
      const { updateContacts } = await server.data(
        "mutation($input: UpdateContactsInput!) { updateContacts(input: $input) { userErrors { message } } }",
        { input },
      );
      if (updateContacts.userErrors.length > 0) throw new Error(JSON.stringify(updateContacts.userErrors));
    }
  }
}
