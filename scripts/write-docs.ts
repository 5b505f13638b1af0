/** Writes what is told of the settings from the one table that the start reads: .env.example and docs/configuration.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTables, envExample } from '../src/config/describe.ts';

const START = '<!-- variables -->';
const END = '<!-- /variables -->';

const root = new URL('..', import.meta.url);
const page = new URL('docs/configuration.md', root);
const text = readFileSync(page, 'utf8');
const [start, end] = [text.indexOf(START), text.indexOf(END)];
if (start === -1 || end === -1) throw new Error(`docs/configuration.md lacks the marks ${START} and ${END}`);

writeFileSync(page, `${text.slice(0, start + START.length)}\n\n${configurationTables()}\n${text.slice(end)}`);
writeFileSync(new URL('.env.example', root), envExample());
console.log('.env.example and docs/configuration.md are written.');
