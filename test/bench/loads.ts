/** The same question as clients of each language ask it, and as it reaches Google. */
import { KEY } from './children.ts';
import type { Load } from './driver.ts';

export type Route = 'chat' | 'responses' | 'messages' | 'native';

export interface Question {
  /** Stands in the model's name; the fake plays by it. */
  readonly play: 'small' | 'burst' | 'paced' | 'slow' | 'tool' | 'open';
  readonly streamed: boolean;
  readonly turns: readonly string[];
  readonly imageBase64?: string;
  readonly tools?: boolean;
}

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city for some days.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' }, unit: { type: 'string', enum: ['celsius'] } },
    required: ['city'],
    additionalProperties: false,
  },
};

const modelOf = (question: Question): string => `gemini-2.5-bench-${question.play}`;

const JSON_TYPE = { 'content-type': 'application/json' };

const geminiRequest = (question: Question): object => ({
  contents: question.turns.map((text, index) => ({
    role: index % 2 === 0 ? 'user' : 'model',
    parts: [
      { text },
      ...(question.imageBase64 !== undefined && index === 0
        ? [{ inlineData: { mimeType: 'image/png', data: question.imageBase64 } }]
        : []),
    ],
  })),
  ...(question.tools && {
    tools: [
      {
        functionDeclarations: [
          { name: WEATHER.name, description: WEATHER.description, parametersJsonSchema: WEATHER.parameters },
        ],
      },
    ],
  }),
});

const LAST_OF_STREAM = {
  chat: 'data: [DONE]',
  responses: '"total_tokens"',
  messages: 'event: message_stop',
  native: '"usageMetadata"',
} as const satisfies Record<Route, string>;
const LAST_OF_WHOLE = { ...LAST_OF_STREAM, chat: '"total_tokens"', messages: '"output_tokens"' };

const chatBody = (question: Question): object => ({
  model: modelOf(question),
  stream: question.streamed,
  messages: question.turns.map((text, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content:
      question.imageBase64 !== undefined && index === 0
        ? [
            { type: 'text', text },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${question.imageBase64}` } },
          ]
        : text,
  })),
  ...(question.tools && { tools: [{ type: 'function', function: WEATHER }] }),
});

const turnsOf = ({ turns }: Question): readonly object[] =>
  turns.map((text, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: text }));

/** As a client asks that says no more than it must: the answer is kept, too. */
const responsesBody = (question: Question): object => ({
  model: modelOf(question),
  stream: question.streamed,
  input: turnsOf(question),
});

const messagesBody = (question: Question): object => ({
  model: modelOf(question),
  max_tokens: 4096,
  stream: question.streamed,
  messages: turnsOf(question),
});

const ASKED: Readonly<Record<Route, (question: Question) => { readonly path: string; readonly body: object }>> = {
  chat: (question) => ({ path: '/v1/chat/completions', body: chatBody(question) }),
  responses: (question) => ({ path: '/v1/responses', body: responsesBody(question) }),
  messages: (question) => ({ path: '/v1/messages', body: messagesBody(question) }),
  native: (question) => {
    const method = question.streamed ? 'streamGenerateContent?alt=sse' : 'generateContent';
    return { path: `/v1beta/models/${modelOf(question)}:${method}`, body: geminiRequest(question) };
  },
};

export const toRelay = (question: Question, route: Route): Load => {
  const { streamed } = question;
  const { path, body } = ASKED[route](question);
  return {
    path,
    headers: { ...JSON_TYPE, authorization: `Bearer ${KEY}` },
    body: JSON.stringify(body),
    streamed,
    endMark: (streamed ? LAST_OF_STREAM : LAST_OF_WHOLE)[route],
  };
};

/** What the relay sends to Google for it: the yardstick and the direct measurement get this. */
export const toGoogle = (question: Question): Load => ({
  path: question.streamed ? '/v1internal:streamGenerateContent?alt=sse' : '/v1internal:generateContent',
  headers: JSON_TYPE,
  body: JSON.stringify({ model: modelOf(question), project: 'bench-project', request: geminiRequest(question) }),
  streamed: question.streamed,
  endMark: '"traceId"',
});
