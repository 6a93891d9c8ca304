import { defineConfig } from 'vite';

export default defineConfig({
  base: '/graphiql/',
  publicDir: false,
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The page's content security policy allows neither inline scripts nor `blob:` workers.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // What is bundled here is distributed with the gateway, so its licenses are too.
    license: { fileName: 'licenses.txt' },
    // Monaco alone is larger than the size at which vite warns.
    chunkSizeWarningLimit: 8192,
    rolldownOptions: {
      onLog(level, log, report) {
        // `'use client'` in libraries means nothing in a bundle without a server.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
