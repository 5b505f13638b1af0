import { useMemo, useState } from 'preact/hooks';
import { useNow } from '../lib/clock.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useResource } from '../lib/resource.js';
import { replaceRoute } from '../lib/route.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { Meter, toneOfRest } from '../ui/meter.js';
import { Empty, Loading, Notice, Trouble } from '../ui/notices.js';
import { ScreenHead } from '../ui/panel.js';
import { Rows } from '../ui/rows.js';
import { State } from '../ui/state.js';
import { Time } from '../ui/time.js';
import { KeyDetail } from './keys/detail.js';
import { NewKey } from './keys/new.js';
import { showLimit, standingOf, tightestOf } from './keys/limits.js';

/** @typedef {import('../lib/answers.d.ts').ClientKey} ClientKey */

const EVERY_MS = 15_000;

/** As people count: phone-2 before phone-10. */
const BY_NAME = new Intl.Collator('en', { numeric: true });

/** @type {Readonly<Record<ReturnType<typeof standingOf>, import('../ui/state.js').Tone>>} */
const TONES = { ok: 'good', disabled: 'off', expired: 'warn' };

/** Who may ask, and how much. @param {{ query: URLSearchParams }} props */
export const Keys = ({ query }) => {
  const { t, n } = useLanguage();
  const keys = useResource('keys', { everyMs: EVERY_MS });
  const status = useResource('status');
  const [sought, seek] = useState('');
  const [isMaking, setMaking] = useState(query.get('new') === '1');
  const [chosen, choose] = useState(/** @type {string | undefined} */ (undefined));
  const all = /** @type {readonly import('../lib/answers.d.ts').ClientKey[]} */ (keys.value?.keys ?? []);
  const rows = useMemo(() => {
    const word = sought.trim().toLowerCase();
    return all
      .filter(({ name, prefix }) => name.toLowerCase().includes(word) || prefix.toLowerCase().startsWith(word))
      .sort((one, other) => BY_NAME.compare(one.name, other.name));
  }, [all, sought]);
  const shown = all.find(({ id }) => id === chosen);
  const make = () => {
    setMaking(true);
  };
  const hasNoStore = status.value?.store?.kind === 'none';
  const action = !hasNoStore && html`<${Button} kind="main" icon="plus" onClick=${make}>${t('keys.new')}<//>`;

  return html`<${ScreenHead} title=${t('screen.keys')} note=${t('keys.note')} actions=${action} />
    ${keys.error !== undefined && html`<${Trouble} error=${keys.error} onRetry=${keys.reload} />`}
    ${hasNoStore && html`<${Notice} tone="warn">${t('keys.no-store')}<//>`}
    ${
      all.length > 5 &&
      html`<div class="filters" role="search" aria-label=${t('filters')}>
        <${Field}
          label=${t('keys.seek')}
          unseenLabel
          type="search"
          placeholder=${t('keys.seek')}
          value=${sought}
          onText=${seek}
        />
        <span class="filters-note">${n('keys.count', rows.length)}</span>
      </div>`
    }
    ${
      keys.value === undefined
        ? keys.error === undefined && html`<${Loading} lines=${8} />`
        : all.length === 0
          ? html`<div class="panel">
              <${Empty} icon="keys" title=${t('keys.none')} action=${action}>${t('keys.none.text')}<//>
            </div>`
          : html`<${KeyRows} rows=${rows} onOpen=${choose} />`
    }
    ${
      isMaking &&
      html`<${NewKey}
        taken=${all.map(({ name }) => name)}
        onMade=${keys.reload}
        onClose=${() => {
          setMaking(false);
          // The way back, and a reload, would open it once more.
          replaceRoute('keys', {});
        }}
      />`
    }
    ${
      shown &&
      html`<${KeyDetail}
        of=${shown}
        onChanged=${keys.reload}
        onClose=${() => {
          choose(undefined);
        }}
      />`
    }`;
};

/** @param {{ rows: readonly import('../lib/answers.d.ts').ClientKey[], onOpen: (id: string) => void }} props */
const KeyRows = ({ rows, onOpen }) => {
  const { t, tag } = useLanguage();
  const now = useNow();
  const columns = useMemo(
    () => [
      {
        id: 'name',
        title: t('key.name'),
        cell: (/** @type {ClientKey} */ row) => html`<strong class="row-name">${row.name}</strong>`,
      },
      {
        id: 'state',
        title: t('key.state'),
        cell: (/** @type {ClientKey} */ row) => html`<${KeyState} row=${row} now=${now} />`,
      },
      {
        id: 'prefix',
        title: t('key.prefix'),
        cell: (/** @type {ClientKey} */ row) => html`<span class="mono quiet">${row.prefix}…</span>`,
      },
      { id: 'left', title: t('key.left'), cell: (/** @type {ClientKey} */ row) => html`<${Left} row=${row} />` },
      {
        id: 'models',
        title: t('key.models'),
        cell: (/** @type {ClientKey} */ row) => html`<span class="quiet">${namesOf(row.models) ?? t('key.all')}</span>`,
      },
      {
        id: 'used',
        title: t('key.last-used'),
        cell: (/** @type {ClientKey} */ row) => html`<${Time} at=${row.last_used_at} none=${t('never')} />`,
      },
      {
        id: 'ends',
        title: t('key.expires'),
        cell: (/** @type {ClientKey} */ row) => html`<${Time} at=${row.expires_at} none=${t('key.expires.never')} />`,
      },
    ],
    [t, tag, now],
  );
  return html`<${Rows}
    layout="rows-keys"
    label=${t('screen.keys')}
    columns=${columns}
    rows=${rows}
    keyOf=${(/** @type {ClientKey} */ row) => row.id}
    nameOf=${(/** @type {ClientKey} */ row) => `${row.name}, ${t(`key.state.${standingOf(row, now)}`)}`}
    narrow=${(/** @type {ClientKey} */ row) =>
      html`<div class="row-line">
          <strong class="row-name">${row.name}</strong>
          <${KeyState} row=${row} now=${now} />
        </div>
        <div class="row-line">
          <${Left} row=${row} /><span class="quiet"><${Time} at=${row.last_used_at} none=${t('key.unused')} /></span>
        </div>`}
    onOpen=${(/** @type {ClientKey} */ row) => {
      onOpen(row.id);
    }}
  />`;
};

/** @param {readonly string[] | null} names */
const namesOf = (names) => (names === null || names.length === 0 ? undefined : names.join(', '));

/** @param {{ row: ClientKey, now: number }} props */
export const KeyState = ({ row, now }) => {
  const { t } = useLanguage();
  const standing = standingOf(row, now);
  return html`<${State} tone=${TONES[standing]}>${t(`key.state.${standing}`)}<//>`;
};

/** What is left of the limit that will be reached first. @param {{ row: ClientKey }} props */
const Left = ({ row }) => {
  const { t, tag } = useLanguage();
  const rest = tightestOf(row);
  if (!rest) return html`<span class="quiet">${t('key.no-limits')}</span>`;
  const { name, left, limit, share } = rest;
  const text = t('key.left.of', { left: showLimit(name, left, tag), limit: showLimit(name, limit, tag) });
  return html`<span class="left" title=${t(`limit.${name}`)}>
    <${Meter} share=${share} tone=${toneOfRest(share)} label=${t(`limit.${name}`)} text=${text} />
    <span class="quiet">${text}</span>
  </span>`;
};
