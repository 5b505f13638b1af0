import { percent } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Meter, toneOfRest } from '../../ui/meter.js';
import { Empty } from '../../ui/notices.js';
import { Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';

const MOST = 14;

/** What Google says is left. @param {{ quota: readonly any[] | undefined }} props */
export const Quota = ({ quota = [] }) => {
  const { t, tag } = useLanguage();
  const scarce = [...quota].sort((one, other) => one.remaining_fraction - other.remaining_fraction).slice(0, MOST);
  return html`<${Panel} title=${t('quota.title')} flush>
    ${
      scarce.length === 0
        ? html`<${Empty} icon="usage" title=${t('quota.none')}>${t('quota.none.text')}<//>`
        : html`<ul class="list">
            ${scarce.map(({ door, model, remaining_fraction: left, reset_at: reset }) => {
              const text = percent(left, tag);
              return html`<li key=${`${door} ${model}`} class="quota">
                <span class="quota-model mono" title=${door}>${model}</span>
                <${Meter} share=${left} tone=${toneOfRest(left)} text=${text} label=${t('quota.of', { model })} />
                <span class="number">${text}</span>
                <span class="quiet quota-reset">${reset && html`${t('quota.reset')} <${Time} at=${reset} />`}</span>
              </li>`;
            })}
          </ul>`
    }
  <//>`;
};
