import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';
import { State } from './state.js';
import { Time } from './time.js';

/** @type {Readonly<Record<string, import('./state.js').Tone>>} */
const TONES = { ok: 'good', cooling: 'warn', failing: 'warn', invalid: 'bad', off: 'off' };

/** @param {string | null | undefined} state */
export const toneOfDoor = (state) => TONES[state ?? ''] ?? 'info';

/**
 * How a door is, or one of its models: state, why, and for how long.
 *
 * @param {{ of: { state: string, cause?: string | null, until?: string | null } }} props
 */
export const DoorState = ({ of: { state, cause, until } }) => {
  const { t, named } = useLanguage();
  return html`<span class="door-state">
    <${State} tone=${toneOfDoor(state)}>${named('door.state', state) ?? state}<//>
    ${cause && html`<span class="quiet">${named('cause', cause) ?? cause}</span>`}
    ${until && html`<span class="quiet">${t('door.until')} <${Time} at=${until} /></span>`}
  </span>`;
};
