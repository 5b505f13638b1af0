/** Settings of several places, and values that work no more. */
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { layered } from '../../src/settings/layers.ts';
import { isFixed, VARIABLE_NAMES } from '../../src/settings/ways.ts';

const of = (page: Record<string, string>, environment = {}, file = {}) =>
  layered({ environment, file }, new Map(Object.entries(page)));

describe('which place wins', () => {
  test('the environment before the page, the page before .env', () => {
    expect(of({ MAX_RETRIES: '5' }, { MAX_RETRIES: '3' }, { MAX_RETRIES: '1' }).config.upstream.maxRetries).toBe(3);
    expect(of({ MAX_RETRIES: '5' }, {}, { MAX_RETRIES: '1' }).config.upstream.maxRetries).toBe(5);
    expect(of({}, {}, { MAX_RETRIES: '1' }).config.upstream.maxRetries).toBe(1);
    expect(of({ MAX_RETRIES: '5' }, { MAX_RETRIES: ' ' }).config.upstream.maxRetries).toBe(5);
  });

  test('no secret, no address that secrets go to, and no place of files comes from the page', () => {
    for (const name of VARIABLE_NAMES) {
      const isDelicate = 'secret' in VARIABLES[name] || /ENDPOINT|_URL$|CREDENTIALS|_FILE$|^HOST$/.test(name);
      if (isDelicate) expect([name, isFixed(name)]).toEqual([name, true]);
    }
    const { config, unusable } = of({ GOOGLE_OAUTH_TOKEN_URL: 'https://elsewhere.example', API_KEY: 'x'.repeat(20) });
    expect(config.credentials.oauth.tokenUrl).toBeUndefined();
    expect(config.keys).toEqual([]);
    expect([...unusable.keys()]).toEqual(['GOOGLE_OAUTH_TOKEN_URL', 'API_KEY']);
  });
});

describe('a value that works no more', () => {
  test.each([
    ['MAX_RETRIES', 'many', 'whole number'],
    ['OLD_SETTING', '1', 'no setting of this version'],
    ['CORS_ORIGIN', 'https://a.example/path', 'origins'],
  ])('%s=%s falls back and is told, and the rest holds', (name, value, words) => {
    const { config, unusable } = of({ [name]: value, HEARTBEAT_MS: '777' });
    expect(config.upstream.maxRetries).toBe(2);
    expect(config.limits.heartbeatMs).toBe(777);
    expect(unusable.get(name)).toContain(words);
    expect(unusable.size).toBe(1);
  });

  test('nor does one that contradicts what the environment says now', () => {
    const { config, unusable } = of({ IDLE_TIMEOUT_MS: '90000', MAX_RETRIES: '4' }, { REQUEST_TIMEOUT_MS: '60000' });
    expect(config.network.idleTimeoutMs).toBe(120_000);
    expect(config.upstream.maxRetries).toBe(4);
    expect(unusable.get('IDLE_TIMEOUT_MS')).toContain('REQUEST_TIMEOUT_MS');
  });

  test('what does not work without the page either is no fault of it', () => {
    expect(() => of({ MAX_RETRIES: '4' }, { PORT: 'x' })).toThrow(ConfigError);
  });
});
