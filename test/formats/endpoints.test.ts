import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { families } from '../../src/formats/families.ts';
import { formats } from '../../src/formats/index.ts';
import { ENDPOINTS } from '../../src/diagnosis/service-checks.ts';
import { endpointTables } from '../../src/formats/describe.ts';
import { serve } from './openai/serve.ts';
import type { Served } from './openai/serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

const all = families.flatMap(({ name: family, mark = {}, endpoints }) =>
  endpoints.map((endpoint) => ({ family, mark, ...endpoint })),
);

test('the families are those of the formats, and each name of an endpoint stands for one', () => {
  expect(formats.map(({ name }) => name)).toEqual(families.map(({ name }) => name));
  for (const { endpoints } of families) expect(new Set(endpoints.map(({ name }) => name)).size).toBe(endpoints.length);
});

describe.each(all)(
  '$family: $method $path',
  ({ family, mark, name, method, path, query, takes, isKept: isGoogles = false }) => {
    const isKept = path.includes('{response}');
    const asked = `${path
      .replace('{model}', 'gemini-2.5-flash')
      .replace('{response}', 'resp_1')
      .replace(/\{\w+\}/, 'one')}${query === undefined ? '' : `?${query}`}`;

    test('is served', async () => {
      const answer = await served.fetch(asked, {
        method,
        headers: { ...mark, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{' }),
      });
      const text = await answer.text();
      if (isGoogles) expect([answer.status, text]).toEqual([400, expect.stringContaining('GEMINI_API_KEY')]);
      else if (isKept) expect(text).toContain('response_not_found');
      else expect(answer.status, text).toBe(takes === 'form' ? 415 : method === 'POST' ? 400 : 200);
    });

    test('another method is 405, in the words of the family', async () => {
      const answer = await served.fetch(asked, {
        method: path.startsWith('/upload/') ? 'PATCH' : 'PUT',
        headers: mark,
      });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toContain(method);
    });

    test('stands on the first page', async () => {
      const { endpoints } = (await (await served.fetch('/')).json()) as { endpoints: Record<string, string[]> };
      expect(endpoints[family]?.join('\n')).toContain(`${method} ${path}`);
    });

    test('is checked by the health command, as docs/health.md says', () => {
      const id = `endpoint-${family}-${name}`;
      const isOneThing = isGoogles || isKept || (method === 'GET' && path.includes('{'));
      expect(ENDPOINTS.has(id)).toBe(!isOneThing);
      const page = readFileSync(new URL('../../docs/health.md', import.meta.url), 'utf8');
      expect(page.includes(`| \`${id}\``)).toBe(!isOneThing);
    });
  },
);

test('docs/endpoints.md says the same (fix it with: npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/endpoints.md', import.meta.url), 'utf8');
  const cells = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => /^\| `/.test(line))
      .map((line) => line.replaceAll(/\s*\|\s*/g, '|'));
  const [written = ''] = page.split('<!-- /endpoints -->');
  expect(cells(written)).toEqual(cells(endpointTables(families)));
});
