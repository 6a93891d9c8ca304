// What mutations answer that have succeeded: told from what they left behind. Each text of a name
// is used once in all documents, so that what was written by a field can be found and counted.

// Whether a field was kept as graphql-js has coerced it.
function kept(field, given, found) {
  switch (field) {
    case "tags":
      return JSON.stringify([...new Set(given)]) === JSON.stringify(found);
    case "sourceCreatedAt":
      return new Date(given).toISOString() === found;
    default:
      return JSON.stringify(sorted(given)) === JSON.stringify(sorted(found));
  }
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

export class Marks {
  #mark;
  #count;
  #calls = new Map();
  #faults = [];

  constructor({ mark, marks }) {
    this.#mark = mark;
    this.#count = marks;
  }

  #made(type, key, mark, answers, input) {
    const call = this.#calls.get(mark) ?? 0;
    this.#calls.set(mark, call + 1);
    // The newest is read first.
    const found = answers
      .records(type)
      .filter((record) => record[key] === mark)
      .reverse();
    const record = found[call];
    if (!record) this.#faults.push(`${mark} ran ${call + 1} times, and was written ${found.length} times`);
    const other = record && Object.keys(input).find((field) => !kept(field, input[field], record[field]));
    if (other)
      this.#faults.push(
        `${other} of ${mark} is ${JSON.stringify(record[other])}, and was to be ${JSON.stringify(input[other])}`,
      );
    return record ? { __typename: type, id: record.id } : null;
  }

  // The payload of a root field of a mutation, in the order in which they run.
  answer(key, { input }, answers) {
    const contact = (row) => this.#made("Contact", "lastName", row.lastName, answers, row);
    const userErrors = [];
    switch (key) {
      case "createContact":
        return { contact: contact(input), userErrors };
      case "upsertContact":
        return { contact: contact(input.contact), created: true, userErrors };
      case "createContacts": {
        const results = input.contacts.map((row, index) => ({
          index,
          outcome: "CREATED",
          contact: contact(row),
          userErrors,
        }));
        return {
          results,
          createdCount: results.length,
          updatedCount: 0,
          skippedCount: 0,
          failedCount: 0,
          userErrors,
        };
      }
      case "createCompany":
        return { company: this.#made("Company", "name", input.name, answers, input), userErrors };
      case "updateContact":
        this.#made("Contact", "lastName", input.set.lastName, answers, input.set);
        return { contact: { __typename: "Contact", id: input.id }, userErrors };
      default:
        return { contactId: input.id, contact: { __typename: "Contact", id: input.id }, userErrors };
    }
  }

  // What was written oftener than graphql-js runs it.
  wrong(answers) {
    const all = [
      ...answers.records("Contact").map((record) => record.lastName),
      ...answers.records("Company").map((record) => record.name),
    ];
    for (let i = 1; i <= this.#count; i += 1) {
      const mark = `${this.#mark}x${i}`;
      const written = all.filter((one) => one === mark).length;
      const calls = this.#calls.get(mark) ?? 0;
      if (written !== calls)
        this.#faults.push(`${mark} ran ${calls} times, and was written ${written} times`);
    }
    return this.#faults[0];
  }
}
