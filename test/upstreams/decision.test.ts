import { expect, test } from 'vitest';
import { decideDoor } from '../../src/upstreams/decision.ts';
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
