import { useEffect, useMemo, useState } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { wholeNumber } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useResource } from '../lib/resource.js';
import { replaceRoute } from '../lib/route.js';
import { DoorState } from '../ui/door-state.js';
import { Choice, Field } from '../ui/field.js';
import { Empty, Loading, Trouble } from '../ui/notices.js';
import { ScreenHead } from '../ui/panel.js';
import { Rows } from '../ui/rows.js';
import { DoorDetail } from './doors/detail.js';
import { FurtherDoors } from './doors/further.js';

/** @typedef {import('../lib/answers.d.ts').Door} Door */

const EVERY_MS = 15_000;
const STATES = /** @type {const} */ (['ok', 'cooling', 'failing', 'invalid', 'off']);
const MANY = 8;

/** The doors. @param {{ query: URLSearchParams }} props */
export const Doors = ({ query }) => {
  const { t, n, named } = useLanguage();
  const { live } = useConsole();
  const status = useResource('status', { everyMs: EVERY_MS });
  const [sought, seek] = useState('');
  const [state, setState] = useState('');
  const doors = /** @type {readonly Door[]} */ (status.value?.doors ?? []);
  const chosen = query.get('door') ?? undefined;
  const choose = (/** @type {string | undefined} */ id) => {
    replaceRoute('doors', { door: id });
  };
  useEffect(
    () =>
      live.listen(({ name, data: changed }) => {
        if (name === 'door')
          status.change((value) => ({
            ...value,
            doors: value.doors.map((/** @type {Door} */ one) => (one.id === changed.id ? changed : one)),
          }));
      }),
    [live],
  );
  const rows = useMemo(() => {
    const word = sought.trim().toLowerCase();
    return doors.filter((door) => (state === '' || door.state === state) && door.id.toLowerCase().includes(word));
  }, [doors, sought, state]);
  const shown = doors.find(({ id }) => id === chosen);
  const present = STATES.filter((one) => doors.some((door) => door.state === one));

  return html`<${ScreenHead} title=${t('screen.doors')} note=${t('doors.note')} />
    ${status.error !== undefined && html`<${Trouble} error=${status.error} onRetry=${status.reload} />`}
    ${
      doors.length > MANY &&
      html`<div class="filters" role="search" aria-label=${t('filters')}>
        <${Field}
          label=${t('doors.seek')}
          unseenLabel
          type="search"
          placeholder=${t('doors.seek')}
          value=${sought}
          onText=${seek}
        />
        ${
          present.length > 1 &&
          html`<${Choice}
            label=${t('door.state')}
            value=${state}
            options=${[['', t('doors.any')], ...present.map((one) => [one, named('door.state', one)])]}
            onChange=${setState}
          />`
        }
        <span class="filters-note">${n('doors.count', rows.length)}</span>
      </div>`
    }
    ${
      status.value === undefined
        ? status.error === undefined && html`<${Loading} lines=${8} />`
        : doors.length === 0
          ? html`<div class="panel"><${Empty} icon="doors" title=${t('doors.none')}>${t('doors.none.text')}<//></div>`
          : html`<${DoorRows} rows=${rows} isShort=${doors.length <= MANY} onOpen=${choose} />`
    }
    ${status.value && html`<${FurtherDoors} doors=${doors} onChanged=${status.reload} />`}
    ${
      shown &&
      html`<${DoorDetail}
        of=${shown}
        onChanged=${status.reload}
        onClose=${() => {
          choose(undefined);
        }}
      />`
    }`;
};

/** @param {{ rows: readonly Door[], isShort: boolean, onOpen: (id: string) => void }} props */
const DoorRows = ({ rows, isShort, onOpen }) => {
  const { t, n, tag, named } = useLanguage();
  const columns = useMemo(
    () => [
      {
        id: 'id',
        title: t('request.door'),
        cell: (/** @type {Door} */ row) => html`<strong class="row-name">${row.id}</strong>`,
      },
      {
        id: 'kind',
        title: t('door.kind'),
        cell: (/** @type {Door} */ row) => html`<span class="quiet">${named('door.kind', row.kind) ?? row.kind}</span>`,
      },
      {
        id: 'state',
        title: t('door.state'),
        cell: (/** @type {Door} */ row) => html`<${DoorState} of=${row} /> <${Apart} row=${row} />`,
      },
      {
        id: 'requests',
        title: t('metric.requests'),
        align: /** @type {const} */ ('end'),
        cell: (/** @type {Door} */ row) => wholeNumber(row.requests, tag),
      },
      {
        id: 'errors',
        title: t('series.errors'),
        align: /** @type {const} */ ('end'),
        cell: (/** @type {Door} */ row) => wholeNumber(row.errors, tag),
      },
    ],
    [t, n, tag],
  );
  return html`<${Rows}
    layout="rows-doors"
    short=${isShort}
    label=${t('screen.doors')}
    columns=${columns}
    rows=${rows}
    keyOf=${(/** @type {Door} */ row) => row.id}
    nameOf=${(/** @type {Door} */ row) => `${row.id}, ${named('door.state', row.state) ?? row.state}`}
    narrow=${(/** @type {Door} */ row) =>
      html`<div class="row-line">
          <strong class="row-name">${row.id}</strong><span class="quiet">${wholeNumber(row.requests, tag)}</span>
        </div>
        <div class="row-line">
          <span><${DoorState} of=${row} /> <${Apart} row=${row} /></span><span />
        </div>`}
    onOpen=${(/** @type {Door} */ row) => {
      onOpen(row.id);
    }}
  />`;
};

/** How many of its models stand otherwise. @param {{ row: Door }} props */
const Apart = ({ row }) => {
  const { n } = useLanguage();
  const count = (row.models ?? []).filter(({ state }) => state !== 'ok').length;
  return count === 0 ? null : html`<span class="quiet">${n('door.models-apart', count)}</span>`;
};
