import { useMemo, useState } from 'preact/hooks';
import { money, percent, shortNumber } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useResource } from '../lib/resource.js';
import { linkTo } from '../lib/route.js';
import { Copy } from '../ui/copy.js';
import { Field } from '../ui/field.js';
import { Meter, toneOfRest } from '../ui/meter.js';
import { Empty, Shown } from '../ui/notices.js';
import { Panel, ScreenHead } from '../ui/panel.js';
import { Tag } from '../ui/state.js';

const ABILITIES = /** @type {const} */ (['thinking', 'search', 'images_in', 'images_out', 'audio_in', 'audio_out']);

/** What is offered, with limits, price and quota. */
export const Models = () => {
  const { t } = useLanguage();
  const models = useResource('models', { everyMs: 60_000 });
  const [sought, seek] = useState('');
  const all = /** @type {readonly any[]} */ (models.value?.models ?? []);
  const rows = useMemo(() => {
    const word = sought.trim().toLowerCase();
    return all.filter(({ id, name, aliases = [] }) =>
      `${id} ${name} ${aliases.join(' ')}`.toLowerCase().includes(word),
    );
  }, [all, sought]);
  return html`<${ScreenHead} title=${t('screen.models')} note=${t('models.note')} />
    <${Shown} of=${models} lines=${8}>
      ${() =>
        all.length === 0
          ? html`<${Panel} flush><${Empty} icon="models" title=${t('models.none')}>${t('models.none.text')}<//><//>`
          : html`<div class="filters" role="search" aria-label=${t('filters')}>
                <${Field}
                  label=${t('models.seek')}
                  unseenLabel
                  type="search"
                  placeholder=${t('models.seek')}
                  value=${sought}
                  onText=${seek}
                />
              </div>
              <${Panel} flush><${ModelTable} rows=${rows} /><//>`}
    <//>`;
};

/** @param {{ rows: readonly any[] }} props */
const ModelTable = ({ rows }) => {
  const { t, tag } = useLanguage();
  const hasQuota = rows.some(({ quota = [] }) => quota.length > 0);
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${t('screen.models')}>
    <table class="table table-models">
      <thead>
        <tr>
          <th scope="col">${t('request.model')}</th>
          <th scope="col">${t('models.can')}</th>
          <th scope="col" class="end">${t('models.reads')}</th>
          <th scope="col" class="end">${t('models.writes')}</th>
          <th scope="col" class="end">${t('models.price')}</th>
          <th scope="col">${t('models.doors')}</th>
          ${hasQuota && html`<th scope="col">${t('quota.title')}</th>`}
          <th scope="col"><span class="unseen">${t('screen.playground')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr key=${row.id}>
              <td>
                <div class="model-name">
                  <span class="mono" title=${row.description}>${row.id}</span> <${Copy} text=${row.id} />
                </div>
                ${row.aliases?.length > 0 && html`<p class="quiet model-aliases">${t('models.also')} <span class="mono">${row.aliases.join(', ')}</span></p>`}
              </td>
              <td class="model-tags">
                ${ABILITIES.filter((one) => row[one]).map((one) => html`<${Tag} key=${one}>${t(`can.${one}`)}<//> `)}
              </td>
              <td class="end">${row.input_token_limit ? shortNumber(row.input_token_limit, tag) : '–'}</td>
              <td class="end">${row.output_token_limit ? shortNumber(row.output_token_limit, tag) : '–'}</td>
              <td class="end"><${Price} of=${row.price} /></td>
              <td class="model-doors" title=${(row.doors ?? []).join(', ')}>${doorsIn(row.doors)}</td>
              ${hasQuota && html`<td><${Left} of=${row.quota} /></td>`}
              <td class="end">
                ${row.kind !== 'embed' && html`<a href=${linkTo('playground', { model: row.id })} aria-label=${t('models.try', { model: row.id })}>${t('group.try')}</a>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
};

const FEW = 2;

/** @param {readonly string[]} [doors] */
const doorsIn = (doors = []) =>
  doors.length === 0
    ? '–'
    : doors.length <= FEW
      ? doors.join(', ')
      : `${doors.slice(0, FEW).join(', ')} +${doors.length - FEW}`;

/** For a million tokens, in and out. @param {{ of: any }} props */
const Price = ({ of: price }) => {
  const { t, tag } = useLanguage();
  if (!price) return html`<span class="quiet">–</span>`;
  const title = t('models.price.title', { cached: money(price.cached_usd, tag) });
  return html`<span title=${title}
    >${money(price.input_usd, tag)} <span class="quiet">→</span> ${money(price.output_usd, tag)}</span
  >`;
};

/** @param {{ of: readonly any[] | undefined }} props */
const Left = ({ of: quota = [] }) => {
  const { t, tag } = useLanguage();
  if (quota.length === 0) return html`<span class="quiet">–</span>`;
  const left = Math.max(...quota.map((one) => one.remaining_fraction));
  const text = percent(left, tag);
  return html`<span class="left"
    ><${Meter} share=${left} tone=${toneOfRest(left)} label=${t('quota.title')} text=${text} /><span class="quiet"
      >${text}</span
    ></span
  >`;
};
