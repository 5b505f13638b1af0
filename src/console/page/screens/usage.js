import { useMemo } from 'preact/hooks';
import { useAction } from '../lib/action.js';
import { useToday } from '../lib/clock.js';
import { useConsole } from '../lib/console.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useResource } from '../lib/resource.js';
import { linkTo, replaceRoute } from '../lib/route.js';
import { Button } from '../ui/button.js';
import { Choice, Field } from '../ui/field.js';
import { Empty, Shown } from '../ui/notices.js';
import { Panel, ScreenHead } from '../ui/panel.js';
import { METRICS } from './usage/metrics.js';
import { Ranking } from './usage/ranking.js';
import { SPANS, startOf } from './usage/spans.js';
import { UsageChart } from './usage/chart.js';
import { UsageTable } from './usage/table.js';

const GROUPS = /** @type {const} */ (['day', 'hour', 'model', 'key', 'door', 'format']);
const EVERY_MS = 60_000;

/** Who used what. @param {{ query: URLSearchParams }} props */
export const Usage = ({ query }) => {
  const { t } = useLanguage();
  const { api } = useConsole();
  const span = SPANS.find(({ id }) => id === query.get('span')) ?? SPANS[2];
  const group = GROUPS.find((one) => one === query.get('group')) ?? (span.days === 1 ? 'hour' : 'day');
  const metric = METRICS.find(({ id }) => id === query.get('metric')) ?? METRICS[0];
  const key = query.get('key') ?? '';
  const model = query.get('model') ?? '';
  const chosen = { span: span.id, group, metric: metric.id, key, model };
  const set = (/** @type {Record<string, string>} */ change) => {
    replaceRoute('usage', { ...chosen, ...change });
  };

  const from = startOf(span, useToday());
  const path = useMemo(() => {
    const asked = new URLSearchParams({ group, from: dayOf(from) });
    if (key) asked.set('key', key);
    if (model) asked.set('model', model);
    return `usage?${asked}`;
  }, [group, from, key, model]);
  const usage = useResource(path, { everyMs: EVERY_MS });
  // Former rows stay in sight, but not those of another group: models are no hours, and days no models.
  const drawn = groupOf(usage.answers) === group ? usage : { ...usage, value: undefined };
  const { value: keys } = useResource('keys');
  const { value: callers } = useResource(`usage?${new URLSearchParams({ group: 'key', from: dayOf(from) })}`);
  const { value: models } = useResource('models');
  // Keys of the environment are in no list: they are known by what they used.
  const callerNames = [
    ...(keys?.keys ?? []).map((/** @type {any} */ { name }) => name),
    ...(callers?.rows ?? []).map((/** @type {any} */ row) => row.group),
  ];
  const modelNames = (models?.models ?? []).map((/** @type {any} */ { id }) => id);
  const isTime = group === 'day' || group === 'hour';
  const csv = useAction(async () => {
    save(await api.csv(path), `usage-${group}-${dayOf(Date.now())}.csv`);
  });

  return html`<${ScreenHead}
      title=${t('screen.usage')}
      actions=${html`<${Button} icon="download" isBusy=${csv.isBusy} onClick=${() => void csv.run()}>CSV<//>`}
    />
    <div class="filters" role="search" aria-label=${t('filters')}>
      <${Choice}
        label=${t('usage.span')}
        value=${span.id}
        options=${SPANS.map(({ id }) => [id, t(`span.${id}`)])}
        onChange=${(/** @type {string} */ id) => {
          set({ span: id, ...(isTime && { group: '' }) });
        }}
      />
      <${Field}
        label=${t('usage.group')}
        unseenLabel
        value=${group}
        options=${GROUPS.map((one) => [one, t(`group-by.${one}`)])}
        onText=${(/** @type {string} */ one) => {
          set({ group: one });
        }}
      />
      <${Field}
        label=${t('request.key')}
        unseenLabel
        value=${key}
        options=${withChosen(key, t('filters.key'), callerNames)}
        onText=${(/** @type {string} */ one) => {
          set({ key: one });
        }}
      />
      <${Field}
        label=${t('request.model')}
        unseenLabel
        value=${model}
        options=${withChosen(model, t('filters.model'), modelNames)}
        onText=${(/** @type {string} */ one) => {
          set({ model: one });
        }}
      />
      <span class="filters-note">${t('usage.utc')}</span>
    </div>
    <${Shown} of=${drawn} lines=${8}>
      ${(/** @type {any} */ { rows, totals }) =>
        rows.length === 0
          ? html`<${Panel} flush>
              <${Empty}
                icon="usage"
                title=${t('usage.none')}
                action=${html`<a class="button" href=${linkTo('requests')}>${t('screen.requests')}</a>`}
              >
                ${t('usage.none.text')}
              <//>
            <//>`
          : html`<${Panel}
                title=${t(isTime ? 'usage.chart' : 'usage.ranking')}
                actions=${html`<${Choice}
                  label=${t('usage.metric')}
                  value=${metric.id}
                  options=${METRICS.map(({ id }) => [id, t(`metric.${id}`)])}
                  onChange=${(/** @type {string} */ id) => {
                    set({ metric: id });
                  }}
                />`}
              >
                ${
                  isTime
                    ? html`<${UsageChart} rows=${rows} metric=${metric} group=${group} from=${from} />`
                    : html`<${Ranking} rows=${rows} metric=${metric} />`
                }
              <//>
              <${UsageTable} rows=${rows} totals=${totals} group=${group} isDim=${usage.answers !== path} />`}
    <//>`;
};

/** @param {string} chosen @param {string} all @param {readonly string[]} some */
const withChosen = (chosen, all, some) => {
  const names = new Set(some);
  if (chosen) names.add(chosen);
  return [['', all], ...[...names].sort().map((one) => [one, one])];
};

/** What the rows of a path are. @param {string | undefined} path */
const groupOf = (path) => new URLSearchParams(path?.split('?')[1]).get('group');

/** @param {number} time */
const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

/** @param {Blob} blob @param {string} name */
const save = (blob, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 1000);
};
