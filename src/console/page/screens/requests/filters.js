import { useMemo } from 'preact/hooks';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';

const STATUSES = /** @type {const} */ (['ok', 'error', '4xx', '5xx']);
const MOST_SUGGESTED = 200;

/** @param {readonly any[]} values @param {string} chosen @returns {readonly string[]} */
const choicesOf = (values, chosen) =>
  [...new Set([...values, chosen])]
    .filter((one) => one)
    .sort()
    .slice(0, MOST_SUGGESTED);

/** @param {{ filters: Record<string, string>, onChange: (change: Record<string, string>) => void, rows: readonly any[] }} props */
export const Filters = ({ filters, onChange, rows }) => {
  const { t } = useLanguage();
  const { value: keys } = useResource('keys');
  const { value: models } = useResource('models');
  const { key = '', model = '', door = '', status = '' } = filters;
  const seen = rows.slice(0, 500);
  const count = Math.min(rows.length, 500);
  const suggested = useMemo(
    () => ({
      key: choicesOf(
        [...(keys?.keys ?? []).map((/** @type {any} */ one) => one.name), ...seen.map((row) => row.key)],
        key,
      ),
      model: choicesOf(
        [...(models?.models ?? []).map((/** @type {any} */ one) => one.id), ...seen.map((row) => row.model)],
        model,
      ),
      door: choicesOf(
        seen.map((row) => row.door),
        door,
      ),
    }),
    [keys, models, count, key, model, door],
  );
  const select = (/** @type {'key' | 'model' | 'door'} */ name, /** @type {string} */ value) =>
    html`<${Field}
      label=${t(`request.${name}`)}
      unseenLabel
      value=${value}
      options=${[['', t(`filters.${name}`)], ...suggested[name].map((one) => [one, one])]}
      onText=${(/** @type {string} */ text) => {
        onChange({ [name]: text });
      }}
    />`;
  return html`<div class="filters" role="search" aria-label=${t('filters')}>
    ${select('key', key)} ${select('model', model)} ${select('door', door)}
    <${Field}
      label=${t('request.status')}
      unseenLabel
      value=${status}
      options=${[
        ['', t('filters.status')],
        ...STATUSES.map((one) => [one, t(`filters.status.${one}`)]),
        ...(status === '' || STATUSES.some((one) => one === status) ? [] : [[status, status]]),
      ]}
      onText=${(/** @type {string} */ text) => {
        onChange({ status: text });
      }}
    />
    ${
      (key || model || door || status) &&
      html`<${Button}
        kind="quiet"
        icon="close"
        onClick=${() => {
          onChange({ key: '', model: '', door: '', status: '' });
        }}
        >${t('filters.clear')}<//
      >`
    }
  </div>`;
};
