import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { linkTo } from '../../lib/route.js';
import { Panel } from '../../ui/panel.js';
import { Tag } from '../../ui/state.js';
import { Login } from './login.js';

const KINDS = /** @type {const} */ ([
  {
    kind: 'gemini-api',
    settings: ['GEMINI_API_KEY', 'GEMINI_API_KEYS'],
    address: 'https://aistudio.google.com/apikey',
  },
  { kind: 'vertex', settings: ['GOOGLE_CLOUD_PROJECT', 'UPSTREAM'], address: 'https://console.cloud.google.com/' },
  { kind: 'code-assist', settings: ['UPSTREAM'], address: 'https://codeassist.google/' },
]);

/** What each kind of door needs, and which are there. @param {{ doors: readonly { kind: string }[], onChanged: () => void }} props */
export const FurtherDoors = ({ doors, onChanged }) => {
  const { t } = useLanguage();
  return html`<${Panel} title=${t('further.title')} note=${t('further.note')}>
    <div class="further">
      ${KINDS.map(
        ({ kind, settings, address }) =>
          html`<section key=${kind} class="further-one" aria-label=${t(`door.kind.${kind}`)}>
            <p class="further-name">
              ${t(`door.kind.${kind}`)}
              ${doors.some((door) => door.kind === kind) && html` <${Tag} tone="good">${t('further.here')}<//>`}
            </p>
            <p class="quiet">${t(`further.${kind}`)}</p>
            <p class="further-links">
              ${settings.map((name) => html`<a key=${name} class="mono" href=${linkTo('settings', { find: name })}>${name}</a>`)}
            </p>
            <p class="further-links">
              <a href=${address} target="_blank" rel="noreferrer noopener">${new URL(address).host}</a>
            </p>
          </section>`,
      )}
    </div>
    <${Login} onChanged=${onChanged} />
  <//>`;
};
