/** What was used, one by one and summed up, and told as it happens. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SESSION_MS } from '../../src/console/sessions.ts';
import { createSystem } from '../../src/system.ts';
import type { EndedRequest } from '../../src/usage/request-row.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession, watchEvents } from './visitor.ts';
import type { ConsoleVisitor } from './visitor.ts';
import { quietNow } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined, HEARTBEAT_MS: '100' } });
  visitor = await openSession(relay);
  for (let count = 0; count < 3; count += 1) await ask('gemini-2.5-flash');
  await ask('no-model-of-this-name');
});
afterAll(() => relay.close());

const ask = async (model: string): Promise<void> => {
  const answer = await relay.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] });
  await answer.text();
};

const ENDED: Omit<EndedRequest, 'id' | 'time'> = {
  ...{ key: 'GEMINI_AUTH_PASSWORD', door: 'code-assist', format: 'openai', route: '/v1/chat/completions' },
  ...{ model: 'gemini-2.5-flash', servedModel: 'gemini-2.5-flash', stream: true, status: 200, reason: undefined },
  ...{ ms: 10, firstMs: 5, used: [], retries: 0, client: 'node' },
};

interface Sums {
  readonly rows: readonly Record<string, unknown>[];
  readonly totals: Record<string, unknown>;
}

describe('usage', () => {
  test.each(['day', 'hour', 'model', 'key', 'door', 'format'])('by %s', async (group) => {
    const { rows, totals } = (await visitor.get(`usage?group=${group}`)) as unknown as Sums;
    expect(totals).toMatchObject({ requests: 4, errors: 1 });
    expect(Object.keys(rows[0] ?? {})).toEqual(
      expect.arrayContaining([
        ...['group', 'requests', 'errors', 'input_tokens', 'cached_tokens', 'output_tokens', 'thought_tokens'],
        ...['cost_usd', 'p50_ms', 'p95_ms', 'p50_first_ms'],
      ]),
    );
  });

  test('of a key and a model, in days', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const path = `usage?group=model&from=${today}&to=${today}&key=GEMINI_AUTH_PASSWORD&model=gemini-2.5*`;
    const { rows } = (await visitor.get(path)) as unknown as Sums;
    expect(rows.map(({ group, requests }) => [group, requests])).toEqual([['gemini-2.5-flash', 3]]);
  });

  test('as CSV', async () => {
    const response = await fetch(`${relay.url}/console/api/usage?group=model`, {
      headers: { authorization: `Bearer ${visitor.token}`, accept: 'text/csv' },
    });
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(await response.text()).toMatch(/^group,requests,.*\r\ngemini-2\.5-flash,3,/);
  });

  test.each([
    ['usage?group=moon', 'group'],
    ['usage?from=yester', 'from'],
    ['usage?model=%00', 'model'],
    ['requests?key=%00', 'key'],
    ['requests?model=%00', 'model'],
    ['requests?limit=0', 'limit'],
    ['requests?before=x', 'before'],
    ['requests?status=9', 'status'],
  ])('%s is a 400 that names the field', async (path, param) => {
    expect(await errorOf(await visitor.ask('GET', path))).toMatchObject({ status: 400, code: 'invalid_value', param });
  });
});

describe('requests', () => {
  test('newest first, page by page', async () => {
    const first = (await visitor.get('requests?limit=3')) as unknown as {
      rows: Record<string, unknown>[];
      next: string;
    };
    expect(first.rows).toHaveLength(3);
    expect(first.rows[0]).toMatchObject({ status: 404, reason: 'model_not_found', key: 'GEMINI_AUTH_PASSWORD' });
    const second = (await visitor.get(`requests?limit=3&before=${first.next}`)) as typeof first;
    expect(second.rows).toHaveLength(1);
    expect(second.next).toBeNull();
    const errors = (await visitor.get('requests?status=error')) as typeof first;
    expect(errors.rows).toHaveLength(1);
    // The console's own questions are no requests of anybody.
    expect(((await visitor.get('requests')) as typeof first).rows).toHaveLength(4);
  });
});

describe('of one key alone', () => {
  let own: TestRelay;
  let there: ConsoleVisitor;
  let secret: string;
  beforeAll(async () => {
    own = await startRelay({ env: { DATABASE_URL: undefined } });
    there = await openSession(own);
    for (const [name, count] of [
      ['anna', 1],
      ['bob', 2],
    ] as const) {
      const made = (await (await there.ask('POST', 'keys', { name })).json()) as { key: string };
      secret = made.key;
      for (let asked = 0; asked < count; asked += 1) {
        const answer = await own.post(
          '/v1/chat/completions',
          { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] },
          { headers: { authorization: `Bearer ${secret}` } },
        );
        await answer.text();
      }
    }
  });
  afterAll(() => own.close());

  test.each([
    ['usage?group=key&key=anna', [['anna', 1]]],
    ['usage?key=bob&group=key', [['bob', 2]]],
    ['usage?group=key&%6bey=bob', [['bob', 2]]],
    ['usage?group=key&key=nobody', []],
    [
      'usage?group=key&key=',
      [
        ['bob', 2],
        ['anna', 1],
      ],
    ],
  ])('%s', async (path, expected) => {
    const { rows } = (await there.get(path)) as unknown as Sums;
    expect(rows.map(({ group, requests }) => [group, requests])).toEqual(expected);
  });

  test.each([
    ['requests?key=anna', ['anna']],
    ['requests?limit=10&key=bob', ['bob', 'bob']],
    ['requests?key=nobody', []],
  ])('%s', async (path, expected) => {
    const { rows } = (await there.get(path)) as unknown as Sums;
    expect(rows.map(({ key }) => key)).toEqual(expected);
  });

  test('in a spreadsheet', async () => {
    const response = await fetch(`${own.url}/console/api/usage?group=key&key=anna`, {
      headers: { authorization: `Bearer ${there.token}`, accept: 'text/csv' },
    });
    expect((await response.text()).trim().split('\r\n').slice(1)).toEqual([expect.stringMatching(/^anna,1,/)]);
  });

  test('a secret that stands there opens nothing, finds nothing and is not logged', async () => {
    for (const key of [secret, own.key]) {
      for (const path of ['usage', 'requests']) {
        const alone = await fetch(`${own.url}/console/api/${path}?key=${key}`);
        expect(alone.status).toBe(401);
        expect(await alone.text()).not.toContain(key);
        expect(((await there.get(`${path}?key=${key}`)) as unknown as Sums).rows).toEqual([]);
      }
      expect(own.logs.join('\n')).not.toContain(key);
    }
  });
});

describe('events', () => {
  test('each request as it ends, a sign of life in between, to all who watch', async () => {
    const [one, other] = [watchEvents(relay, visitor), watchEvents(relay, visitor)];
    await eventually(() => {
      expect(one.text()).toContain(': connected');
      expect(other.text()).toContain(': keep-alive');
    });
    await ask('gemini-2.5-flash');
    await eventually(() => {
      expect(one.rows('request')).toHaveLength(1);
      expect(other.rows('request')).toHaveLength(1);
    });
    expect(one.rows('request')[0]).toMatchObject({
      model: 'gemini-2.5-flash',
      status: 200,
      key: 'GEMINI_AUTH_PASSWORD',
    });
    expect(other.rows('request')).toEqual(one.rows('request'));
    one.leave();
    other.leave();
  });

  test('end with the session of who watches, and with no other', async () => {
    const [leaving, staying] = [await openSession(relay), await openSession(relay)];
    const [ending, other] = [watchEvents(relay, leaving), watchEvents(relay, staying)];
    await eventually(() => {
      expect(ending.text() + other.text()).toMatch(/: connected[^]*: connected/);
    });
    await leaving.ask('DELETE', 'session');
    await ending.ended;
    await ask('gemini-2.5-flash');
    await eventually(() => {
      expect(other.rows('request')).toHaveLength(1);
    });
    expect(ending.rows('request')).toEqual([]);
    other.leave();
  });

  test('end when twelve hours of the session are over, and not before', async () => {
    let aheadMs = 0;
    const own = await startRelay({ system: { ...createSystem(), now: () => Date.now() + aheadMs } });
    try {
      const watched = watchEvents(own, await openSession(own));
      let isOver = false;
      void watched.ended.then(() => (isOver = true));
      await eventually(() => {
        expect(watched.text()).toContain(': connected');
      });
      aheadMs = SESSION_MS - 60_000;
      // By then it was looked whether the session goes on.
      await sleep(1500);
      expect(isOver).toBe(false);
      aheadMs = SESSION_MS;
      await watched.ended;
    } finally {
      await own.close();
    }
  });

  test('not more than some watch at a time, and who leaves makes room', async () => {
    const watch = async (): Promise<{ readonly answer: Response; readonly leave: () => void }> => {
      const leaving = new AbortController();
      const answer = await fetch(`${relay.url}/console/api/events`, {
        headers: { authorization: `Bearer ${visitor.token}` },
        signal: leaving.signal,
      });
      return {
        answer,
        leave: () => {
          leaving.abort();
        },
      };
    };
    // The answers themselves: one that nobody holds is left with the next collection of garbage.
    const all: Awaited<ReturnType<typeof watch>>[] = [];
    // Those of the test before may be about to leave.
    await eventually(async () => {
      let refused: Response | undefined;
      while (!refused) {
        const one = await watch();
        if (one.answer.status === 200) all.push(one);
        else refused = one.answer;
      }
      expect(await errorOf(refused)).toMatchObject({ status: 503, code: 'server_overloaded' });
      expect(all).toHaveLength(32);
    });
    for (const { leave } of all) leave();
    await eventually(async () => {
      const { answer, leave } = await watch();
      leave();
      expect(answer.status).toBe(200);
    });
  });

  test('who reads too slowly is cut, and costs the others no event', async () => {
    // Of its own: the views of the test before may not all have left.
    const own = await startRelay();
    const there = await openSession(own);
    const slow = connect(own.port, '127.0.0.1');
    slow.write(`GET /console/api/events HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer ${there.token}\r\n\r\n`);
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    const other = watchEvents(own, there);
    await eventually(() => {
      expect(other.text()).toContain(': connected');
    });
    const { ledger } = own.relay.parts;
    // More than the operating system takes, and then more than may wait.
    const client = 'x'.repeat(10_000);
    for (let index = 0; index < TOLD; index += 1) {
      ledger.add({ ...ENDED, id: `req_told_${index}`, time: Date.now(), client });
      if (index % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => {
      expect(other.rows('request')).toHaveLength(TOLD);
    });
    other.leave();
    let text = '';
    slow.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    slow.resume();
    await new Promise((resolve) => slow.once('close', resolve));
    expect(text.match(/req_told_/g)?.length ?? 0).toBeLessThan(TOLD);
    // Cut, and not ended as if that had been all.
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
    await own.close();
  });
  const TOLD = 4000;

  test('end when the relay does, at once', async () => {
    const brief = await startRelay();
    const watched = watchEvents(brief, await openSession(brief));
    await eventually(() => {
      expect(watched.text()).toContain(': connected');
    });
    const before = quietNow();
    await brief.relay.close(20_000);
    expect(quietNow() - before).toBeLessThan(5000);
    await watched.ended;
    await brief.close().catch(() => undefined);
  });
});

test('without a database the lists say so, and events still come', async () => {
  const without = await startRelay();
  try {
    const there = await openSession(without);
    for (const path of ['usage', 'requests']) {
      const error = await errorOf(await there.ask('GET', path));
      expect(error).toMatchObject({ status: 503, code: 'store_unavailable' });
      expect(error.message).toContain('DATABASE_URL');
    }
    expect(await there.get('keys')).toEqual({ keys: [] });
  } finally {
    await without.close();
  }
});
