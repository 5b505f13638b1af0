import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useAction } from '../lib/action.js';
import { useConsole } from '../lib/console.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useRelayWords } from '../lib/relay-words.js';
import { RELAY } from '../lib/place.js';
import { useResource } from '../lib/resource.js';
import { replaceRoute } from '../lib/route.js';
import { Button } from '../ui/button.js';
import { Code } from '../ui/code.js';
import { Copy } from '../ui/copy.js';
import { Field } from '../ui/field.js';
import { Notice, Shown } from '../ui/notices.js';
import { Panel, ScreenHead } from '../ui/panel.js';
import { useWidth } from '../ui/width.js';
import { fillKey, fillWords } from './connect/fill.js';

const GROUPS = /** @type {const} */ (['agents', 'chat', 'sdk', 'shell']);

/** Ready settings for each client. @param {{ query: URLSearchParams }} props */
export const Connect = ({ query }) => {
  const { t, named } = useLanguage();
  const inWords = useRelayWords();
  const connect = useResource('connect');
  const [secret, setSecret] = useState('');
  const clients = /** @type {readonly any[]} */ (connect.value?.clients ?? []);
  const chosen = clients.find(({ id }) => id === query.get('client')) ?? clients[0];
  const groups = useMemo(() => [...new Set([...GROUPS, ...clients.map(({ group }) => group)])], [clients]);
  const address = connect.value?.base_url ?? RELAY.href.replace(/\/$/, '');

  return html`<${ScreenHead} title=${t('screen.connect')} note=${t('connect.note')} />
    <${Panel}>
      <div class="connect-base">
        <div>
          <h3>${t('connect.address')}</h3>
          <p class="with-copy"><span class="mono">${address}</span> <${Copy} text=${address} /></p>
          ${!isSame(address) && html`<p class="quiet">${t('connect.other-address')} <span class="mono">${RELAY.href.replace(/\/$/, '')}</span></p>`}
        </div>
        <${KeyChoice} secret=${secret} onSecret=${setSecret} />
      </div>
    <//>
    <${Shown} of=${connect} lines=${8}>
      ${() =>
        html`<div class="connect">
          <nav class="connect-list" aria-label=${t('connect.clients')}>
            ${groups.map((group) => {
              const some = clients.filter((one) => one.group === group);
              return (
                some.length > 0 &&
                html`<section key=${group}>
                  <h3>${named('connect.group', group) ?? group}</h3>
                  <ul>
                    ${some.map(
                      ({ id, name }) =>
                        html`<li key=${id}>
                          <button
                            type="button"
                            class="connect-one"
                            aria-current=${id === chosen?.id ? 'true' : undefined}
                            onClick=${() => {
                              replaceRoute('connect', { client: id });
                            }}
                          >
                            ${inWords?.(name) ?? name}
                          </button>
                        </li>`,
                    )}
                  </ul>
                </section>`
              );
            })}
          </nav>
          ${chosen && html`<${Client} of=${chosen} secret=${secret} />`}
        </div>`}
    <//>`;
};

/** @param {string} address */
const isSame = (address) => {
  try {
    return new URL(address).origin === RELAY.origin;
  } catch {
    return false;
  }
};

/** @param {{ of: import('../lib/answers.d.ts').ClientSettings, secret: string }} props */
const Client = ({ of: client, secret }) => {
  const { t } = useLanguage();
  const inWords = useRelayWords();
  const name = inWords?.(client.name) ?? client.name;
  const isBelow = useWidth() === 'narrow';
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = useRef(client.id);
  useEffect(() => {
    if (isBelow && shown.current !== client.id) place.current?.scrollIntoView({ block: 'start' });
    shown.current = client.id;
  }, [client.id]);
  const text =
    secret === '' ? fillWords(client.text, t('connect.placeholder')) : fillKey(client.text, client.language, secret);
  return html`<section class="panel client" aria-label=${name} ref=${place}>
    <header class="panel-head">
      <div>
        <h2>${name}</h2>
        <p class="quiet">${inWords?.(client.where)}</p>
      </div>
    </header>
    <div class="panel-body">
      ${
        client.url &&
        html`<dl class="pairs client-url">
          <dt>${t('connect.url')}</dt>
          <dd class="with-copy"><span class="mono">${client.url}</span> <${Copy} text=${client.url} /></dd>
        </dl>`
      }
      <${Code} label=${t('connect.settings', { name })} note=${client.language} text=${text} />
    </div>
  </section>`;
};

/**
 * Which key stands in the settings. The relay knows no secret of a key that exists: it is pasted, or a new key is made.
 *
 * @param {{ secret: string, onSecret: (secret: string) => void }} props
 */
const KeyChoice = ({ secret, onSecret }) => {
  const { t } = useLanguage();
  const { api } = useConsole();
  const [name, setName] = useState('');
  const [isMade, setMade] = useState(false);
  const make = useAction(async () => {
    const made = await api.send('POST', 'keys', { name: name.trim() });
    onSecret(made.key);
    setMade(true);
  });
  return html`<div class="connect-key">
    <${Field}
      label=${t('connect.key')}
      hint=${t('connect.key.hint')}
      type="password"
      autocomplete="off"
      value=${secret}
      onText=${(/** @type {string} */ text) => {
        onSecret(text.trim());
        setMade(false);
      }}
    />
    <form
      class="connect-make"
      onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        void make.run();
      }}
    >
      <${Field}
        label=${t('connect.make')}
        placeholder=${t('key.name')}
        maxlength="64"
        value=${name}
        onText=${setName}
      />
      <${Button} type="submit" icon="plus" disabled=${name.trim() === ''} isBusy=${make.isBusy}>${t('keys.make')}<//>
    </form>
    <div role="status">${isMade && html`<${Notice} tone="good">${t('connect.made')}<//>`}</div>
  </div>`;
};
