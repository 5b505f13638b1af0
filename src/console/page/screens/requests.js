import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { duration, exactTime, momentOf, money, shortNumber } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { linkTo, replaceRoute } from '../lib/route.js';
import { Button } from '../ui/button.js';
import { Empty, Loading, Trouble } from '../ui/notices.js';
import { ScreenHead } from '../ui/panel.js';
import { Rows } from '../ui/rows.js';
import { State } from '../ui/state.js';
import { RequestDetail } from './requests/detail.js';
import { Filters } from './requests/filters.js';
import { useRequests } from './requests/list.js';
import { RequestState, whatHappened } from './requests/state.js';

const FILTERS = /** @type {const} */ (['key', 'model', 'status', 'door']);

/** Each request, as it ends. @param {{ query: URLSearchParams }} props */
export const Requests = ({ query }) => {
  const language = useLanguage();
  const { t, n, tag } = language;
  const wanted = FILTERS.map((name) => query.get(name) ?? '').join('\n');
  const filters = useMemo(() => Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ''])), [wanted]);
  const list = useRequests(filters);
  const [chosen, choose] = useState(/** @type {any} */ (undefined));
  const table = useRef(/** @type {any} */ (null));
  const columns = useMemo(() => columnsOf(language), [language]);
  const isFiltered = FILTERS.some((name) => filters[name] !== '');

  useEffect(() => {
    table.current?.toTop();
  }, [filters]);

  const set = useCallback(
    (/** @type {Record<string, string>} */ change) => {
      replaceRoute('requests', { ...filters, ...change });
    },
    [filters],
  );
  const showNew = () => {
    list.showNew();
    table.current?.toTop();
  };

  return html`<${ScreenHead}
      title=${t('screen.requests')}
      actions=${html`<${State} tone=${list.isLive ? 'good' : 'off'}>${t(list.isLive ? 'requests.live' : 'requests.away')}<//>`}
    />
    <${Filters} filters=${filters} onChange=${set} rows=${list.rows} />
    ${list.error !== undefined && html`<${Trouble} error=${list.error} onRetry=${list.reload} />`}
    ${
      list.isLoading
        ? list.error === undefined && html`<${Loading} lines=${10} />`
        : list.rows.length === 0
          ? html`<div class="panel"><${Nothing} isFiltered=${isFiltered} /></div>`
          : html`<div class="rows-frame">
              ${
                list.newCount > 0 &&
                html`<div class="rows-new">
                  <${Button} icon="up" kind="main" onClick=${showNew}>${n('requests.new', list.newCount)}<//>
                </div>`
              }
              <${Rows}
                layout="rows-requests"
                label=${t('screen.requests')}
                columns=${columns}
                rows=${list.rows}
                keyOf=${(/** @type {any} */ row) => row.id}
                nameOf=${(/** @type {any} */ row) =>
                  `${momentOf(Date.parse(row.time), Date.now(), tag)}, ${row.model ?? ''}, ${row.key}, ${row.status}: ${whatHappened(row, language)}`}
                narrow=${(/** @type {any} */ row) => html`<${Narrow} row=${row} />`}
                onOpen=${choose}
                onEnd=${list.more}
                onTop=${list.setAtTop}
                handle=${table}
              />
            </div>`
    }
    ${
      chosen &&
      html`<${RequestDetail}
        row=${chosen}
        onClose=${() => {
          choose(undefined);
        }}
      />`
    }`;
};

/** @param {{ isFiltered: boolean }} props */
const Nothing = ({ isFiltered }) => {
  const { t } = useLanguage();
  return isFiltered
    ? html`<${Empty}
        icon="search"
        title=${t('requests.none-such')}
        action=${html`<a class="button" href=${linkTo('requests')}>${t('filters.clear')}</a>`}
      >
        ${t('requests.none-such.text')}
      <//>`
    : html`<${Empty}
        icon="requests"
        title=${t('requests.none')}
        action=${html`<a class="button button-main" href=${linkTo('playground')}>${t('first.try.go')}</a>`}
      >
        ${t('requests.none.text')}
      <//>`;
};

/** @param {import('../lib/language.js').Language} language @returns {readonly import('../ui/rows.js').Column[]} */
const columnsOf = (language) => {
  const { t, tag } = language;
  return [
    {
      id: 'time',
      title: t('request.time'),
      cell: (row) =>
        html`<time datetime=${row.time} title=${exactTime(Date.parse(row.time), tag)}
          >${momentOf(Date.parse(row.time), Date.now(), tag)}</time
        >`,
    },
    { id: 'status', title: t('request.status'), cell: (row) => html`<${RequestState} row=${row} />` },
    {
      id: 'model',
      title: t('request.model'),
      cell: (row) => html`<span class="mono" title=${row.model}>${row.model ?? '–'}</span>`,
    },
    { id: 'key', title: t('request.key'), cell: (row) => html`<span title=${row.key}>${row.key}</span>` },
    {
      id: 'what',
      title: t('request.what'),
      cell: (row) =>
        html`<span class="quiet" title=${whatHappened(row, language)}>${whatHappened(row, language)}</span>`,
    },
    {
      id: 'door',
      title: t('request.door'),
      cell: (row) => html`<span class="quiet" title=${row.door}>${row.door ?? '–'}</span>`,
    },
    { id: 'in', title: t('request.in'), align: 'end', cell: (row) => shortNumber(row.input_tokens, tag) },
    { id: 'out', title: t('request.out'), align: 'end', cell: (row) => shortNumber(row.output_tokens, tag) },
    {
      id: 'cost',
      title: t('request.cost'),
      align: 'end',
      cell: (row) => html`<span class="quiet">${money(row.cost_usd, tag)}</span>`,
    },
    {
      id: 'first',
      title: t('request.first'),
      align: 'end',
      cell: (row) => html`<span class="quiet">${duration(row.first_ms)}</span>`,
    },
    { id: 'ms', title: t('request.ms'), align: 'end', cell: (row) => duration(row.ms) },
  ];
};

/** @param {{ row: import('../lib/answers.d.ts').RequestRow }} props */
const Narrow = ({ row }) => {
  const language = useLanguage();
  const { tag } = language;
  return html`<div class="row-line">
      <span class="row-two"><${RequestState} row=${row} /> <span class="mono">${row.model ?? '–'}</span></span>
      <span class="quiet">${momentOf(Date.parse(row.time), Date.now(), tag)}</span>
    </div>
    <div class="row-line quiet">
      <span>${row.reason ? whatHappened(row, language) : row.key}</span>
      <span>${shortNumber(row.input_tokens, tag)} → ${shortNumber(row.output_tokens, tag)} · ${duration(row.ms)}</span>
    </div>`;
};
