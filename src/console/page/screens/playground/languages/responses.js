import { TOOL } from './tool.js';

/** @typedef {import('./language.d.ts').Piece} Piece */

/** OpenAI's Responses. @type {import('./language.d.ts').ClientLanguage} */
export const responses = {
  id: 'responses',
  path: () => 'v1/responses',
  headers: (secret) => ({ authorization: `Bearer ${secret}` }),
  body: ({ model, system, turns, stream, hasTool }) => ({
    model,
    ...(system !== '' && { instructions: system }),
    input: turns.map(({ role, text, picture }) => ({
      role: role === 'model' ? 'assistant' : 'user',
      content: [
        ...(picture
          ? [{ type: 'input_image', image_url: `data:${picture.type};base64,${picture.base64}`, detail: 'auto' }]
          : []),
        ...(text === '' ? [] : [{ type: role === 'model' ? 'output_text' : 'input_text', text }]),
      ],
    })),
    reasoning: { summary: 'auto' },
    ...(hasTool && {
      tools: [
        { type: 'function', name: TOOL.name, description: TOOL.description, parameters: TOOL.schema, strict: false },
      ],
    }),
    store: false,
    ...(stream && { stream: true }),
  }),
  reader: () => ({
    event: ({ type, delta, item, item_id: id, response, error, message }) => {
      switch (type) {
        case 'response.output_text.delta':
          return [{ kind: 'text', text: delta }];
        case 'response.reasoning_summary_text.delta':
          return [{ kind: 'thought', text: delta }];
        case 'response.output_item.added':
          return item.type === 'function_call' ? [{ kind: 'call', id: item.id, name: item.name, args: '' }] : [];
        case 'response.function_call_arguments.delta':
          return [{ kind: 'call', id, more: delta }];
        case 'response.output_item.done':
          return item.type === 'image_generation_call'
            ? [{ kind: 'picture', picture: { type: 'image/png', base64: item.result } }]
            : [];
        case 'response.completed':
        case 'response.incomplete':
          return endOf(response);
        case 'response.failed':
          return [{ kind: 'trouble', message: response.error?.message ?? type }];
        case 'error':
          return [{ kind: 'trouble', message: error?.message ?? message ?? type }];
        default:
          return [];
      }
    },
    whole: (body) => [
      ...(body.output ?? []).flatMap((/** @type {any} */ item) => {
        if (item.type === 'reasoning')
          return item.summary.map((/** @type {any} */ { text }) => ({ kind: 'thought', text }));
        if (item.type === 'function_call')
          return [{ kind: 'call', id: item.id, name: item.name, args: item.arguments }];
        if (item.type === 'image_generation_call')
          return [{ kind: 'picture', picture: { type: 'image/png', base64: item.result } }];
        return (item.content ?? []).map((/** @type {any} */ { text = '', refusal = '' }) => ({
          kind: 'text',
          text: text || refusal,
        }));
      }),
      ...endOf(body),
    ],
  }),
};

/** @param {any} response @returns {Piece[]} */
const endOf = ({ usage, status, incomplete_details: details, error }) => [
  ...(error ? [/** @type {Piece} */ ({ kind: 'trouble', message: error.message })] : []),
  ...(usage ? [/** @type {Piece} */ ({ kind: 'usage', input: usage.input_tokens, output: usage.output_tokens })] : []),
  { kind: 'end', why: details?.reason ?? status },
];
