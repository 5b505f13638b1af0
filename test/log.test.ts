import { describe, expect, test } from 'vitest';
import { createLogger } from '../src/log.ts';
import { describeError } from '../src/log/text.ts';
import type { LogSettings } from '../src/log.ts';
import { createRedactor } from '../src/redactor.ts';
import { commandsHere } from '../src/terminal/commands-here.ts';
import { processorNow } from './support/machine.ts';

const logging = (settings: Partial<LogSettings> = {}, secrets: string[] = []) => {
  const lines: string[] = [];
  const redactor = createRedactor(secrets);
  const log = createLogger(
    { level: 'debug', format: 'json', ...settings },
    { redactor, system: { now: () => 0 }, write: (line) => lines.push(line) },
  );
  return { log, lines, redactor };
};

describe('createLogger', () => {
  test('one JSON line per call, the fields beside the sentence', () => {
    const { log, lines } = logging();
    log.info('credentials refreshed', { expiresInMs: 5, none: undefined, flag: false, list: [1, 'a'], zero: 0 });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"credentials refreshed","expiresInMs":5,"flag":false,"list":[1,"a"],"zero":0}\n',
    ]);
  });

  test('the commands of a warning are those that work where the relay stands', () => {
    const lines: string[] = [];
    const log = createLogger(
      { level: 'info', format: 'json' },
      {
        redactor: createRedactor([]),
        system: { now: () => 0 },
        write: (line) => lines.push(line),
        asTypedHere: (text) => commandsHere(text, 'installed'),
      },
    );
    log.error('Google has revoked the login', { fix: 'npm run login' });
    log.info('a word of a client: npm run login');
    expect(lines[0]).toContain('"fix":"gemini-cli-relay login"');
    expect(lines[1]).toContain('npm run login');
  });

  test('lines of one moment are written together: in order, each redacted, each with its own time', () => {
    const written: string[] = [];
    const later: (() => void)[] = [];
    let now = 0;
    const log = createLogger(
      { level: 'info', format: 'json' },
      {
        redactor: createRedactor(['hunter2']),
        system: { now: () => (now += 1000) },
        write: (lines) => written.push(lines),
        soon: (run) => later.push(run),
      },
    );
    log.info('first', { word: 'hunter2' });
    log.debug('below its level');
    log.warn('second');
    expect([written, later.length]).toEqual([[], 1]);
    later.pop()?.();
    expect(written).toEqual([
      '{"time":"1970-01-01T00:00:01.000Z","level":"info","message":"first","word":"[redacted]"}\n' +
        '{"time":"1970-01-01T00:00:02.000Z","level":"warn","message":"second"}\n',
    ]);
    log.error('third');
    later.pop()?.();
    expect(written).toHaveLength(2);
  });

  test('below its level it is silent', () => {
    const { log, lines } = logging({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd']);
  });

  test('a field cannot take the place of the level or the sentence', () => {
    const { log, lines } = logging();
    log.info('said', { level: 'error', message: 'other' });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', message: 'said' });
  });

  test('an error is one line with its causes, without a stack', () => {
    const { log, lines } = logging();
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    log.error('failed', { error: new TypeError('two\nlines', { cause }) });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: 'TypeError: two\nlines <- Error: connect refused (ECONNREFUSED)',
    });
    expect(lines.join('')).not.toMatch(/\bat \S+:\d+/);
  });

  test('a cause that is its own cause ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error).length).toBeLessThan(200);
  });

  test.each(['json', 'pretty'] as const)('S14: %s is one line whatever it holds', (format) => {
    const { log, lines } = logging({ format });
    const evil = 'a\r\nb\u2028c\u0085d\u001b[2Je\u0000';
    log.info(evil, { [evil]: evil, nested: { inner: evil } });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });

  test('what JSON cannot hold does not cost the line', () => {
    const { log, lines } = logging();
    const round: Record<string, unknown> = {};
    round['self'] = 1n;
    log.info('odd', { round, big: 1n, infinite: Infinity, missing: null });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'odd', infinite: null, missing: null });
  });

  test('for people it is a clock, a level, the sentence and the fields', () => {
    const { log, lines } = logging({ format: 'pretty', colors: false });
    log.warn('wrong key', { address: '127.0.0.1', why: 'two words' });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}wrong key address=127\.0\.0\.1 why="two words"\n$/);
  });
});

describe('the line of a request, for people', () => {
  const request = {
    ...{ requestId: 'req_1', method: 'POST', route: '/v1/chat/completions', status: 200, ms: 12.4, caller: 'API_KEY' },
    ...{ model: 'gemini-2.5-flash', stream: true, promptTokens: 2, outputTokens: 14, firstByteMs: 9.1 },
  };
  const lineOf = (fields: object, colors = false): string => {
    const { log, lines } = logging({ format: 'pretty', colors });
    log.info('request', fields);
    return lines.join('').replace(/\d\d:\d\d:\d\d/, 'clock');
  };

  test('begins with what one looks for, and ends with its id', () => {
    expect(lineOf(request)).toBe(
      'clock 200 POST chat gemini-2.5-flash 12 ms 2→14 tokens caller=API_KEY stream=true firstByteMs=9.1 req_1\n',
    );
  });

  test.each([
    ['/v1/completions', 'completions'],
    ['/v1beta/openai/chat/completions', 'chat'],
    ['/v1/images/generations', 'images'],
    ['/v1/embeddings', 'embeddings'],
    ['/v1beta/models/{model}:streamGenerateContent', 'streamGenerateContent'],
    ['/v1beta/models', 'models'],
    ['/v1/models/{model}', 'models/{model}'],
    ['/health', '/health'],
    ['unmatched', 'unmatched'],
  ])('%s is %s', (route, word) => {
    expect(lineOf({ requestId: 'req_1', method: 'GET', route, status: 404, ms: 0.5 })).toBe(
      `clock 404 GET ${word} 0.5 ms req_1\n`,
    );
  });

  test.each([
    [200, 32],
    [404, 33],
    [499, 33],
    [503, 31],
  ])('%d is painted %d', (status, color) => {
    expect(lineOf({ ...request, status, error: 'x' }, true)).toContain(`\u001b[${color}m${status} POST chat`);
    expect(lineOf({ ...request, status }, false)).not.toContain('\u001b');
  });

  test('what is missing leaves no gap, and a name with commands for the terminal is shown', () => {
    expect(lineOf({ requestId: 'req_1', method: 'GET', route: undefined, status: 400, model: 'a\u001b[2Jb' })).toBe(
      'clock 400 GET a\\u001b[2Jb req_1\n',
    );
    expect(lineOf({ ...request, promptTokens: undefined })).toContain(' ?→14 tokens ');
    expect(lineOf({ why: 'of no request' })).toBe('clock info  request why="of no request"\n');
  });
});

describe('S15: no secret leaves', () => {
  test.each(['json', 'pretty'] as const)('by the name of its field (%s)', (format) => {
    const { log, lines } = logging({ format });
    log.info('x', {
      authorization: 'canary',
      accessToken: 'canary',
      refresh_token: 'canary',
      token: 'canary',
      apiKey: 'canary',
      'x-api-key': 'canary',
      client_secret: 'canary',
      nested: { password: ['canary'], cookie: 'canary' },
      tokens: 12,
      promptTokens: 3,
    });
    expect(lines.join('')).not.toContain('canary');
    expect(lines.join('')).toMatch(/12.*3/);
  });

  test.each([
    ['access token', 'ya29.a0AfH6SMBx-canary_x'],
    ['refresh token', '1//0gcanarycanary-canary_c'],
    ['API key', 'AIzaSyCanaryCanaryCanaryCanaryCanary123'],
    ['client secret', 'GOCSPX-canary_canary-canary'],
    ['code', '4/0AeanCanaryCanaryCanary'],
    ['assertion', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ'],
    ['private key', '-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----'],
    ['bearer', 'Bearer canary-canary-1'],
  ])('by the shape of a %s', (_name, secret) => {
    const { log, lines } = logging();
    log.error(`it was ${secret} here`, { error: new Error(secret), detail: `x=${secret}&y` });
    expect(lines.join('')).not.toMatch(/canary/i);
    expect(lines.join('')).toContain('[redacted]');
  });

  test('by what it is, as written, in JSON and in a URL; also when it became known later', () => {
    const { log, lines, redactor } = logging({}, ['pass"word/one', undefined as never]);
    redactor.add('later-secret');
    log.info('pass"word/one', {
      a: 'pass"word/one',
      b: `?k=${encodeURIComponent('pass"word/one')}`,
      c: 'later-secret',
    });
    expect(lines.join('')).not.toMatch(/word|later-secret/);
  });

  test('of thousands of keys none is told, whatever it is made of and wherever it stands', () => {
    const shaped = Array.from({ length: 300 }, (_none, at) => `AQ.a-key-of-usual-length-${at}`);
    const dotted = Array.from({ length: 300 }, (_none, at) => `AQ.a-key.with-a-second-dot-${at}.`);
    const odd = Array.from({ length: 300 }, (_none, at) => `key_of_another_make.${at}`);
    const redactor = createRedactor([...shaped, ...dotted, ...odd]);
    for (const secret of [...shaped, ...dotted, ...odd]) {
      for (const text of [secret, `x?key=${secret}&y`, `{"k":"${secret}"}`, `Bearer ${secret}`, `the key ${secret}`]) {
        const told = redactor.redact(text);
        expect(told).toContain('[redacted]');
        expect(told).not.toContain(secret.slice(3, -2));
      }
    }
  });

  test('a line takes no longer where there are thousands of keys', () => {
    const line = '{"message":"request","requestId":"req_0123456789abcdef","route":"/v1/chat/completions","ms":12}';
    const few = createRedactor(['AQ.a-key-of-usual-length-1', 'AQ.a-key-of-usual-length-2']);
    const many = createRedactor(Array.from({ length: 1000 }, (_none, at) => `AQ.a-key-of-usual-length-${at}`));
    const measure = (redactor: typeof few): number => {
      const before = processorNow();
      for (let at = 0; at < 50_000; at += 1) redactor.redact(line);
      return processorNow() - before;
    };
    let best = Infinity;
    // The machine has other work; the first rounds are those of code that is not compiled yet.
    for (let round = 0; round < 12 && best > 1.2; round += 1) best = Math.min(best, measure(many) / measure(few));
    expect(best).toBeLessThanOrEqual(1.2);
  });

  test('the redactor forgets the oldest of what passes rather than grow for ever, and nothing that the owner has set', () => {
    const redactor = createRedactor(['password of the owner']);
    redactor.add('key of the owner');
    for (let count = 0; count < 1000; count += 1) redactor.addPassing(`secret-number-${count}-`);
    expect(redactor.redact('secret-number-999-')).toBe('[redacted]');
    expect(redactor.redact('secret-number-1-')).toBe('secret-number-1-');
    expect(redactor.redact('password of the owner, key of the owner')).toBe('[redacted], [redacted]');
  });
});
