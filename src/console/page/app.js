/** The page: language, session, and the screen that the address names. */
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { createApi } from './lib/api.js';
import { ConsoleContext } from './lib/console.js';
import { html } from './lib/html.js';
import { keepLanguage, LanguageContext, loadLanguage, preferredLanguage } from './lib/language.js';
import { createLive } from './lib/live.js';
import { GONE, whyNotLoaded } from './lib/release.js';
import { showTheme } from './lib/theme.js';
import { sentenceOf } from './lib/trouble.js';
import { SignIn } from './screens/sign-in.js';
import { Secret } from './ui/secret.js';
import { Shell } from './ui/shell.js';
import { Sayings, SayingsContext, useSayings } from './ui/sayings.js';

/** @param {{ first: import('./lib/language.js').Language }} props */
const App = ({ first }) => {
  const [language, setLanguage] = useState(first);
  const [isOpen, setOpen] = useState(false);
  const { said, say } = useSayings();
  const [made, setMade] = useState(/** @type {import('./lib/answers.d.ts').MadeKey | undefined} */ (undefined));
  const api = useMemo(
    () =>
      createApi({
        onEnd: () => {
          setOpen(false);
        },
      }),
    [],
  );
  const shared = useMemo(() => ({ api, live: createLive(api), say, showSecret: setMade }), [api, say]);
  useEffect(() => {
    setOpen(api.isOpen());
  }, [api]);
  useEffect(() => {
    document.documentElement.lang = language.tag;
  }, [language]);

  /** @param {import('./lib/language.js').LanguageCode} code */
  const choose = async (code) => {
    try {
      const loaded = await loadLanguage(code);
      keepLanguage(code);
      setLanguage(loaded);
    } catch {
      // The choice shows the former one again.
      setLanguage({ ...language });
      const why = await whyNotLoaded();
      say(why === GONE ? language.t('trouble.gone') : sentenceOf(why, language), 'bad');
    }
  };

  return html`<${LanguageContext.Provider} value=${language}>
    <${ConsoleContext.Provider} value=${shared}>
      <${SayingsContext.Provider} value=${said}>
        ${
          isOpen || api.isOpen()
            ? html`<${Shell} onLanguage=${choose} />`
            : html`<${SignIn}
                onLanguage=${choose}
                onOpen=${() => {
                  setOpen(true);
                }}
              />`
        }
        ${
          made &&
          html`<${Secret}
            made=${made}
            onClose=${() => {
              setMade(undefined);
            }}
          />`
        }
        <${Sayings} />
      <//>
    <//>
  <//>`;
};

showTheme();
const root = document.getElementById('app');
if (root) render(html`<${App} first=${await loadLanguage(preferredLanguage())} />`, root);
