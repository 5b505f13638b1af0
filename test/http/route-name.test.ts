import { expect, test } from 'vitest';
import { createRouteName } from '../../src/http/route-name.ts';

const routeName = createRouteName(['/v1/models', '/v1/models/{model}', '/v1beta/models/{model}:countTokens']);

test.each([
  ['/v1/models', '/v1/models'],
  ['/v1/models/gemini-2.5-flash', '/v1/models/{model}'],
  ['/v1beta/models/gemini-2.5-flash:countTokens', '/v1beta/models/{model}:countTokens'],
  ['/v1beta/models/gemini-2.5-flash:generateContent', 'unmatched'],
  ['/v1/models/x/secret', 'unmatched'],
  ['/v1xmodels', 'unmatched'],
  ['/anything', 'unmatched'],
])('%s is named %s', (path, name) => {
  expect(routeName(path)).toBe(name);
});
