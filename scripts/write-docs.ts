/** Writes what documents tell from tables of the sources: .env.example, docs/configuration.md and docs/endpoints.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTables, envExample } from '../src/config/describe.ts';
import { endpointTables } from '../src/formats/describe.ts';
import { families } from '../src/formats/families.ts';

const root = new URL('..', import.meta.url);

/** Between the marks of this name. */
const write = (path: string, mark: string, tables: string): void => {
  const [startMark, endMark] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const page = new URL(path, root);
  const text = readFileSync(page, 'utf8');
  const [start, end] = [text.indexOf(startMark), text.indexOf(endMark)];
  if (start === -1 || end === -1) throw new Error(`${path} lacks the marks ${startMark} and ${endMark}`);
  writeFileSync(page, `${text.slice(0, start + startMark.length)}\n\n${tables}\n${text.slice(end)}`);
};

write('docs/configuration.md', 'variables', configurationTables());
write('docs/endpoints.md', 'endpoints', endpointTables(families));
writeFileSync(new URL('.env.example', root), envExample());
console.log('.env.example, docs/configuration.md and docs/endpoints.md are written.');
