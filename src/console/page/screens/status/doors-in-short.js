import { wholeNumber } from '../../lib/format.js';
import { html } from '../../lib/html.js';
import { useLanguage } from '../../lib/language.js';
import { linkTo } from '../../lib/route.js';
import { DoorState, toneOfDoor } from '../../ui/door-state.js';
import { Empty } from '../../ui/notices.js';
import { Panel } from '../../ui/panel.js';
import { State } from '../../ui/state.js';

const MOST = 8;
const ORDER = ['invalid', 'failing', 'cooling', 'off', 'ok'];

/** The doors that need a look, and how many there are of the rest. @param {{ doors: readonly any[] }} props */
export const DoorsInShort = ({ doors }) => {
  const { t, n, tag, named } = useLanguage();
  const counts = Object.entries(Object.groupBy(doors, ({ state }) => state)).map(([state, some]) => ({
    state,
    count: some?.length ?? 0,
  }));
  const first = [...doors].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)).slice(0, MOST);
  const actions = html`<a href=${linkTo('doors')}>${n('doors.all', doors.length)}</a>`;
  return html`<${Panel} title=${t('screen.doors')} actions=${doors.length > 0 && actions} flush>
    ${
      doors.length === 0
        ? html`<${Empty}
            icon="doors"
            title=${t('doors.none')}
            action=${html`<a class="button button-main" href=${linkTo('doors')}>${t('first.door.go')}</a>`}
          >
            ${t('doors.none.text')}
          <//>`
        : html`${
              doors.length > MOST &&
              html`<p class="in-short">
                ${counts.map(
                  ({ state, count }) =>
                    html`<${State} key=${state} tone=${toneOfDoor(state)}
                      >${named('door.state', state) ?? state}: ${wholeNumber(count, tag)}<//
                    >`,
                )}
              </p>`
            }
            <ul class="list">
              ${first.map(
                (door) =>
                  html`<li key=${door.id} class="list-row">
                    <a class="list-name" href=${linkTo('doors', { door: door.id })}>${door.label || door.id}</a>
                    <${DoorState} of=${door} />
                    <${ModelsApart} models=${door.models} />
                  </li>`,
              )}
            </ul>`
    }
  <//>`;
};

/** Models of a door that stand otherwise than the door. @param {{ models: readonly any[] | undefined }} props */
const ModelsApart = ({ models = [] }) => {
  const apart = models.filter(({ state }) => state !== 'ok');
  return apart.length === 0
    ? null
    : html`<ul class="list-below">
        ${apart
          .slice(0, 4)
          .map(
            (one) => html`<li key=${one.model}><span class="mono">${one.model}</span> <${DoorState} of=${one} /></li>`,
          )}
      </ul>`;
};
