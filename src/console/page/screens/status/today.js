import { useMemo } from 'preact/hooks';
import { useThisHour } from '../../lib/clock.js';
import { costOf, duration, percent, shortNumber, wholeNumber } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { linkTo } from '../../lib/route.js';
import { Spark } from '../../ui/spark.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const EVERY_MS = 30_000;
/** Fewer errors say nothing about a day. */
const MANY = 5;

/** Requests now, and the last day in six numbers. @param {{ status: any }} props */
export const Today = ({ status }) => {
  const { t, tag } = useLanguage();
  const from = useThisHour() - DAY_MS + HOUR_MS;
  const usage = useResource('usage?group=hour', { everyMs: EVERY_MS });
  const { active, queued } = status.requests;
  const rows = usage.value?.rows ?? [];
  /** @type {import('../../lib/answers.d.ts').UsageSum | undefined} */
  const totals = usage.value?.totals;
  const hours = useMemo(() => perHour(rows, from), [rows, from]);
  const failed = totals ? totals.errors / Math.max(1, totals.requests) : 0;
  return html`<section class="tiles" aria-label=${t('today.title')}>
    <${Tile}
      title=${t('today.now')}
      to=${linkTo('requests')}
      note=${queued > 0 ? t('today.queued', { count: queued }) : t('today.no-queue')}
    >
      ${wholeNumber(active, tag)}
    <//>
    <${Tile}
      title=${t('today.requests')}
      to=${linkTo('usage')}
      note=${html`<${Spark} values=${hours} label=${t('today.spark')} />`}
    >
      ${totals ? shortNumber(totals.requests, tag) : '–'}
    <//>
    <${Tile}
      title=${t('today.errors')}
      to=${linkTo('requests', { status: 'error' })}
      tone=${(totals?.errors ?? 0) >= MANY && failed > 0.1 ? 'bad' : undefined}
      note=${totals ? percent(failed, tag) : ''}
    >
      ${totals ? shortNumber(totals.errors, tag) : '–'}
    <//>
    <${Tile}
      title=${t('today.tokens')}
      to=${linkTo('usage')}
      note=${totals ? t('today.split', { input: shortNumber(totals.input_tokens, tag), output: shortNumber(totals.output_tokens, tag) }) : ''}
    >
      ${totals ? shortNumber(totals.input_tokens + totals.output_tokens, tag) : '–'}
    <//>
    <${Tile} title=${t('today.cost')} to=${linkTo('usage')} note=${t('today.cost.note')}>${costOf(totals, tag)}<//>
    <${Tile}
      title=${t('today.first')}
      to=${linkTo('usage')}
      note=${t('today.whole', { time: duration(totals?.p50_ms) })}
    >
      ${duration(totals?.p50_first_ms)}
    <//>
  </section>`;
};

/** @param {{ title: string, to: string, note?: any, tone?: string, children?: any }} props */
const Tile = ({ title, to, note, tone, children }) =>
  html`<a class=${`tile${tone ? ` tile-${tone}` : ''}`} href=${to}>
    <span class="tile-title">${title}</span>
    <span class="tile-number">${children}</span>
    <span class="tile-note">${note}</span>
  </a>`;

/** @param {readonly any[]} rows @param {number} from */
const perHour = (rows, from) => {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { group, requests } of rows) {
    const at = Math.floor((Date.parse(group) - from) / HOUR_MS);
    if (at in hours) hours[at] = requests;
  }
  return hours;
};
