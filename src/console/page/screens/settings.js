import { useMemo, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { useRelayWords } from '../lib/relay-words.js';
import { useResource } from '../lib/resource.js';
import { Check, Field } from '../ui/field.js';
import { Empty, Loading, Shown } from '../ui/notices.js';
import { Panel, ScreenHead } from '../ui/panel.js';
import { SettingRow } from './settings/row.js';

/** @typedef {import('../lib/answers.d.ts').Setting} Setting */

const EVERY_MS = 15_000;

/** Each setting: what it is, where it comes from, and whether it can be changed here. @param {{ query: URLSearchParams }} props */
export const Settings = ({ query }) => {
  const { t } = useLanguage();
  const inWords = useRelayWords();
  const settings = useResource('settings', { everyMs: EVERY_MS });
  const [sought, seek] = useState(query.get('find') ?? '');
  const [isOwnOnly, setOwnOnly] = useState(false);
  const all = useMemo(() => {
    const told = /** @type {readonly Setting[]} */ (settings.value?.settings ?? []);
    return inWords ? told.map((one) => inWordsOf(one, inWords)) : [];
  }, [settings.value, inWords]);
  const sections = useMemo(() => {
    const word = sought.trim().toLowerCase();
    const fitting = all.filter(
      ({ name, meaning, origin }) =>
        `${name} ${meaning}`.toLowerCase().includes(word) && (!isOwnOnly || origin !== 'default'),
    );
    return Object.entries(Object.groupBy(fitting, ({ section_title: title }) => title));
  }, [all, sought, isOwnOnly]);
  const changed = (/** @type {unknown} */ value) => {
    settings.change(() => value);
    // What is on its way from before the change would undo it in sight.
    void settings.reload();
  };

  return html`<${ScreenHead} title=${t('screen.settings')} note=${t('settings.note')} />
    <div class="filters" role="search" aria-label=${t('filters')}>
      <${Field}
        label=${t('settings.seek')}
        unseenLabel
        type="search"
        placeholder=${t('settings.seek')}
        value=${sought}
        onText=${seek}
      />
      <${Check} label=${t('settings.own')} checked=${isOwnOnly} onChange=${setOwnOnly} />
    </div>
    <${Shown} of=${settings} lines=${10}>
      ${() =>
        inWords === undefined
          ? html`<${Loading} lines=${10} />`
          : sections.length === 0
            ? html`<${Panel} flush><${Empty} icon="search" title=${t('settings.none')} /><//>`
            : sections.map(
                ([section, some]) =>
                  html`<${Panel} key=${section} title=${section} flush>
                    <ul class="list">
                      ${some?.map(
                        (one) =>
                          html`<${SettingRow} key=${one.name} of=${one} inWords=${inWords} onChanged=${changed} />`,
                      )}
                    </ul>
                  <//>`,
              )}
    <//>`;
};

/** @param {Setting} setting @param {(text: string) => string} inWords @returns {Setting} */
const inWordsOf = (setting, inWords) => ({
  ...setting,
  meaning: inWords(setting.meaning),
  section_title: inWords(setting.section_title),
  by_default: setting.by_default && inWords(setting.by_default),
  problem: setting.problem && inWords(setting.problem),
});
