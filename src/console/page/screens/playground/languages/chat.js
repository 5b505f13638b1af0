import { TOOL } from './tool.js';

/** @typedef {import('./language.d.ts').Piece} Piece */

/** OpenAI's chat completions. @type {import('./language.d.ts').ClientLanguage} */
export const chat = {
  id: 'chat',
  path: () => 'v1/chat/completions',
  headers: (secret) => ({ authorization: `Bearer ${secret}` }),
  body: ({ model, system, turns, stream, hasTool }) => ({
    model,
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...turns.map(({ role, text, picture }) => ({
        role: role === 'model' ? 'assistant' : 'user',
        content: picture
          ? [
              { type: 'image_url', image_url: { url: `data:${picture.type};base64,${picture.base64}` } },
              ...(text === '' ? [] : [{ type: 'text', text }]),
            ]
          : text,
      })),
    ],
    ...(hasTool && {
      tools: [
        { type: 'function', function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema } },
      ],
    }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }),
  reader: () => {
    /** By their place in the answer. @type {Map<number, string>} */
    const ids = new Map();
    /** @param {any} message @returns {Piece[]} */
    const pieces = ({ content, reasoning_content: thought, tool_calls: calls = [], images = [], refusal }) => [
      ...(thought ? [/** @type {Piece} */ ({ kind: 'thought', text: thought })] : []),
      ...(content ? [/** @type {Piece} */ ({ kind: 'text', text: content })] : []),
      ...(refusal ? [/** @type {Piece} */ ({ kind: 'trouble', message: refusal })] : []),
      ...images.flatMap((/** @type {any} */ { image_url: image }) => pictureIn(image?.url)),
      ...calls.map((/** @type {any} */ { index = ids.size, id, function: called }) => {
        if (id === undefined) return { kind: 'call', id: ids.get(index) ?? '', more: called?.arguments ?? '' };
        ids.set(index, id);
        return { kind: 'call', id, name: called?.name, args: called?.arguments ?? '' };
      }),
    ];
    /** @param {any} body @param {'delta' | 'message'} member @returns {Piece[]} */
    const read = ({ choices = [], usage, error }, member) => [
      ...(error ? [/** @type {Piece} */ ({ kind: 'trouble', message: error.message })] : []),
      ...choices.flatMap((/** @type {any} */ choice) => [
        ...pieces(choice[member] ?? {}),
        ...(choice.finish_reason ? [{ kind: 'end', why: choice.finish_reason }] : []),
      ]),
      ...(usage
        ? [/** @type {Piece} */ ({ kind: 'usage', input: usage.prompt_tokens, output: usage.completion_tokens })]
        : []),
    ];
    return { event: (data) => read(data, 'delta'), whole: (body) => read(body, 'message') };
  },
};

/** @param {unknown} url @returns {Piece[]} */
export const pictureIn = (url) => {
  const [, type, base64] = /^data:(image\/[\w.+-]+);base64,(.+)$/s.exec(String(url)) ?? [];
  return type && base64 ? [{ kind: 'picture', picture: { type, base64 } }] : [];
};
