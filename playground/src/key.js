// The API key of this browser tab. It arrives in the link's fragment, which browsers send to no
// server, and stays in session storage: a reload keeps it, closing the tab forgets it.

const SLOT = 'contacts-gateway:key';
const KEY = /\bcgw_[0-9A-Za-z]{50}\b/;

export const PLACEHOLDER = 'cgw_...';

/**
 * Moves the key of `#key=...` out of the address bar into this tab, replacing the entry in the
 * browser's history. False if there was none.
 */
export function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key === null) return false;
  history.replaceState(null, '', location.pathname + location.search);
  if (key.trim() === '') return false;
  rememberKey(key.trim());
  return true;
}

export function rememberKey(key) {
  sessionStorage.setItem(SLOT, key);
}

/** Null while this tab has no key. */
export function currentKey() {
  return sessionStorage.getItem(SLOT);
}

export function authorization(key) {
  return { Authorization: `Bearer ${key ?? PLACEHOLDER}` };
}

/** The complete key in the text of the headers editor; null while there is none, or no JSON. */
export function keyIn(headers) {
  try {
    JSON.parse(headers);
  } catch {
    return null;
  }
  return KEY.exec(headers)?.[0] ?? null;
}
