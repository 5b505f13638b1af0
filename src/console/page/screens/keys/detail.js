import { useState } from 'preact/hooks';
import { ApiError } from '../../lib/api.js';
import { useAction } from '../../lib/action.js';
import { useNow } from '../../lib/clock.js';
import { useConsole } from '../../lib/console.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { linkTo } from '../../lib/route.js';
import { useRelayWords } from '../../lib/relay-words.js';
import { fieldSentenceOf } from '../../lib/trouble.js';
import { Button } from '../../ui/button.js';
import { Confirm, Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Meter, toneOfRest } from '../../ui/meter.js';
import { Time } from '../../ui/time.js';
import { KeyState } from '../keys.js';
import { changesOf, draftOf, KeyForm } from './form.js';
import { restsOf, showLimit } from './limits.js';

/** @typedef {import('../../lib/answers.d.ts').ClientKey} ClientKey */

/** One key: how it stands, and what can be done to it. @param {{ of: ClientKey, onChanged: () => void, onClose: () => void }} props */
export const KeyDetail = ({ of: key, onChanged, onClose }) => {
  const { t } = useLanguage();
  const { api, say } = useConsole();
  const now = useNow();
  const [step, setStep] = useState(/** @type {'look' | 'edit' | 'rotate' | 'remove'} */ ('look'));
  const back = () => {
    setStep('look');
  };
  const path = `keys/${encodeURIComponent(key.id)}`;
  const switchOff = useAction(async () => {
    await api.send('PATCH', path, { disabled: !key.disabled });
    say(t(key.disabled ? 'key.enabled' : 'key.disabled'));
    onChanged();
  });
  const remove = useAction(async () => {
    await api.send('DELETE', path);
    say(t('key.removed'));
    onClose();
    onChanged();
  });

  if (step === 'remove') {
    return html`<${Confirm}
      title=${t('key.remove.title', { name: key.name })}
      text=${t('key.remove.text')}
      action=${t('key.remove')}
      isBusy=${remove.isBusy}
      onYes=${() => void remove.run()}
      onClose=${back}
    />`;
  }
  if (step === 'rotate') {
    return html`<${Rotate}
      of=${key}
      onClose=${back}
      onMade=${() => {
        onClose();
        onChanged();
      }}
    />`;
  }
  if (step === 'edit') return html`<${Edit} of=${key} onClose=${back} onChanged=${onChanged} />`;
  return html`<${Dialog}
    side
    title=${key.name}
    onClose=${onClose}
    actions=${html`<${Button}
        icon="trash"
        onClick=${() => {
          setStep('remove');
        }}
        >${t('key.remove')}<//
      >
      <${Button} icon="power" isBusy=${switchOff.isBusy} onClick=${() => void switchOff.run()}
        >${t(key.disabled ? 'key.enable' : 'key.disable')}<//
      >
      <${Button}
        icon="rotate"
        onClick=${() => {
          setStep('rotate');
        }}
        >${t('key.rotate')}<//
      >
      <${Button}
        kind="main"
        onClick=${() => {
          setStep('edit');
        }}
        >${t('key.edit')}<//
      >`}
  >
    <dl class="pairs">
      <dt>${t('key.state')}</dt>
      <dd><${KeyState} row=${key} now=${now} /></dd>
      <dt>${t('key.prefix')}</dt>
      <dd class="mono">${key.prefix}…</dd>
      <dt>${t('key.models')}</dt>
      <dd>${key.models?.length ? html`<span class="mono">${key.models.join(', ')}</span>` : t('key.all')}</dd>
      <dt>${t('key.doors')}</dt>
      <dd>${key.doors?.length ? html`<span class="mono">${key.doors.join(', ')}</span>` : t('key.all')}</dd>
      <dt>${t('key.created')}</dt>
      <dd><${Time} at=${key.created_at} /></dd>
      <dt>${t('key.last-used')}</dt>
      <dd><${Time} at=${key.last_used_at} none=${t('never')} /></dd>
      <dt>${t('key.expires')}</dt>
      <dd><${Time} at=${key.expires_at} none=${t('key.expires.never')} /></dd>
    </dl>
    <h3>${t('key.limits')}</h3>
    <${Limits} of=${key} />
    <p>
      <a href=${linkTo('requests', { key: key.name })}>${t('key.to-requests')}</a> · ${' '}<a
        href=${linkTo('usage', { key: key.name })}
        >${t('key.to-usage')}</a
      >
    </p>
  <//>`;
};

/** @param {{ of: ClientKey }} props */
const Limits = ({ of: key }) => {
  const { t, tag } = useLanguage();
  const resets = /** @type {Readonly<Record<string, string | null>>} */ (key['resets'] ?? {});
  const rests = restsOf(key);
  if (rests.length === 0) return html`<p class="quiet">${t('key.no-limits.text')}</p>`;
  return html`<ul class="limits">
    ${rests.map(({ name, limit, left, share }) => {
      const text = t('key.left.of', { left: showLimit(name, left, tag), limit: showLimit(name, limit, tag) });
      return html`<li key=${name}>
        <span>${t(`limit.${name}`)}</span>
        <span class="number">${text}</span>
        <${Meter} share=${share} tone=${toneOfRest(share)} label=${t(`limit.${name}`)} text=${text} />
        ${resets[name] && html`<span class="quiet limits-reset">${t('key.resets')} <${Time} at=${resets[name]} /></span>`}
      </li>`;
    })}
  </ul>`;
};

/** @param {{ of: ClientKey, onChanged: () => void, onClose: () => void }} props */
const Edit = ({ of: key, onChanged, onClose }) => {
  const language = useLanguage();
  const { t } = language;
  const inWords = useRelayWords();
  const { api, say } = useConsole();
  const [before] = useState(() => draftOf(key));
  const [draft, setDraft] = useState(before);
  const [wrong, setWrong] = useState(/** @type {{ param?: string, message: string } | undefined} */ (undefined));
  const save = useAction(async () => {
    const changes = changesOf(draft, before);
    try {
      if (Object.keys(changes).length > 0) await api.send('PATCH', `keys/${encodeURIComponent(key.id)}`, changes);
    } catch (error) {
      if (!(error instanceof ApiError) || !error.param) throw error;
      setWrong({ param: error.param, message: fieldSentenceOf(error, language, inWords) });
      return;
    }
    say(t('saved'));
    onChanged();
    onClose();
  });
  return html`<${Dialog}
    side
    stays
    title=${key.name}
    onClose=${onClose}
    actions=${html`<${Button} onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind="main" type="submit" form="edit-key" isBusy=${save.isBusy}>${t('save')}<//>`}
  >
    <${KeyForm}
      id="edit-key"
      draft=${draft}
      wrong=${wrong}
      onSubmit=${() => void save.run()}
      onChange=${(/** @type {typeof draft} */ changed) => {
        setDraft(changed);
        setWrong(undefined);
      }}
    />
  <//>`;
};

const OVERLAPS = /** @type {const} */ (['0h', '1h', '24h', '7d']);

/** @param {{ of: ClientKey, onMade: () => void, onClose: () => void }} props */
const Rotate = ({ of: key, onMade, onClose }) => {
  const { t } = useLanguage();
  const { api, showSecret } = useConsole();
  const [overlap, setOverlap] = useState('24h');
  const rotate = useAction(async () => {
    showSecret(await api.send('POST', `keys/${encodeURIComponent(key.id)}/rotate`, { overlap }));
    onMade();
  });
  return html`<${Dialog}
    title=${t('key.rotate.title', { name: key.name })}
    onClose=${onClose}
    actions=${html`<${Button} onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind="main" isBusy=${rotate.isBusy} onClick=${() => void rotate.run()}>${t('key.rotate')}<//>`}
  >
    <p>${t('key.rotate.text')}</p>
    <${Field}
      label=${t('key.overlap')}
      value=${overlap}
      options=${OVERLAPS.map((one) => [one, t(`overlap.${one}`)])}
      onText=${setOverlap}
    />
  <//>`;
};
