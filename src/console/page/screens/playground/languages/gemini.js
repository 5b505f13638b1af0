import { TOOL } from './tool.js';

/** @typedef {import('./language.d.ts').Piece} Piece */

/** Google's own. @type {import('./language.d.ts').ClientLanguage} */
export const gemini = {
  id: 'gemini',
  path: ({ model, stream }) =>
    `v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  headers: (secret) => ({ 'x-goog-api-key': secret }),
  body: ({ model, system, turns, hasTool }) => ({
    ...(system !== '' && { systemInstruction: { parts: [{ text: system }] } }),
    contents: turns.map(({ role, text, picture }) => ({
      role,
      parts: [
        ...(picture ? [{ inlineData: { mimeType: picture.type, data: picture.base64 } }] : []),
        ...(text === '' ? [] : [{ text }]),
      ],
    })),
    ...(!model.includes('-nothinking') && { generationConfig: { thinkingConfig: { includeThoughts: true } } }),
    ...(hasTool && {
      tools: [
        {
          functionDeclarations: [{ name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.schema }],
        },
      ],
    }),
  }),
  reader: () => {
    let count = 0;
    /** @param {any} chunk @returns {Piece[]} */
    const read = ({ candidates = [], usageMetadata: usage, promptFeedback: feedback, error }) => [
      ...(error ? [/** @type {Piece} */ ({ kind: 'trouble', message: error.message })] : []),
      ...(feedback?.blockReason ? [/** @type {Piece} */ ({ kind: 'trouble', message: feedback.blockReason })] : []),
      ...candidates.flatMap((/** @type {any} */ { content, finishReason }) => [
        ...(content?.parts ?? []).flatMap((/** @type {any} */ part) => {
          if (part.functionCall) {
            count += 1;
            return [
              {
                kind: 'call',
                id: String(count),
                name: part.functionCall.name,
                args: JSON.stringify(part.functionCall.args ?? {}),
              },
            ];
          }
          if (/^image\//.test(part.inlineData?.mimeType ?? '')) {
            return [{ kind: 'picture', picture: { type: part.inlineData.mimeType, base64: part.inlineData.data } }];
          }
          return part.text ? [{ kind: part.thought ? 'thought' : 'text', text: part.text }] : [];
        }),
        ...(finishReason ? [{ kind: 'end', why: finishReason }] : []),
      ]),
      ...(usage
        ? [
            /** @type {Piece} */ ({
              kind: 'usage',
              input: Number(usage.promptTokenCount ?? 0),
              output: Number(usage.candidatesTokenCount ?? 0) + Number(usage.thoughtsTokenCount ?? 0),
            }),
          ]
        : []),
    ];
    return { event: read, whole: read };
  },
};
