import { useState } from 'preact/hooks';
import { ApiError } from '../../lib/api.js';
import { useAction } from '../../lib/action.js';
import { useConsole } from '../../lib/console.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { useRelayWords } from '../../lib/relay-words.js';
import { fieldSentenceOf } from '../../lib/trouble.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { changesOf, EMPTY, KeyForm } from './form.js';

/** @param {{ taken: readonly string[], onMade: () => void, onClose: () => void }} props */
export const NewKey = ({ taken, onMade, onClose }) => {
  const language = useLanguage();
  const { t } = language;
  const inWords = useRelayWords();
  const { api, showSecret } = useConsole();
  const [draft, setDraft] = useState(EMPTY);
  const [wrong, setWrong] = useState(/** @type {{ param?: string, message: string } | undefined} */ (undefined));
  const make = useAction(async () => {
    const name = (draft['name'] ?? '').trim();
    if (!NAME.test(name)) {
      setWrong({ param: 'name', message: t('key.name.hint') });
      return;
    }
    if (taken.includes(name)) {
      setWrong({ param: 'name', message: t('key.name.taken') });
      return;
    }
    try {
      showSecret(await api.send('POST', 'keys', { name, ...changesOf({ ...draft, name: '' }, EMPTY) }));
    } catch (error) {
      if (!(error instanceof ApiError) || !error.param) throw error;
      setWrong({ param: error.param, message: fieldSentenceOf(error, language, inWords) });
      return;
    }
    onMade();
    onClose();
  });

  return html`<${Dialog}
    title=${t('keys.new')}
    onClose=${onClose}
    stays
    actions=${html`<${Button} onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind="main" type="submit" form="new-key" isBusy=${make.isBusy}>${t('keys.make')}<//>`}
  >
    <${KeyForm}
      id="new-key"
      isNew
      draft=${draft}
      wrong=${wrong}
      onSubmit=${() => void make.run()}
      onChange=${(/** @type {typeof draft} */ changed) => {
        setDraft(changed);
        setWrong(undefined);
      }}
    />
  <//>`;
};

const NAME = /^[\w.-]{1,64}$/;
