import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Icon } from '../../ui/icon.js';
import { Notice } from '../../ui/notices.js';

/** @typedef {import('./languages/language.d.ts').Piece} Piece */
/** @typedef {import('./languages/language.d.ts').Picture} Picture */

/**
 * An answer as far as it is there: pieces of a kind that follow each other are one.
 *
 * @typedef {{ kind: 'text' | 'thought', text: string } | { kind: 'call', id: string, name: string, args: string } | { kind: 'picture', picture: Picture } | { kind: 'trouble', message: string }} Block
 * @typedef {{ blocks: readonly Block[], usage?: { input: number, output: number }, why?: string }} Answer
 */

/** @type {Answer} */
export const NO_ANSWER = { blocks: [] };

/** @param {Answer} answer @param {readonly Piece[]} pieces @returns {Answer} */
export const withPieces = (answer, pieces) => pieces.reduce(withPiece, answer);

/** @param {Answer} answer @param {Piece} piece @returns {Answer} */
const withPiece = (answer, piece) => {
  const { blocks } = answer;
  const last = blocks.at(-1);
  switch (piece.kind) {
    case 'usage':
      return { ...answer, usage: piece };
    case 'end':
      return { ...answer, why: piece.why };
    case 'text':
    case 'thought':
      return last?.kind === piece.kind
        ? { ...answer, blocks: [...blocks.slice(0, -1), { ...last, text: last.text + piece.text }] }
        : { ...answer, blocks: [...blocks, { kind: piece.kind, text: piece.text }] };
    case 'call': {
      const { more } = piece;
      return more === undefined
        ? {
            ...answer,
            blocks: [...blocks, { kind: 'call', id: piece.id, name: piece.name ?? '', args: piece.args ?? '' }],
          }
        : {
            ...answer,
            blocks: blocks.map((block) =>
              block.kind === 'call' && block.id === piece.id ? { ...block, args: block.args + more } : block,
            ),
          };
    }
    default:
      return { ...answer, blocks: [...blocks, piece] };
  }
};

/** What an earlier answer said, for the next question. @param {Answer} answer */
export const textOf = ({ blocks }) =>
  blocks
    .map((block) =>
      block.kind === 'text' ? block.text : block.kind === 'call' ? `[${block.name}(${block.args})]` : '',
    )
    .join('');

/** @param {{ of: Answer, isRunning: boolean }} props */
export const AnswerBlocks = ({ of: { blocks }, isRunning }) => {
  const { t } = useLanguage();
  return html`${blocks.map((block, index) => {
    const isLast = isRunning && index === blocks.length - 1;
    switch (block.kind) {
      case 'thought':
        return html`<details key=${index} class="thought" open=${isLast}>
          <summary><${Icon} name="spark" /> ${t('play.thoughts')}</summary>
          <div class="said">${block.text}</div>
        </details>`;
      case 'call':
        return html`<div key=${index} class="call">
          <p><${Icon} name="tool" /> ${t('play.calls')} <strong class="mono">${block.name}</strong></p>
          <pre tabindex="0" aria-label=${t('play.arguments')}><code>${pretty(block.args)}</code></pre>
        </div>`;
      case 'picture':
        return html`<img
          key=${index}
          class="picture"
          alt=${t('play.picture')}
          src=${`data:${block.picture.type};base64,${block.picture.base64}`}
        />`;
      case 'trouble':
        return html`<${Notice} key=${index} tone="bad">${block.message}<//>`;
      default:
        return html`<div key=${index} class="said">${block.text}</div>`;
    }
  })}`;
};

/** @param {string} args */
const pretty = (args) => {
  try {
    return JSON.stringify(JSON.parse(args), null, 2);
  } catch {
    return args;
  }
};
