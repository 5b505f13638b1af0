import { expect, test } from 'vitest';
import { decideDoor, otherDoors } from '../../src/upstreams/decision.ts';
import type { Situation } from '../../src/upstreams/decision.ts';

const nothing: Situation = { kind: 'auto', credentials: 'missing', hasAdc: false, hasApiKey: false, hasProject: false };

test.each<[string, Partial<Situation>, string]>([
  ['nothing at all', {}, 'none'],
  ['OAuth credentials', { credentials: 'oauth' }, 'code-assist'],
  [
    'OAuth credentials win over a key',
    { credentials: 'oauth', hasApiKey: true, hasAdc: true, hasProject: true },
    'code-assist',
  ],
  ['R6: no silent way round unusable credentials', { credentials: 'invalid', hasApiKey: true }, 'code-assist'],
  ['a key', { hasApiKey: true }, 'gemini-api'],
  ['a key wins over ADC', { hasApiKey: true, hasAdc: true, hasProject: true }, 'gemini-api'],
  ['ADC with a project', { hasAdc: true, hasProject: true }, 'vertex'],
  ['ADC in the credentials file, with a project', { credentials: 'adc', hasProject: true }, 'vertex'],
  ['ADC without a project', { hasAdc: true }, 'none'],
  ['ADC in the credentials file, without a project', { credentials: 'adc' }, 'none'],
  ['a project alone', { hasProject: true }, 'none'],
  ['the owner decides', { kind: 'vertex', credentials: 'oauth', hasApiKey: true }, 'vertex'],
  ['the owner decides, though the key is missing', { kind: 'gemini-api', credentials: 'oauth' }, 'gemini-api'],
])('UPSTREAM=auto: %s', (_name, situation, name) => {
  const decision = decideDoor({ ...nothing, ...situation });
  expect(decision.name).toBe(name);
  expect(decision.why).toMatch(/^[A-Z].*\.$/);
});

test('ADC without a project says what is missing', () => {
  expect(decideDoor({ ...nothing, hasAdc: true }).why).toContain('GOOGLE_CLOUD_PROJECT is not set');
});

const GOOGLE_CLOUD = 'Google Cloud credentials (a service account file, or gcloud auth application-default login)';

test.each<[string, Partial<Situation>, Readonly<Record<string, string>>]>([
  [
    'nothing at all',
    {},
    {
      'code-assist': 'would need a login (npm run login) with a Code Assist licence',
      'gemini-api': 'would need GEMINI_API_KEY',
      vertex: `would need GOOGLE_CLOUD_PROJECT and ${GOOGLE_CLOUD}`,
    },
  ],
  [
    'a login: it wins, so the others need a word of the owner',
    { credentials: 'oauth' },
    {
      'gemini-api': 'would need GEMINI_API_KEY and UPSTREAM=gemini-api',
      vertex: 'would need GOOGLE_CLOUD_PROJECT and UPSTREAM=vertex',
    },
  ],
  [
    'a login, and all else',
    { credentials: 'oauth', hasApiKey: true, hasAdc: true, hasProject: true },
    { 'gemini-api': 'would need UPSTREAM=gemini-api', vertex: 'would need UPSTREAM=vertex' },
  ],
  [
    'a key: a login would win over it',
    { hasApiKey: true },
    {
      'code-assist': 'would need a login (npm run login) with a Code Assist licence',
      vertex: `would need GOOGLE_CLOUD_PROJECT, ${GOOGLE_CLOUD} and UPSTREAM=vertex`,
    },
  ],
  [
    'the owner has decided',
    { kind: 'vertex', credentials: 'adc', hasProject: true },
    {
      'code-assist': 'would need a login (npm run login) with a Code Assist licence and UPSTREAM=code-assist',
      'gemini-api': 'would need GEMINI_API_KEY and UPSTREAM=gemini-api',
    },
  ],
])('what the other ways would need: %s', (_name, situation, others) => {
  expect(otherDoors({ ...nothing, ...situation })).toEqual(others);
});
