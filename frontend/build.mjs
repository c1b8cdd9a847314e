// Builds dist/: styles and scripts under content-hashed names, each with a
// .br and a .gz sibling, and manifest.json that maps plain names to hashed
// ones. The output depends on the sources alone, so two builds of one commit
// are byte for byte the same.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');

// KEEP is committed so that Go's embed directive finds the folder on a clean clone.
const KEEP = '.gitkeep';

/** Compiles one style sheet with Sass and minifies it for the browsers named in targets. */
async function style(name) {
  const compiled = sass.compile(path.join(root, 'styles', `${name}.scss`), {
    loadPaths: [path.join(root, 'node_modules')],
    quietDeps: true,
    style: 'expanded',
  });
  const minified = await esbuild.transform(compiled.css, { loader: 'css', minify: true, target: targets });
  return [`${name}.css`, Buffer.from(minified.code)];
}

/** Bundles one script as an ES module; browsers without modules get the page without it. */
async function script(name) {
  const result = await esbuild.build({
    entryPoints: [path.join(root, 'scripts', `${name}.ts`)],
    bundle: true,
    format: 'esm',
    minify: true,
    target: targets,
    write: false,
  });
  return [`${name}.js`, Buffer.from(result.outputFiles[0].contents)];
}

/** Takes a file over as it is. */
async function copy(name) {
  return [name, await readFile(path.join(root, 'images', name))];
}

// The oldest browsers that get scripts; cheap phones often run a WebView of
// these years.
const targets = ['chrome64', 'safari12', 'firefox62'];

// Every script is one entry; what several share begins with an underscore.
const scripts = (await readdir(path.join(root, 'scripts'))).filter((name) => name.endsWith('.ts') && !name.startsWith('_')).sort();

const files = await Promise.all([
  style('public'),
  style('staff'),
  style('embed'),
  ...scripts.map((name) => script(path.parse(name).name)),
  copy('favicon.svg'),
]);

await mkdir(dist, { recursive: true });
for (const old of await readdir(dist)) {
  if (old !== KEEP) await rm(path.join(dist, old), { recursive: true });
}

const manifest = {};
for (const [name, content] of files.sort(([a], [b]) => (a < b ? -1 : 1))) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${hash}${ext}`;
  const br = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  const gz = gzipSync(content, { level: 9 });
  await writeFile(path.join(dist, hashed), content);
  await writeFile(path.join(dist, `${hashed}.br`), br);
  await writeFile(path.join(dist, `${hashed}.gz`), gz);
  manifest[name] = hashed;
  console.log(`${hashed.padEnd(36)} ${content.length} bytes, gzip ${gz.length}, brotli ${br.length}`);
}
await writeFile(path.join(dist, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
