import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { duration, wholeNumber } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/field.js';
import { Empty } from '../ui/notices.js';
import { ScreenHead } from '../ui/panel.js';
import { AnswerBlocks, NO_ANSWER, textOf, withPieces } from './playground/answer.js';
import { Composer } from './playground/composer.js';
import { openExchange, runExchange } from './playground/exchange.js';
import { useFollowing } from './playground/following.js';
import { CLIENT_LANGUAGES } from './playground/languages/index.js';
import { Options } from './playground/options.js';
import { Raw } from './playground/raw.js';

/**
 * @typedef {object} Round
 * @property {import('./playground/languages/language.d.ts').Turn} asked
 * @property {import('./playground/answer.js').Answer} answer
 * @property {boolean} isRunning
 * @property {number} startedAt
 * @property {number} [firstMs]
 * @property {number} [ms]
 */

/** Any model, in any of the four languages, with what goes over the wire beside it. @param {{ query: URLSearchParams }} props */
export const Playground = ({ query }) => {
  const { t } = useLanguage();
  const { api } = useConsole();
  const [options, setOptions] = useState({
    model: query.get('model') ?? 'gemini-2.5-flash',
    system: '',
    stream: true,
    hasTool: false,
  });
  const [languageId, setLanguageId] = useState('chat');
  const [rounds, setRounds] = useState(/** @type {readonly Round[]} */ ([]));
  const [draft, setDraft] = useState(
    /** @type {import('./playground/languages/language.d.ts').Turn} */ ({ role: 'user', text: '' }),
  );
  const [sent, setSent] = useState(/** @type {import('./playground/exchange.js').Exchange | undefined} */ (undefined));
  const running = useRef(/** @type {AbortController | undefined} */ (undefined));
  const { end, follow } = useFollowing(rounds);
  const language = CLIENT_LANGUAGES.find(({ id }) => id === languageId) ?? CLIENT_LANGUAGES[0];
  if (!language) throw new Error('no language');
  const isRunning = rounds.at(-1)?.isRunning === true;

  useEffect(() => () => running.current?.abort(), []);

  const turnsWith = (/** @type {import('./playground/languages/language.d.ts').Turn} */ turn) => [
    ...rounds.flatMap(({ asked, answer }) => {
      const text = textOf(answer);
      return text === '' ? [] : [asked, { role: /** @type {const} */ ('model'), text }];
    }),
    turn,
  ];
  // A picture says enough by itself.
  const draftSaid = draft.text === '' && !draft.picture ? { ...draft, text: t('play.example') } : draft;
  const planned = useMemo(
    () => openExchange(language, { ...options, turns: turnsWith(draftSaid) }),
    [language, options, draftSaid.text, draftSaid.picture, rounds.length],
  );

  const change = (/** @type {(round: Round) => Round} */ how) => {
    setRounds((before) => before.map((round, index) => (index === before.length - 1 ? how(round) : round)));
  };

  const ask = async () => {
    if (isRunning) return;
    const exchange = openExchange(language, { ...options, turns: turnsWith(draftSaid) });
    const startedAt = performance.now();
    const stopper = new AbortController();
    running.current = stopper;
    follow();
    setRounds((before) => [...before, { asked: draftSaid, answer: NO_ANSWER, isRunning: true, startedAt }]);
    setDraft({ role: 'user', text: '' });
    setSent(exchange);
    try {
      const status = await runExchange({
        exchange,
        language,
        stream: options.stream,
        secret: api.token() ?? '',
        signal: stopper.signal,
        onMore: (known, pieces) => {
          if (running.current !== stopper) return;
          setSent(known);
          if (pieces.length === 0) return;
          change((round) => ({
            ...round,
            firstMs: known.firstAt === undefined ? undefined : known.firstAt - startedAt,
            answer: withPieces(round.answer, pieces),
          }));
        },
      });
      if (status === 401) api.expire();
    } catch (error) {
      const isStopped = error instanceof DOMException && error.name === 'AbortError';
      const message = t(isStopped ? 'play.stopped' : 'play.broken');
      change((round) => ({ ...round, answer: withPieces(round.answer, [{ kind: 'trouble', message }]) }));
    } finally {
      change((round) => ({ ...round, isRunning: false, ms: performance.now() - startedAt }));
    }
  };

  return html`<${ScreenHead}
      title=${t('screen.playground')}
      actions=${
        rounds.length > 0 &&
        html`<${Button}
          icon="trash"
          onClick=${() => {
            running.current?.abort();
            running.current = undefined;
            setRounds([]);
            setSent(undefined);
          }}
          >${t('play.clear')}<//
        >`
      }
    />
    <div class="play">
      <section class="play-talk" aria-label=${t('play.talk')}>
        <div class="play-options">
          <${Choice}
            label=${t('play.language')}
            value=${languageId}
            options=${CLIENT_LANGUAGES.map(({ id }) => [id, t(`play.language.${id}`)])}
            onChange=${setLanguageId}
          />
          <${Options} of=${options} onChange=${setOptions} />
        </div>
        <div
          class="play-rounds"
          aria-live="polite"
          aria-busy=${String(isRunning)}
          tabindex="0"
          role="log"
          aria-label=${t('play.answers')}
        >
          ${rounds.length === 0 && html`<${Empty} icon="playground" title=${t('play.none')}>${t('play.none.text')}<//>`}
          ${rounds.map((round, index) => html`<${RoundView} key=${index} of=${round} />`)}
          <div ref=${end} />
        </div>
        <${Composer}
          draft=${draft}
          isRunning=${isRunning}
          onChange=${setDraft}
          onSend=${() => void ask()}
          onStop=${() => {
            running.current?.abort();
          }}
        />
      </section>
      <${Raw} of=${sent && draft.text === '' && !draft.picture ? sent : planned} isSent=${sent !== undefined} />
    </div>`;
};

/** @param {{ of: Round }} props */
const RoundView = ({ of: { asked, answer, isRunning, firstMs, ms } }) => {
  const { t, tag } = useLanguage();
  return html`<div class="round">
    <div class="asked">
      ${asked.picture && html`<img class="picture" alt=${t('play.picture')} src=${`data:${asked.picture.type};base64,${asked.picture.base64}`} />`}
      ${asked.text !== '' && html`<div class="said">${asked.text}</div>`}
    </div>
    <div class="answered">
      ${isRunning && answer.blocks.length === 0 && html`<p class="quiet waiting">${t('play.waiting')}</p>`}
      <${AnswerBlocks} of=${answer} isRunning=${isRunning} />
      ${
        !isRunning &&
        html`<p class="round-foot">
          ${answer.usage && html`<span>${t('play.usage', { input: wholeNumber(answer.usage.input, tag), output: wholeNumber(answer.usage.output, tag) })}</span>`}
          ${firstMs !== undefined && html`<span>${t('play.first', { time: duration(firstMs) })}</span>`}
          ${ms !== undefined && html`<span>${t('play.whole', { time: duration(ms) })}</span>`}
          ${answer.why && html`<span class="mono">${answer.why}</span>`}
        </p>`
      }
    </div>
  </div>`;
};
