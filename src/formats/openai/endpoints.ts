import type { Family } from '../family.ts';

export const OPENAI: Family = {
  name: 'openai',
  title: 'The OpenAI API',
  base: 'base URL ends in /v1',
  endpoints: [
    { method: 'GET', path: '/v1/models', name: 'models', does: 'the models' },
    { method: 'GET', path: '/v1/models/{model}', name: 'model', does: 'one model' },
    { method: 'POST', path: '/v1/chat/completions', name: 'chat', does: 'chat, streamed or whole' },
    {
      method: 'POST',
      path: '/v1/responses',
      name: 'responses',
      does: 'the Responses API: whole, streamed, or over a WebSocket',
    },
    { method: 'GET', path: '/v1/responses/{response}', name: 'response', does: 'an answer that is kept' },
    { method: 'DELETE', path: '/v1/responses/{response}', name: 'response-delete', does: 'forgets it' },
    {
      method: 'GET',
      path: '/v1/responses/{response}/input_items',
      name: 'response-input',
      does: 'what it was made from',
    },
    { method: 'POST', path: '/v1/responses/{response}/cancel', name: 'response-cancel', does: 'calls it off' },
    { method: 'POST', path: '/v1/responses/input_tokens', name: 'responses-tokens', does: 'counts an input' },
    { method: 'POST', path: '/v1/responses/compact', name: 'responses-compact', does: 'a conversation in few words' },
    { method: 'POST', path: '/v1/completions', name: 'completions', does: 'completions of the old kind' },
    { method: 'POST', path: '/v1/embeddings', name: 'embeddings', does: 'texts to vectors' },
    { method: 'POST', path: '/v1/audio/speech', name: 'speech', does: 'a text, said aloud' },
    {
      method: 'POST',
      path: '/v1/audio/transcriptions',
      takes: 'form',
      name: 'transcriptions',
      does: 'what a recording says, as text or subtitles',
    },
    {
      method: 'POST',
      path: '/v1/audio/translations',
      takes: 'form',
      name: 'translations',
      does: 'the same in English',
    },
    { method: 'POST', path: '/v1/images/generations', name: 'images', does: 'pictures' },
    {
      method: 'POST',
      path: '/v1/images/edits',
      takes: 'form',
      name: 'image-edits',
      does: 'pictures, changed or put together',
    },
  ],
};
