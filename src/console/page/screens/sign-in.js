import { useState } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useRelayWords } from '../lib/relay-words.js';
import { sentenceOf } from '../lib/trouble.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { Mark } from '../ui/mark.js';
import { Preferences } from '../ui/preferences.js';

/** @param {{ onOpen: () => void, onLanguage: (code: import('../lib/language.js').LanguageCode) => void }} props */
export const SignIn = ({ onOpen, onLanguage }) => {
  const { api } = useConsole();
  const language = useLanguage();
  const { t } = language;
  // Which key it would take, the relay says itself; its words may come after the answer.
  const inWords = useRelayWords() ?? ((/** @type {string} */ text) => text);
  const [key, setKey] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState(/** @type {string | undefined} */ (undefined));

  /** @param {Event} event */
  const open = async (event) => {
    event.preventDefault();
    if (key.trim() === '') {
      setTrouble(t('sign.empty'));
      return;
    }
    setBusy(true);
    try {
      await api.open(key.trim());
      onOpen();
    } catch (error) {
      setTrouble(sentenceOf(error, language));
      setBusy(false);
    }
  };

  return html`<main class="sign">
    <form class="sign-box" onSubmit=${open} novalidate>
      <${Mark} />
      <h1>gemini-cli-relay</h1>
      <p class="quiet">${t('sign.text')}</p>
      <${Field}
        label=${t('sign.key')}
        type="password"
        autocomplete="current-password"
        autofocus
        value=${key}
        error=${trouble && inWords(trouble)}
        hint=${t('sign.hint')}
        onText=${(/** @type {string} */ text) => {
          setKey(text);
          setTrouble(undefined);
        }}
      />
      <${Button} type="submit" kind="main" isBusy=${isBusy}>${t('sign.in')}<//>
    </form>
    <${Preferences} onLanguage=${onLanguage} />
  </main>`;
};
