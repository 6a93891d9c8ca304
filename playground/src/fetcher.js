import { authorization, currentKey } from './key.js';

const ENDPOINT = '/graphql';

/**
 * Sends one operation with the headers of the headers editor. An empty editor stands for the key of
 * this browser tab: GraphiQL asks for the schema before the editor is there, and empties it for
 * entries of the history, which are kept without headers. `{}` in the editor sends no key.
 */
export async function fetcher(operation, { headers = authorization(currentKey()) } = {}) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(operation),
    credentials: 'omit',
    cache: 'no-store',
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // Not the GraphQL endpoint's answer: a proxy's error page, for example.
    throw new Error(`HTTP ${response.status} ${response.statusText}: ${text.slice(0, 500)}`);
  }
}
