/** What stands around each screen: the way to the others. */
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { useConsole } from '../lib/console.js';
import { GONE, whyNotLoaded } from '../lib/release.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { linkTo, useRoute } from '../lib/route.js';
import { SCREENS } from '../screens/index.js';
import { Button } from './button.js';
import { Icon } from './icon.js';
import { Mark } from './mark.js';
import { Loading, Notice, Trouble } from './notices.js';
import { Preferences } from './preferences.js';

const GROUPS = /** @type {const} */ (['watch', 'steer', 'try']);

/** @param {{ onLanguage: (code: import('../lib/language.js').LanguageCode) => void }} props */
export const Shell = ({ onLanguage }) => {
  const { t } = useLanguage();
  const { api } = useConsole();
  const route = useRoute();
  const screen = SCREENS.find(({ id }) => id === route.screen) ?? SCREENS[0];
  const [isMenuOpen, setMenuOpen] = useState(false);
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const before = useRef(screen.id);

  useEffect(() => {
    document.title = `${t(`screen.${screen.id}`)} · gemini-cli-relay`;
    if (before.current === screen.id) return;
    before.current = screen.id;
    setMenuOpen(false);
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [screen.id, t]);

  return html`<div class="shell">
    <a
      class="skip"
      href="#main"
      onClick=${(/** @type {Event} */ event) => {
        event.preventDefault();
        main.current?.focus();
      }}
      >${t('skip')}</a
    >
    <div class="topbar">
      <${Mark} named />
      <${Button}
        kind="quiet"
        icon=${isMenuOpen ? 'close' : 'menu'}
        label=${t('menu')}
        aria-expanded=${String(isMenuOpen)}
        aria-controls="side"
        onClick=${() => {
          setMenuOpen(!isMenuOpen);
        }}
      />
    </div>
    <div class=${`side${isMenuOpen ? ' side-open' : ''}`} id="side">
      <div class="side-mark"><${Mark} named /></div>
      <nav aria-label=${t('screens')}>
        ${GROUPS.map(
          (group) =>
            html`<ul key=${group} aria-label=${t(`group.${group}`)}>
              ${SCREENS.filter((one) => one.group === group).map(
                ({ id }) =>
                  html`<li key=${id}>
                    <a
                      href=${linkTo(id)}
                      aria-current=${id === screen.id ? 'page' : undefined}
                      onClick=${() => {
                        setMenuOpen(false);
                      }}
                      ><${Icon} name=${id} />${t(`screen.${id}`)}</a
                    >
                  </li>`,
              )}
            </ul>`,
        )}
      </nav>
      <div class="side-foot">
        <${Preferences} onLanguage=${onLanguage} />
        <${Button}
          kind="quiet"
          icon="leave"
          onClick=${() => {
            void api.close();
          }}
          >${t('sign.out')}<//
        >
      </div>
    </div>
    <main id="main" tabindex="-1" ref=${main} class=${`main main-${screen.id}`}>
      <${Screen} key=${screen.id} screen=${screen} query=${route.query} />
    </main>
  </div>`;
};

/** @param {{ screen: typeof SCREENS[number], query: URLSearchParams }} props */
const Screen = ({ screen, query }) => {
  const { t } = useLanguage();
  const [View, setView] = useState(() => known.get(screen.id));
  const [trouble, setTrouble] = useState(/** @type {unknown} */ (undefined));
  // An error while one screen is drawn leaves the way to the others.
  const [broken, drawAgain] = useErrorBoundary((error) => {
    reportError(error);
  });
  const isShown = useRef(true);
  const load = async () => {
    setTrouble(undefined);
    try {
      const loaded = await screen.load();
      known.set(screen.id, loaded);
      if (isShown.current) setView(() => loaded);
    } catch {
      const why = await whyNotLoaded();
      if (isShown.current) setTrouble(why);
    }
  };
  useEffect(() => {
    if (!View) void load();
    return () => {
      isShown.current = false;
    };
  }, []);
  if (broken !== undefined) return html`<${Trouble} error=${broken} onRetry=${drawAgain} />`;
  if (trouble === GONE) {
    const action = html`<${Button}
      onClick=${() => {
        location.reload();
      }}
      >${t('reload')}<//
    >`;
    return html`<${Notice} tone="warn" action=${action}>${t('trouble.gone')}<//>`;
  }
  if (trouble !== undefined) return html`<${Trouble} error=${trouble} onRetry=${() => void load()} />`;
  return View ? html`<${View} query=${query} />` : html`<${Loading} lines=${6} />`;
};

/** Screens that are here already are shown at once. @type {Map<string, any>} */
const known = new Map();
