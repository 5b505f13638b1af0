import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../lib/api.js';
import { useAction } from '../../lib/action.js';
import { useConsole } from '../../lib/console.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Tag } from '../../ui/state.js';
import { Told } from '../../ui/told.js';

/** @typedef {import('../../lib/answers.d.ts').Setting} Setting */

/** @param {Setting} setting */
const valueOf = ({ value }) => (value === null ? '' : String(value));

/** So often it is looked anew when others change settings between the look and the change. */
const MOST_LOOKS = 5;

/** @param {Setting} one @param {Setting} other */
const isSame = (one, other) => one.value === other.value && one.origin === other.origin;

/** @param {{ of: Setting, inWords: (text: string) => string, onChanged: (answer: unknown) => void }} props */
export const SettingRow = ({ of: setting, inWords, onChanged }) => {
  const { t } = useLanguage();
  const [isEditing, setEditing] = useState(false);
  const act = useRef(/** @type {HTMLElement | null} */ (null));
  const wasEditing = useRef(false);
  useEffect(() => {
    // What had the focus went with the editor, unless somebody is elsewhere by now.
    const isLost = document.activeElement === document.body;
    if (wasEditing.current && !isEditing && isLost) act.current?.querySelector('button')?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  const { name, meaning, origin, locked, restart, pending, problem } = setting;
  const why = t(origin === 'environment' ? 'settings.locked.text' : 'settings.locked.always');
  return html`<li class="setting">
    <div class="setting-what">
      <p><span class="mono setting-name">${name}</span></p>
      <p class="quiet"><${Told} text=${meaning} /></p>
      ${problem && html`<p class="setting-problem">${problem}</p>`}
    </div>
    <div class="setting-value">
      ${
        isEditing
          ? html`<${Editor}
              of=${setting}
              inWords=${inWords}
              onChanged=${onChanged}
              onClose=${() => {
                setEditing(false);
              }}
            />`
          : html`<p class="setting-shown"><${Value} of=${setting} /></p>
              <p class="setting-marks">
                <${Tag} tone=${origin === 'page' ? 'info' : 'off'} title=${t(`origin.${origin}.text`)}
                  >${t(`origin.${origin}`)}<//
                >
                ${
                  restart &&
                  html`<${Tag} tone=${pending ? 'warn' : 'off'} title=${t('settings.restart.text')}
                    >${t(pending ? 'settings.pending' : 'settings.restart')}<//
                  >`
                }
              </p>`
      }
    </div>
    <div class="setting-act" ref=${act}>
      ${
        locked
          ? html`<span class="quiet" title=${why}><${Icon} name="lock" /><span class="unseen">${why}</span></span>`
          : !isEditing &&
            html`<${Button}
              kind="quiet"
              onClick=${() => {
                setEditing(true);
              }}
              aria-label=${t('settings.change.of', { name })}
              >${t('settings.change')}<//
            >`
      }
    </div>
  </li>`;
};

/** @param {{ of: Setting }} props */
const Value = ({ of: setting }) => {
  const { t } = useLanguage();
  const { secret, value, by_default: byDefault } = setting;
  if (secret) return html`<span class="quiet">${t(value === true ? 'settings.secret' : 'settings.unset')}</span>`;
  const text = valueOf(setting);
  return text === ''
    ? html`<span class="quiet">${byDefault ?? t('settings.unset')}</span>`
    : html`<span class="mono" title=${text}>${text}</span>`;
};

/**
 * @param {{ of: Setting, inWords: (text: string) => string, onChanged: (answer: unknown) => void, onClose: () => void }}
 *   props
 */
const Editor = ({ of: setting, inWords, onChanged, onClose }) => {
  const { t } = useLanguage();
  const { api, say } = useConsole();
  const { name, origin } = setting;
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const before = useRef(setting);
  const [text, setText] = useState(valueOf(setting));
  const [wrong, setWrong] = useState(/** @type {string | undefined} */ (undefined));
  useEffect(() => {
    const field = form.current?.elements[0];
    if (field instanceof HTMLElement) field.focus();
  }, []);
  /** Whether it was changed in another tab, or by somebody else. Then that is told, and a second try replaces it. */
  const isOvertaken = (/** @type {string | null} */ value, /** @type {{ settings: readonly Setting[] }} */ answer) => {
    const now = answer.settings.find((one) => one.name === name) ?? setting;
    const known = before.current;
    before.current = now;
    if (isSame(now, known) || (value === null ? now.origin !== 'page' : valueOf(now) === value)) return false;
    onChanged(answer);
    const shown = valueOf(now) || inWords(now.by_default ?? '');
    setWrong(shown === '' ? t('settings.overtaken') : t('settings.overtaken.by', { value: shown }));
    return true;
  };
  const send = async (/** @type {string | null} */ value, looks = 1) => {
    const { value: answer, version } = await api.look('settings');
    if (isOvertaken(value, answer)) return;
    try {
      onChanged(await api.send('PATCH', 'settings', { [name]: value }, version));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Of this setting or of another: the next look tells.
      if (error.code === 'settings_changed' && looks < MOST_LOOKS) {
        await send(value, looks + 1);
        return;
      }
      if (error.status !== 400) throw error;
      setWrong(sentenceAbout(name, error.message, inWords));
      return;
    }
    say(t(setting.restart ? 'settings.saved.restart' : 'saved'));
    onClose();
  };
  const save = useAction(() => send(text));
  const reset = useAction(() => send(null));
  const options = choicesOf(setting);
  return html`<form
    ref=${form}
    class="setting-edit"
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void save.run();
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape') onClose();
    }}
  >
    <${Field}
      label=${name}
      placeholder=${setting.example ?? undefined}
      unseenLabel
      error=${wrong}
      value=${text}
      options=${options?.map((one) => [one, one])}
      onText=${(/** @type {string} */ value) => {
        setText(value);
        setWrong(undefined);
      }}
    />
    <div class="actions">
      <${Button} type="submit" kind="main" isBusy=${save.isBusy}>${t('save')}<//>
      ${origin === 'page' && html`<${Button} isBusy=${reset.isBusy} onClick=${() => void reset.run()}>${t('settings.reset')}<//>`}
      <${Button} kind="quiet" onClick=${onClose}>${t('cancel')}<//>
    </div>
  </form>`;
};

/**
 * Most problems are said of the setting that they begin with.
 *
 * @param {string} name @param {string} sentence @param {(text: string) => string} inWords
 */
const sentenceAbout = (name, sentence, inWords) => {
  const problem = sentence.startsWith(`${name} `) ? sentence.slice(name.length + 1, -1) : '';
  const said = inWords(problem);
  return said === problem ? inWords(sentence) : `${name} ${said}。`;
};

/** @param {Setting} setting @returns {readonly string[] | undefined} */
const choicesOf = ({ kind, choices }) =>
  kind === 'boolean' ? ['true', 'false'] : kind === 'choice' ? choices : undefined;
