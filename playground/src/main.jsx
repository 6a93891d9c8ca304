import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { fetcher } from './fetcher.js';
import firstTab from './first-tab.graphql?raw';
import { authorization, currentKey, keyIn, PLACEHOLDER, rememberKey, takeKeyFromAddress } from './key.js';
import { storage } from './storage.js';

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()];

/**
 * A key put into the headers editor is the key of this browser tab from then on. Another key may
 * see another schema and other contacts, so the page starts afresh with it.
 */
function adoptKey(headers) {
  const key = keyIn(headers);
  if (key === null || key === currentKey()) return;
  rememberKey(key);
  location.reload();
}

function Playground() {
  const key = currentKey();
  const headers = JSON.stringify(authorization(key), null, 2);
  return (
    <>
      {key === null && <NoKey />}
      <GraphiQL
        fetcher={fetcher}
        // Asking for the schema takes a key: `null` means not to ask.
        schema={key === null ? null : undefined}
        storage={storage}
        defaultQuery={firstTab}
        initialHeaders={headers}
        defaultHeaders={headers}
        onEditHeaders={adoptKey}
        shouldPersistHeaders={false}
        // With a key, the headers are one click away and the key is not on the screen.
        defaultEditorToolsVisibility={key === null ? 'headers' : false}
        plugins={PLUGINS}
      >
        <GraphiQL.Logo>Contacts gateway</GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

function NoKey() {
  return (
    <p className="no-key" role="note">
      No API key yet. Create one with{' '}
      <code>contacts-gateway keys create --name me --scopes contacts:read,contacts:write</code> and put it in
      place of <code>{PLACEHOLDER}</code> under Headers.
    </p>
  );
}

takeKeyFromAddress();
addEventListener('hashchange', () => {
  if (takeKeyFromAddress()) location.reload();
});
createRoot(document.getElementById('root')).render(<Playground />);
