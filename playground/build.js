// Builds GraphiQL into `dist/`: every file gzipped, and `SOURCE.sha256`, which ties the bundle to
// its source. The gateway embeds `dist/`, and one of its tests recomputes the hash.
//
// The hash is SHA-256, in lower-case hex and followed by a newline, over these files, sorted by
// the bytes of their paths relative to this folder, with `/` between the parts:
//
//     build.js, index.html, package-lock.json, package.json, vite.config.js,
//     and every file below src/
//
// For each file, in this order: the path in UTF-8, a zero byte, the length of the content in bytes
// as a decimal ASCII number, a zero byte, the content.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ROOT = import.meta.dirname;
const BUILT = join(ROOT, '.build');
const DIST = join(ROOT, 'dist');
const SOURCE_FILES = ['build.js', 'index.html', 'package-lock.json', 'package.json', 'vite.config.js'];

/** Paths of all files below `folder`, relative to it, sorted by their bytes. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .sort(byBytes);
}

function byBytes(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sourceHash() {
  const source = filesBelow(join(ROOT, 'src')).map((path) => `src/${path}`);
  const hash = createHash('sha256');
  for (const path of [...SOURCE_FILES, ...source].sort(byBytes)) {
    const content = readFileSync(join(ROOT, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** gzip at its best, with neither a time nor an operating system in the header. */
function gzip(content) {
  const zipped = gzipSync(content, { level: 9 });
  zipped.fill(0, 4, 8);
  zipped[9] = 255;
  return zipped;
}

await build({ root: ROOT, logLevel: 'warn', build: { outDir: BUILT, emptyOutDir: true } });

rmSync(DIST, { recursive: true, force: true });
let total = 0;
for (const path of filesBelow(BUILT)) {
  const zipped = gzip(readFileSync(join(BUILT, path)));
  mkdirSync(dirname(join(DIST, path)), { recursive: true });
  writeFileSync(join(DIST, `${path}.gz`), zipped);
  total += zipped.length;
  console.log(`${String(zipped.length).padStart(9)} ${path}`);
}
writeFileSync(join(DIST, 'SOURCE.sha256'), `${sourceHash()}\n`);
rmSync(BUILT, { recursive: true });
console.log(`${String(total).padStart(9)} bytes in all`);
