import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useRelayWords } from '../lib/relay-words.js';
import { sentenceOf } from '../lib/trouble.js';
import { Button } from './button.js';
import { Icon } from './icon.js';
import { Told } from './told.js';

/** Nothing is here, and what to do about it. @param {{ icon: import('./icon.js').IconName, title: string, children?: any, action?: any }} props */
export const Empty = ({ icon, title, children, action }) =>
  html`<div class="empty">
    <span class="empty-icon"><${Icon} name=${icon} /></span>
    <p class="empty-title">${title}</p>
    ${children && html`<p class="empty-text">${children}</p>`}
    ${action && html`<div class="empty-action">${action}</div>`}
  </div>`;

/** @param {{ error: unknown, onRetry?: () => void }} props */
export const Trouble = ({ error, onRetry }) => {
  const language = useLanguage();
  const inWords = useRelayWords();
  return html`<div class="notice notice-bad" role="alert">
    <${Icon} name="warning" />
    <p><${Told} text=${sentenceOf(error, language, inWords)} /></p>
    ${onRetry && html`<${Button} kind="quiet" icon="refresh" onClick=${onRetry}>${language.t('trouble.retry')}<//>`}
  </div>`;
};

/** @param {{ tone?: 'info' | 'good' | 'warn' | 'bad', children?: any, action?: any }} props */
export const Notice = ({ tone = 'info', children, action }) =>
  html`<div class=${`notice notice-${tone}`}>
    <${Icon} name=${tone === 'info' ? 'info' : tone === 'good' ? 'check' : 'warning'} />
    <div class="notice-text">${children}</div>
    ${action}
  </div>`;

/** Grey lines where something will be. @param {{ lines?: number }} props */
export const Loading = ({ lines = 4 }) => {
  const { t } = useLanguage();
  return html`<div class="loading" role="status">
    <span class="unseen">${t('loading')}</span>
    ${Array.from({ length: lines }, (_, index) => html`<div class="loading-line" key=${index} />`)}
  </div>`;
};

/**
 * What a resource has to show: grey lines at first, trouble above what is known, and the rest.
 *
 * @param {{ of: { value: any, error: unknown, reload: () => void }, lines?: number, children: (value: any) => any }} props
 */
export const Shown = ({ of, lines, children }) => html`
  ${of.error !== undefined && html`<${Trouble} error=${of.error} onRetry=${of.reload} />`}
  ${of.value === undefined ? of.error === undefined && html`<${Loading} lines=${lines} />` : children(of.value)}
`;
