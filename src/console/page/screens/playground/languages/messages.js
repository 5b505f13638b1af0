import { MOST_TOKENS, TOOL } from './tool.js';

/** @typedef {import('./language.d.ts').Piece} Piece */

/** Anthropic's Messages. @type {import('./language.d.ts').ClientLanguage} */
export const messages = {
  id: 'messages',
  path: () => 'v1/messages',
  headers: (secret) => ({ 'x-api-key': secret, 'anthropic-version': '2023-06-01' }),
  body: ({ model, system, turns, stream, hasTool }) => ({
    model,
    max_tokens: MOST_TOKENS,
    ...(system !== '' && { system }),
    messages: turns.map(({ role, text, picture }) => ({
      role: role === 'model' ? 'assistant' : 'user',
      content: picture
        ? [
            { type: 'image', source: { type: 'base64', media_type: picture.type, data: picture.base64 } },
            ...(text === '' ? [] : [{ type: 'text', text }]),
          ]
        : text,
    })),
    ...(!model.includes('-nothinking') && { thinking: { type: 'enabled', budget_tokens: MOST_TOKENS / 2 } }),
    ...(hasTool && { tools: [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }] }),
    ...(stream && { stream: true }),
  }),
  reader: () => {
    /** By the place of their block. @type {Map<number, string>} */
    const ids = new Map();
    let input = 0;
    return {
      event: ({ type, index, delta, content_block: block, message, usage, error }) => {
        switch (type) {
          case 'message_start':
            input = message.usage?.input_tokens ?? 0;
            return [];
          case 'content_block_start':
            if (block.type !== 'tool_use') return [];
            ids.set(index, block.id);
            return [{ kind: 'call', id: block.id, name: block.name, args: '' }];
          case 'content_block_delta':
            if (delta.type === 'text_delta') return [{ kind: 'text', text: delta.text }];
            if (delta.type === 'thinking_delta') return [{ kind: 'thought', text: delta.thinking }];
            if (delta.type === 'input_json_delta')
              return [{ kind: 'call', id: ids.get(index) ?? '', more: delta.partial_json }];
            return [];
          case 'message_delta':
            return [
              { kind: 'usage', input: usage?.input_tokens ?? input, output: usage?.output_tokens ?? 0 },
              { kind: 'end', why: delta.stop_reason },
            ];
          case 'error':
            return [{ kind: 'trouble', message: error.message }];
          default:
            return [];
        }
      },
      whole: ({ content = [], usage, stop_reason: why }) => [
        ...content.flatMap((/** @type {any} */ block) => {
          if (block.type === 'thinking') return [{ kind: 'thought', text: block.thinking }];
          if (block.type === 'tool_use')
            return [{ kind: 'call', id: block.id, name: block.name, args: JSON.stringify(block.input) }];
          return block.text ? [{ kind: 'text', text: block.text }] : [];
        }),
        { kind: 'usage', input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0 },
        { kind: 'end', why },
      ],
    };
  },
};
