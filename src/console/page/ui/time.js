import { useNow } from '../lib/clock.js';
import { exactTime, relativeTime } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useLanguage } from '../lib/language.js';

/** How long ago or ahead; the exact time when pointed at. @param {{ at: string | null | undefined, none?: string }} props */
export const Time = ({ at, none = '–' }) => {
  const { tag } = useLanguage();
  const now = useNow();
  const time = at ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) return html`<span class="quiet">${none}</span>`;
  return html`<time datetime=${at} title=${exactTime(time, tag)}>${relativeTime(time, now, tag)}</time>`;
};
