import { useState } from 'preact/hooks';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { Button } from '../../ui/button.js';
import { Check, Field } from '../../ui/field.js';

const SUFFIXES = /** @type {const} */ (['-nothinking', '-maxthinking', '-search']);

/** @typedef {{ model: string, system: string, stream: boolean, hasTool: boolean }} Options */

/** @param {{ of: Options, onChange: (options: Options) => void }} props */
export const Options = ({ of: options, onChange }) => {
  const { t } = useLanguage();
  const { value } = useResource('models');
  const [isSystemOpen, setSystemOpen] = useState(false);
  const { model, system, stream, hasTool } = options;
  const names = (value?.models ?? [])
    .filter((/** @type {any} */ one) => one.kind !== 'embed')
    .flatMap((/** @type {any} */ one) => one.id);
  /** @param {string} suffix */
  const toggle = (suffix) => {
    const opposite = suffix === '-nothinking' ? '-maxthinking' : suffix === '-maxthinking' ? '-nothinking' : undefined;
    const without = opposite ? model.replace(opposite, '') : model;
    onChange({ ...options, model: without.includes(suffix) ? without.replace(suffix, '') : without + suffix });
  };
  return html`<div class="play-model">
      <${Field}
        label=${t('request.model')}
        unseenLabel
        class="mono"
        value=${model}
        suggestions=${names}
        onText=${(/** @type {string} */ text) => {
          onChange({ ...options, model: text.trim() });
        }}
      />
      <div class="play-suffixes">
        ${SUFFIXES.map(
          (suffix) =>
            html`<${Button}
              key=${suffix}
              pressed=${model.includes(suffix)}
              onClick=${() => {
                toggle(suffix);
              }}
              >${suffix}<//
            >`,
        )}
      </div>
    </div>
    <div class="play-checks">
      <${Check}
        label=${t('play.stream')}
        checked=${stream}
        onChange=${(/** @type {boolean} */ checked) => {
          onChange({ ...options, stream: checked });
        }}
      />
      <${Check}
        label=${t('play.tool')}
        hint=${t('play.tool.hint')}
        checked=${hasTool}
        onChange=${(/** @type {boolean} */ checked) => {
          onChange({ ...options, hasTool: checked });
        }}
      />
      <${Check}
        label=${t('play.system')}
        checked=${isSystemOpen}
        onChange=${(/** @type {boolean} */ checked) => {
          setSystemOpen(checked);
          if (!checked) onChange({ ...options, system: '' });
        }}
      />
    </div>
    ${
      isSystemOpen &&
      html`<${Field}
        label=${t('play.system')}
        unseenLabel
        multiline
        rows="2"
        placeholder=${t('play.system.hint')}
        value=${system}
        onText=${(/** @type {string} */ text) => {
          onChange({ ...options, system: text });
        }}
      />`
    }`;
};
