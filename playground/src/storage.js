// What GraphiQL keeps between visits: tabs, history, layout, in local storage, without headers.
// Its `shouldPersistHeaders` covers the tabs only; its history saves the headers of every request
// that was run, and with them the key.

// Other GraphiQLs that were served from the same origin have tabs of their own.
const PREFIX = 'contacts-gateway:';
const WITH_HEADERS = ['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites'];

/** The `Storage` for GraphiQL. */
export const storage = {
  getItem(name) {
    return localStorage.getItem(PREFIX + name);
  },
  setItem(name, text) {
    if (name === 'graphiql:headers') return;
    localStorage.setItem(PREFIX + name, WITH_HEADERS.includes(name) ? withoutHeaders(text) : text);
  },
  removeItem(name) {
    localStorage.removeItem(PREFIX + name);
  },
  clear() {
    for (const name of ownNames()) localStorage.removeItem(name);
  },
  get length() {
    return ownNames().length;
  },
};

function withoutHeaders(json) {
  return JSON.stringify(JSON.parse(json), (name, value) => (name === 'headers' ? null : value));
}

function ownNames() {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}
