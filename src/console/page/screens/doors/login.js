import { useEffect, useState } from 'preact/hooks';
import { useAction } from '../../lib/action.js';
import { useConsole } from '../../lib/console.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useRelayWords } from '../../lib/relay-words.js';
import { useResource } from '../../lib/resource.js';
import { Button } from '../../ui/button.js';
import { Copy } from '../../ui/copy.js';
import { Field } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Notice } from '../../ui/notices.js';

const EVERY_MS = 3000;

/** Logging in to Google without a terminal. @param {{ onChanged: () => void }} props */
export const Login = ({ onChanged }) => {
  const { t } = useLanguage();
  const { api, say } = useConsole();
  const inWords = useRelayWords();
  const [isWaiting, setWaiting] = useState(false);
  const login = useResource('login', isWaiting ? { everyMs: EVERY_MS } : {});
  const [pasted, setPasted] = useState('');
  const { state = 'none', url, message: said = '' } = login.value ?? {};
  const message = inWords?.(said) ?? said;
  useEffect(() => {
    setWaiting(state === 'waiting');
    if (state === 'done') onChanged();
  }, [state]);

  const start = useAction(async () => {
    const value = await api.send('POST', 'login');
    login.change(() => value);
    await login.reload();
  });
  const finish = useAction(async () => {
    const ended = await api.send('POST', 'login/finish', { pasted: pasted.trim() });
    setPasted('');
    // Whoever has declined it at Google, or was refused there, has ended it as well.
    if (ended.state === 'done') say(t('login.done'));
    await login.reload();
    onChanged();
  });

  return html`<section class="login" aria-label=${t('login.title')}>
    <div class="login-head">
      <div>
        <h3>${t('login.title')}</h3>
        <p class="quiet">${t('login.text')}</p>
      </div>
      <${Button} isBusy=${start.isBusy} onClick=${() => void start.run()}>
        ${t(state === 'waiting' ? 'login.again' : state === 'done' ? 'login.other' : 'login.start')}
      <//>
    </div>
    <${Notice} tone="warn">${t('login.terms')}<//>
    <div role="status">
      ${state === 'done' && html`<${Notice} tone="good">${message || t('login.done')}<//>`}
      ${state === 'failed' && html`<${Notice} tone="bad">${message || t('login.failed')}<//>`}
    </div>
    ${
      state === 'waiting' &&
      url &&
      html`<ol class="login-steps">
        <li>
          <p>${t('login.open')}</p>
          <div class="login-address">
            <a href=${url} target="_blank" rel="noreferrer noopener">${t('login.go')} <${Icon} name="outside" /></a>
            <${Copy} text=${url} label=${t('login.copy')} />
          </div>
        </li>
        <li>
          <form
            class="login-paste"
            onSubmit=${(/** @type {Event} */ event) => {
              event.preventDefault();
              void finish.run();
            }}
          >
            <${Field}
              label=${t('login.paste')}
              hint=${t('login.paste.hint')}
              placeholder="http://localhost:8080/?code=…"
              value=${pasted}
              onText=${setPasted}
            />
            <${Button} type="submit" disabled=${pasted.trim() === ''} isBusy=${finish.isBusy}>${t('login.finish')}<//>
          </form>
        </li>
      </ol>`
    }
  </section>`;
};
