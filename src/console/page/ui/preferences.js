import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { LANGUAGES, useLanguage } from '../lib/language.js';
import { chosenTheme, keepTheme } from '../lib/theme.js';
import { Choice } from './field.js';
import { Icon } from './icon.js';

/** @type {readonly (readonly [import('../lib/theme.js').Theme, import('./icon.js').IconName])[]} */
const THEMES = [
  ['auto', 'screen'],
  ['light', 'sun'],
  ['dark', 'moon'],
];

/** Language and colours of the page. @param {{ onLanguage: (code: import('../lib/language.js').LanguageCode) => void }} props */
export const Preferences = ({ onLanguage }) => {
  const { t, code } = useLanguage();
  const [theme, setTheme] = useState(chosenTheme);
  return html`<div class="preferences">
    <${Choice}
      label=${t('language')}
      value=${code}
      options=${Object.entries(LANGUAGES).map(([one, name]) => [one, html`<span lang=${one}>${name}</span>`])}
      onChange=${onLanguage}
    />
    <${Choice}
      label=${t('theme')}
      value=${theme}
      options=${THEMES.map(([one, icon]) => [
        one,
        html`<span title=${t(`theme.${one}`)}
          ><${Icon} name=${icon} /><span class="unseen">${t(`theme.${one}`)}</span></span
        >`,
      ])}
      onChange=${(/** @type {import('../lib/theme.js').Theme} */ one) => {
        keepTheme(one);
        setTheme(one);
      }}
    />
  </div>`;
};
