import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from '../../lib/console.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';

/** @typedef {import('./languages/language.d.ts').Turn} Turn */

/** So long after an answer has ended, Stop stands where it stood: a click there is not meant for Send. */
const REST_MS = 500;
const MOST_BYTES = 15 * 1024 * 1024;

/** @param {File} file @returns {Promise<string>} */
const readBase64 = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(typeof reader.result === 'string' ? reader.result.replace(/^[^,]*,/, '') : '');
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error('not readable'));
    };
    reader.readAsDataURL(file);
  });

/** @param {{ draft: Turn, isRunning: boolean, onChange: (how: (draft: Turn) => Turn) => void, onSend: () => void, onStop: () => void }} props */
export const Composer = ({ draft, isRunning, onChange, onSend, onStop }) => {
  const { t } = useLanguage();
  const { say } = useConsole();
  const picker = useRef(/** @type {HTMLInputElement | null} */ (null));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [isReading, setReading] = useState(false);
  const [isStopShown, setStopShown] = useState(isRunning);
  useEffect(() => {
    if (isRunning) {
      setStopShown(true);
      return undefined;
    }
    const timer = setTimeout(() => {
      if (document.activeElement === form.current?.querySelector('.composer-foot > :last-child')) backToMessage();
      setStopShown(false);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isRunning]);
  // The button that was pressed goes, and would take the focus with it.
  const backToMessage = () => {
    form.current?.querySelector('textarea')?.focus();
  };

  /** @param {Iterable<File> | null | undefined} files */
  const take = async (files) => {
    const file = [...(files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    if (file.size > MOST_BYTES) {
      say(t('play.too-large'), 'bad');
      return;
    }
    setReading(true);
    try {
      const base64 = await readBase64(file);
      onChange((now) => ({ ...now, picture: { type: file.type, base64 } }));
    } catch {
      say(t('play.unreadable'), 'bad');
    } finally {
      setReading(false);
    }
  };

  const send = () => {
    // What is asked goes with its picture.
    if (!isReading) onSend();
  };
  const stop = () => {
    onStop();
    backToMessage();
  };

  // Two buttons, and not one that changes: the click that stops would find the button that sends under itself.
  return html`<form
    ref=${form}
    class="composer"
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      send();
      backToMessage();
    }}
    onDragOver=${(/** @type {Event} */ event) => {
      event.preventDefault();
    }}
    onDrop=${(/** @type {DragEvent} */ event) => {
      event.preventDefault();
      void take(event.dataTransfer?.files);
    }}
  >
    ${
      draft.picture &&
      html`<div class="composer-picture">
        <img
          class="picture"
          alt=${t('play.picture')}
          src=${`data:${draft.picture.type};base64,${draft.picture.base64}`}
        />
        <${Button}
          kind="quiet"
          icon="close"
          label=${t('play.picture.remove')}
          onClick=${() => {
            onChange((now) => ({ ...now, picture: undefined }));
          }}
        />
      </div>`
    }
    <${Field}
      label=${t('play.message')}
      unseenLabel
      multiline
      rows="3"
      placeholder=${t('play.example')}
      value=${draft.text}
      onText=${(/** @type {string} */ text) => {
        onChange((now) => ({ ...now, text }));
      }}
      onPaste=${(/** @type {ClipboardEvent} */ event) => {
        void take(event.clipboardData?.files);
      }}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        send();
      }}
    />
    <div class="composer-foot">
      <input
        ref=${picker}
        class="unseen"
        type="file"
        accept="image/*"
        tabindex="-1"
        aria-label=${t('play.picture.add')}
        onChange=${(/** @type {any} */ event) => {
          void take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      <${Button} kind="quiet" icon="image" onClick=${() => picker.current?.click()}>${t('play.picture.add')}<//>
      <span class="quiet composer-hint">${t('play.keys')}</span>
      ${
        isRunning || isStopShown
          ? html`<${Button} key="stop" icon="stop" onClick=${stop}>${t('play.stop')}<//>`
          : html`<${Button} key="send" kind="main" type="submit" icon="send" disabled=${isReading}
              >${t('play.send')}<//
            >`
      }
    </div>
  </form>`;
};
