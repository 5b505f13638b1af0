import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { besides, derived, liveConfig } from '../../src/settings/live.ts';

test('fields are those of now, wherever the object has gone', () => {
  const { config, change } = liveConfig(parseConfig({}));
  const { limits, upstream } = config;
  const widened = besides(config.network, { userAgent: 'x' });
  const now = parseConfig({
    MAX_RETRIES: '7',
    HEARTBEAT_MS: '9',
    CORS_ORIGIN: 'none',
    IDLE_TIMEOUT_MS: '11',
    LOG_LEVEL: 'warn',
  });
  change(now);
  expect([upstream.maxRetries, limits.heartbeatMs, config.cors, widened.idleTimeoutMs, config.log.level]).toEqual([
    ...[7, 9, 'none', 11, 'warn'],
  ]);
  expect(widened.userAgent).toBe('x');
  expect({ ...config }).toEqual(now);
});

test('what is made of a value is made anew when the value is another, and only then', () => {
  const live = { list: ['a'] };
  let made = 0;
  const length = derived(live, 'list', (list) => {
    made += 1;
    return list.length;
  });
  expect([length(), length(), made]).toEqual([1, 1, 1]);
  live.list = ['a', 'b'];
  expect([length(), length(), made]).toEqual([2, 2, 2]);
});
