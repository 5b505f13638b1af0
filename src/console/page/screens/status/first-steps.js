import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useResource } from '../../lib/resource.js';
import { linkTo } from '../../lib/route.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';

const UNABLE = new Set(['login_required', 'credentials_invalid', 'config_error', 'account_ineligible']);

/** What to do next, for who is here for the first time. Gone once the relay has answered something. @param {{ status: any }} props */
export const FirstSteps = ({ status }) => {
  const { t } = useLanguage();
  const keys = useResource('keys');
  const asked = useResource('requests?limit=1');
  const hasDoor = !UNABLE.has(status.status) && status.doors.length > 0;
  if (asked.value === undefined && asked.error === undefined) return null;
  const hasAsked = (asked.value?.rows.length ?? 0) > 0;
  if (hasDoor && hasAsked) return null;
  const steps = /** @type {const} */ ([
    { id: 'door', isDone: hasDoor, to: linkTo('doors') },
    { id: 'key', isDone: (keys.value?.keys.length ?? 0) > 0, to: linkTo('keys', { new: '1' }) },
    { id: 'try', isDone: hasAsked, to: linkTo('playground') },
    { id: 'connect', isDone: hasAsked, to: linkTo('connect') },
  ]);
  const next = steps.find(({ isDone }) => !isDone);
  return html`<${Panel} title=${t('first.title')} note=${t('first.note')}>
    <ol class="steps">
      ${steps.map(
        (step, index) =>
          html`<li key=${step.id} class=${`step${step.isDone ? ' step-done' : ''}${step === next ? ' step-next' : ''}`}>
            <span class="step-mark">${step.isDone ? html`<${Icon} name="check" />` : index + 1}</span>
            <div>
              <p class="step-title">
                ${t(`first.${step.id}`)} ${step.isDone && html`<span class="unseen">(${t('done')})</span>`}
              </p>
              <p class="quiet">${t(`first.${step.id}.text`)}</p>
            </div>
            ${!step.isDone && html`<a class=${`button button-${step === next ? 'main' : 'plain'}`} href=${step.to}>${t(`first.${step.id}.go`)}</a>`}
          </li>`,
      )}
    </ol>
  <//>`;
};
