import Router from '@koa/router';
import { describe, expect, it } from 'vitest';
import { mountGemini } from '../../src/formats/gemini/routes.ts';
import { openaiFormat } from '../../src/formats/openai/openai.ts';
import type { FormatParts } from '../../src/formats/format.ts';
import { routesOf } from '../../src/http/known-routes.ts';

const mounted = (): Router => {
  const router = new Router();
  const parts = {} as FormatParts;
  openaiFormat.mount(router, parts);
  mountGemini(router, parts);
  return router;
};

const PATHS = [
  '/v1/chat/completions',
  '/chat/completions',
  '/v1/models',
  '/v1/models/gemini-2.5-flash',
  '/v1beta/models/gemini-2.5-flash:generateContent',
  '/v1beta/models/gemini-2.5-pro:streamGenerateContent',
  '/v1/files/one',
  '/nowhere',
  '/__proto__',
  '/v1/chat/completions/',
];

describe('routesOf', () => {
  it('finds what the router finds, the first time and every other', () => {
    const plain = mounted();
    const quick = mounted();
    routesOf(quick);
    for (let round = 0; round < 3; round += 1) {
      for (const path of PATHS) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          const expected = plain.match(path, method);
          const found = quick.match(path, method);
          expect(found.route, `${method} ${path}`).toBe(expected.route);
          expect(found.path.map(String)).toEqual(expected.path.map(String));
          expect(found.pathAndMethod.map((layer) => layer.path)).toEqual(
            expected.pathAndMethod.map((layer) => layer.path),
          );
        }
      }
    }
  });

  it('stays right when there are more addresses than it remembers', () => {
    const router = mounted();
    routesOf(router);
    for (let index = 0; index < 2000; index += 1) {
      expect(router.match(`/v1beta/models/m${index % 700}:generateContent`, 'POST').route).toBe(true);
      expect(router.match(`/nowhere/${index}`, 'POST').route).toBe(false);
    }
  });
});
