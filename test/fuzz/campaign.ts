/** Throws inputs at a whole relay before the simulator, and says what should not have happened. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import fc from 'fast-check';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { allowed } from '../support/machine.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { fuzzInput } from './inputs.ts';
import type { FuzzInput } from './inputs.ts';

export interface CampaignSettings {
  readonly seed: number;
  readonly inputs: number;
  /** Called now and then. */
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  /** Counted from 0 within the campaign: the same seed brings the same input. */
  readonly number: number;
  readonly problem: string;
  readonly input: FuzzInput;
}

export interface CampaignResult {
  readonly findings: readonly Finding[];
  /** How many answers of each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many got as far as Google's side. */
  readonly passedOn: number;
  readonly longestStallMs: number;
  readonly seconds: number;
}

const AT_ONCE = 16;
/** R25. */
const STALL_MS = 250;
const ANSWER_MS = 10_000;
const MAX_FINDINGS = 20;

export const runCampaign = async ({ seed, inputs, onProgress }: CampaignSettings): Promise<CampaignResult> => {
  const relay = await startRelay({ env: { FETCH_REMOTE_IMAGES: 'false', LOG_LEVEL: 'info' } });
  const agent = new Agent({ connections: AT_ONCE, pipelining: 1 });
  const findings: Finding[] = [];
  const statuses: Record<string, number> = {};
  const escaped: string[] = [];
  const onEscape = (error: unknown): void => {
    escaped.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  process.on('uncaughtException', onEscape).on('unhandledRejection', onEscape);
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  let longestStallMs = 0;
  let passedOn = 0;
  const startedAt = performance.now();

  const attack = async (input: FuzzInput, number: number): Promise<void> => {
    const problems = await problemsOf(
      relay,
      agent,
      input,
      (status) => (statuses[status] = (statuses[status] ?? 0) + 1),
    );
    for (const problem of problems) findings.push({ number, problem, input });
  };
  const stallOf = async (batch: readonly FuzzInput[], first: number): Promise<number> => {
    // What the making of inputs cost does not count.
    await new Promise((resolve) => setImmediate(resolve));
    delays.reset();
    await Promise.all(batch.map((input, index) => attack(input, first + index)));
    return delays.max / 1e6;
  };

  try {
    for (let done = 0; done < inputs && findings.length < MAX_FINDINGS; done += AT_ONCE) {
      const batch = fc.sample(fuzzInput, { seed: (seed + done) | 0, numRuns: Math.min(AT_ONCE, inputs - done) });
      let stall = await stallOf(batch, done);
      // The machine may have been busy elsewhere: it counts if it happens again.
      if (stall > STALL_MS) stall = Math.min(stall, await stallOf(batch, done));
      const [input] = batch;
      if (stall > STALL_MS && stall > allowed(STALL_MS) && input)
        findings.push({ number: done, problem: `a stall of ${stall} ms in this batch`, input });
      longestStallMs = Math.max(longestStallMs, stall);
      for (const problem of escaped.splice(0))
        if (input) findings.push({ number: done, problem: `escaped: ${problem}`, input });
      passedOn += relay.simulator.asked('generate').length;
      relay.simulator.clear();
      relay.logs.length = 0;
      if (done % (AT_ONCE * 250) === 0) onProgress?.(done);
    }
    const alive = await relay.fetch('/livez');
    if (alive.status !== 200) throw new Error('the relay does not live any more');
    return { findings, statuses, passedOn, longestStallMs, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    delays.disable();
    process.off('uncaughtException', onEscape).off('unhandledRejection', onEscape);
    await agent.close();
    await relay.close();
  }
};

const problemsOf = async (
  relay: TestRelay,
  agent: Agent,
  input: FuzzInput,
  count: (status: number) => void,
): Promise<readonly string[]> => {
  const hasBody = input.method !== 'GET' && input.method !== 'HEAD';
  let answer: Dispatcher.ResponseData;
  let text: string;
  try {
    answer = await agent.request({
      origin: relay.url,
      path: input.path,
      method: input.method,
      headers: { 'content-type': 'application/json', 'x-api-key': RELAY_KEY, ...input.headers },
      body: hasBody ? Buffer.from(input.body, 'latin1') : null,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    text = await answer.body.text();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // The connection is cut behind an error in mid-stream, and closed on what is no HTTP.
    return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' ? [] : [`no answer: ${String(error)} ${code}`];
  }
  const { statusCode, headers } = answer;
  count(statusCode);
  const problems: string[] = [];
  if (statusCode >= 500) problems.push(`status ${statusCode}: ${text.slice(0, 300)}`);
  if (headers['x-request-id'] === undefined) problems.push('no x-request-id');
  if (/\.ts:\d+|node_modules|\\n\s+at /.test(statusCode >= 400 ? text : ''))
    problems.push(`a stack: ${text.slice(0, 300)}`);
  if (statusCode >= 400 && input.method !== 'HEAD') {
    const found = familyOf(text);
    if (found === undefined) problems.push(`no error envelope: ${statusCode} ${text.slice(0, 300)}`);
    else if (input.family !== undefined && found !== input.family)
      problems.push(`the envelope of ${found}: ${text.slice(0, 200)}`);
  }
  if (({} as Record<string, unknown>)['x'] !== undefined) problems.push('Object.prototype has changed');
  return problems;
};

const familyOf = (text: string): FuzzInput['family'] => {
  try {
    const body = JSON.parse(text) as { error?: Record<string, unknown> };
    const { error } = body;
    if (!error || typeof error['message'] !== 'string' || error['message'] === '') return undefined;
    if ('status' in error && typeof error['code'] === 'number') return 'gemini';
    if ((body as { type?: unknown }).type === 'error' && 'request_id' in body) return 'anthropic';
    return 'type' in error && 'param' in error && 'code' in error ? 'openai' : undefined;
  } catch {
    return undefined;
  }
};
