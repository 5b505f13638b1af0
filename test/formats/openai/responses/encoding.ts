/** Chunks in, a response out, in both ways: what the tests of the encoder look through. */
import {
  createResponseStream,
  gatherResponse,
  type ResponsePlan,
} from '../../../../src/formats/openai/responses/encode.ts';
import { writeEcho } from '../../../../src/formats/openai/responses/echo.ts';
import { readResponsesRequest } from '../../../../src/formats/openai/responses/request.ts';
import { Namespaces } from '../../../../src/formats/openai/responses/namespaces.ts';
import type { ResponsesReading } from '../../../../src/formats/openai/responses/reading.ts';
import type { RelayError } from '../../../../src/errors.ts';
import { createFunctionNames } from '../../../../src/gemini/function-names.ts';
import { createCatalogue } from '../../../../src/gemini/catalogue.ts';
import { toChunk } from '../../../support/gemini-chunk.ts';
import { checkResponse, checkResponsesStream } from '../../../support/responses-stream-checker.ts';
import type { CheckedResponseStream } from '../../../support/responses-stream-checker.ts';

const catalogue = createCatalogue([]);

export const READING: ResponsesReading = {
  resolved: catalogue.resolve('gemini-3-pro-preview'),
  names: createFunctionNames([]),
  customTools: new Set(),
  wrappedTools: new Set(),
  singleCall: false,
  stripFence: false,
  imagesAs: 'markdown',
  showThoughts: true,
  logprobs: false,
  ignored: [],
  namespaces: new Namespaces(new Set()),
  carriers: false,
  searchSources: false,
  compacts: false,
};

const ECHO = writeEcho(readResponsesRequest({ model: 'gemini-3-pro-preview', input: 'hi' }), {}, false);

/** Ids are counted, so that the two ways of one answer can be compared. */
export const createPlan = (more: Partial<ResponsePlan> = {}) => {
  const kept: string[] = [];
  const remembered: unknown[] = [];
  let minted = 0;
  const next = (prefix: string) => `${prefix}${(minted += 1)}`;
  const plan: ResponsePlan = {
    id: 'resp_AAAAAAAAAAAAAAAAAAAAAAAA',
    createdAt: 1_790_000_000,
    echo: ECHO,
    tier: () => 'default',
    now: () => 1_790_000_002,
    isCodex: () => false,
    newId: next,
    family: () => READING.resolved.model.family,
    calls: {
      newCallId: () => next('call_'),
      hold: () => undefined,
      remember: (call, signature) => remembered.push({ ...call, signature }),
    },
    keep: (response) => kept.push(response),
    over: () => undefined,
    ...more,
  };
  return { plan, kept, remembered };
};

export const streamText = (
  chunks: readonly unknown[],
  reading: Partial<ResponsesReading> = {},
  plan = createPlan().plan,
  failure?: RelayError,
): string => {
  const stream = createResponseStream(plan, { ...READING, ...reading });
  const said = chunks.map((chunk) => stream.encode([toChunk(chunk)])).join('');
  return said + (failure ? stream.fail(failure) : stream.end());
};

export const stream = (...given: Parameters<typeof streamText>): CheckedResponseStream =>
  checkResponsesStream(streamText(...given));

export const whole = async (
  chunks: readonly unknown[],
  reading: Partial<ResponsesReading> = {},
  plan = createPlan().plan,
): Promise<CheckedResponseStream['response']> =>
  checkResponse(JSON.parse(await gatherResponse([chunks.map(toChunk)], plan, { ...READING, ...reading })));

/** The items, by a stream and by a whole response alike. */
export const items = async (chunks: readonly unknown[], reading: Partial<ResponsesReading> = {}) => {
  const streamed = stream(chunks, reading).response;
  const gathered = await whole(chunks, reading);
  if (JSON.stringify(streamed) !== JSON.stringify(gathered)) {
    throw new Error(`two answers:\n${JSON.stringify(streamed)}\n${JSON.stringify(gathered)}`);
  }
  return streamed.output;
};
