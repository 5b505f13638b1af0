import { useState } from 'preact/hooks';
import { useAction } from '../../lib/action.js';
import { useConsole } from '../../lib/console.js';
import { duration, wholeNumber } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useRelayWords } from '../../lib/relay-words.js';
import { linkTo } from '../../lib/route.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { DoorState } from '../../ui/door-state.js';
import { Notice } from '../../ui/notices.js';
import { Told } from '../../ui/told.js';

/** One door: how it is, and what its owner can do. @param {{ of: import('../../lib/answers.d.ts').Door, onChanged: () => void, onClose: () => void }} props */
export const DoorDetail = ({ of: door, onChanged, onClose }) => {
  const { t, tag, named } = useLanguage();
  const { api, say } = useConsole();
  const inWords = useRelayWords();
  const [found, setFound] = useState(/** @type {any} */ (undefined));
  const path = `doors/${encodeURIComponent(door.id)}`;
  const isOff = door.state === 'off';
  const check = useAction(async () => {
    setFound(undefined);
    setFound(await api.send('POST', `${path}/check`));
    onChanged();
  });
  const reset = useAction(async () => {
    await api.send('POST', `${path}/reset`);
    say(t('door.reset.done'));
    onChanged();
  });
  const switchOff = useAction(async () => {
    await api.send('PATCH', path, { off: !isOff });
    say(t(isOff ? 'door.on.done' : 'door.off.done'));
    onChanged();
  });
  const models = (door.models ?? []).filter(({ state }) => state !== 'ok');
  return html`<${Dialog}
    side
    title=${door.id}
    onClose=${onClose}
    actions=${html`<${Button} icon="power" isBusy=${switchOff.isBusy} onClick=${() => void switchOff.run()}
        >${t(isOff ? 'door.on' : 'door.off')}<//
      >
      <${Button} icon="refresh" isBusy=${reset.isBusy} onClick=${() => void reset.run()}>${t('door.reset')}<//>
      <${Button} kind="main" icon="check" isBusy=${check.isBusy} onClick=${() => void check.run()}
        >${t('door.check')}<//
      >`}
  >
    <dl class="pairs">
      <dt>${t('door.state')}</dt>
      <dd><${DoorState} of=${door} /></dd>
      <dt>${t('door.kind')}</dt>
      <dd>${named('door.kind', door.kind) ?? door.kind}</dd>
      <dt>${t('metric.requests')}</dt>
      <dd>${wholeNumber(door.requests, tag)}</dd>
      <dt>${t('series.errors')}</dt>
      <dd>${wholeNumber(door.errors, tag)}</dd>
    </dl>
    <div role="status">
      ${check.isBusy && html`<p class="quiet">${t('door.checking')}</p>`}
      ${
        found &&
        html`<${Notice} tone=${found.ok ? 'good' : 'bad'}>
          <p><strong>${t(found.ok ? 'door.check.good' : 'door.check.bad', { time: duration(found.ms) })}</strong></p>
          <p><${Told} text=${inWords?.(found.message) ?? found.message} /></p>
        <//>`
      }
    </div>
    ${!found && door.cause && named('door.fix', door.cause) && html`<${Notice}>${named('door.fix', door.cause)}<//>`}
    ${
      models.length > 0 &&
      html`<h3>${t('door.models')}</h3>
        <ul class="limits">
          ${models.map(
            (one) =>
              html`<li key=${one.model} class="limits-wide">
                <span class="mono">${one.model}</span><${DoorState} of=${one} />
              </li>`,
          )}
        </ul>`
    }
    <p class="quiet">${t('door.explained')}</p>
    <p><a href=${linkTo('requests', { door: door.id })}>${t('key.to-requests')}</a></p>
  <//>`;
};
