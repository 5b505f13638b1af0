import { useState } from 'preact/hooks';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { Field } from '../../ui/field.js';
import { LIMITS } from './limits.js';

/** @typedef {Readonly<Record<string, string>>} Draft What stands in the fields. */

/** @type {Draft} */
export const EMPTY = {
  name: '',
  expires: '',
  models: '',
  doors: '',
  ...Object.fromEntries(LIMITS.map((one) => [one, ''])),
};

/** @param {import('../../lib/answers.d.ts').ClientKey} key @returns {Draft} */
export const draftOf = (key) => ({
  name: key.name,
  expires: key.expires_at ?? '',
  models: (key.models ?? []).join(', '),
  doors: (key.doors ?? []).join(', '),
  ...Object.fromEntries(
    LIMITS.map((one) => {
      const limit = key[one];
      return [one, typeof limit === 'number' ? String(limit) : ''];
    }),
  ),
});

/** What the API is told: what has changed, `null` for what is taken off. @param {Draft} draft @param {Draft} before */
export const changesOf = (draft, before) =>
  Object.fromEntries(
    Object.entries(draft)
      .filter(([name, value]) => value.trim() !== (before[name] ?? '').trim())
      .map(([name, value]) => [name, value.trim() === '' ? null : value.trim()]),
  );

const TERMS = /** @type {const} */ (['7d', '30d', '90d', '365d']);

/**
 * @param {{ id: string, draft: Draft, onChange: (draft: Draft) => void, onSubmit: () => void,
 *   wrong?: { param?: string, message: string }, isNew?: boolean }} props `wrong`: the field that was refused.
 */
export const KeyForm = ({ id, draft, onChange, onSubmit, wrong, isNew }) => {
  const { t } = useLanguage();
  const { value: models } = useResource('models');
  const { value: status } = useResource('status');
  const field = (/** @type {string} */ name) => ({
    value: draft[name],
    error: wrong?.param === name ? wrong.message : undefined,
    onText: (/** @type {string} */ text) => {
      onChange({ ...draft, [name]: text });
    },
  });
  const doors = status?.doors?.map((/** @type {{ id: string }} */ one) => one.id);
  const unknown = doors ? missingIn(doors, draft['doors'] ?? '') : [];
  // A day that it has already stays among what can be chosen.
  const [day] = useState(draft['expires'] ?? '');
  return html`<form
    id=${id}
    class="form"
    novalidate
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      onSubmit();
    }}
  >
    ${
      isNew &&
      html`<${Field}
        label=${t('key.name')}
        hint=${t('key.name.hint')}
        autofocus
        maxlength="64"
        required
        ...${field('name')}
      />`
    }
    <${Field}
      label=${t('key.expires')}
      ...${field('expires')}
      options=${[
        ['', t('key.expires.never')],
        ...TERMS.map((one) => [one, t(`term.${one}`)]),
        ...(day === '' || TERMS.some((one) => one === day) ? [] : [[day, day.slice(0, 10)]]),
      ]}
    />
    <${Field}
      label=${t('key.models')}
      placeholder=${t('key.all')}
      hint=${t('key.models.hint')}
      suggestions=${(models?.models ?? []).map((/** @type {any} */ one) => one.id)}
      ...${field('models')}
    />
    <${Field}
      label=${t('key.doors')}
      placeholder=${t('key.all')}
      hint=${unknown.length > 0 ? t('key.doors.unknown', { names: unknown.join(', ') }) : t('key.doors.hint')}
      suggestions=${doors?.slice(0, 100)}
      ...${field('doors')}
    />
    <fieldset class="form">
      <legend class="legend">${t('key.limits')} <span class="quiet">${t('key.limits.hint')}</span></legend>
      <div class="form-columns">
        ${LIMITS.map(
          (name) =>
            html`<${Field}
              key=${name}
              label=${t(`limit.${name}`)}
              inputmode=${name === 'cost_per_month' ? 'decimal' : 'numeric'}
              placeholder=${t('key.no-limit')}
              ...${field(name)}
            />`,
        )}
      </div>
    </fieldset>
  </form>`;
};

/** Those that are asked for by the label of a key and that are not there. @param {readonly string[]} doors @param {string} text */
const missingIn = (doors, text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => /^gemini-api:./.test(one) && !doors.includes(one));
