/** The same question in three spellings: as an OpenAI client asks it, as a Gemini client does, and as it reaches Google. */
import { KEY } from './children.ts';
import type { Load } from './driver.ts';

export type Route = 'chat' | 'native';

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

const endMarkOf = (question: Question, route: Route): string => {
  if (route === 'chat' && question.streamed) return 'data: [DONE]';
  return route === 'chat' ? '"total_tokens"' : '"usageMetadata"';
};

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

export const toRelay = (question: Question, route: Route): Load => {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${KEY}` };
  const endMark = endMarkOf(question, route);
  const { streamed } = question;
  if (route === 'chat') {
    return { path: '/v1/chat/completions', headers, body: JSON.stringify(chatBody(question)), streamed, endMark };
  }
  const method = streamed ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const path = `/v1beta/models/${modelOf(question)}:${method}`;
  return { path, headers, body: JSON.stringify(geminiRequest(question)), streamed, endMark };
};

/** What the relay sends to Google for it: the yardstick and the direct measurement get this. */
export const toGoogle = (question: Question): Load => ({
  path: question.streamed ? '/v1internal:streamGenerateContent?alt=sse' : '/v1internal:generateContent',
  headers: JSON_TYPE,
  body: JSON.stringify({ model: modelOf(question), project: 'bench-project', request: geminiRequest(question) }),
  streamed: question.streamed,
  endMark: '"traceId"',
});
