import type { Family } from '../family.ts';

export const ANTHROPIC: Family = {
  name: 'anthropic',
  title: 'The Anthropic API',
  base: 'base URL without a path or ending in /anthropic, and a header anthropic-version',
  mark: { 'anthropic-version': '2023-06-01' },
  endpoints: [
    { method: 'POST', path: '/v1/messages', name: 'messages', does: 'a message, streamed or whole' },
    { method: 'POST', path: '/v1/messages/count_tokens', name: 'count', does: 'how many tokens a request has' },
    { method: 'GET', path: '/v1/models', name: 'models', does: 'the models, those with names of Claude first' },
    { method: 'GET', path: '/v1/models/{model}', name: 'model', does: 'one model' },
  ],
};
