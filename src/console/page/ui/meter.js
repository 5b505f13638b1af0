import { html } from '../lib/html.js';

/**
 * How much of something, as a bar. Drawn, so that its length is an attribute and no style.
 *
 * @param {{ share: number, label: string, text?: string, tone?: 'good' | 'warn' | 'bad' | 'info' }} props `share`: 0 to 1.
 */
export const Meter = ({ share, label, text, tone = 'info' }) => {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return html`<svg
    class=${`meter meter-${tone}`}
    role="meter"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(width)}
    aria-valuetext=${text}
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
  >
    <rect class="meter-ground" width="100" height="6" rx="1" />
    <rect class="meter-bar" width=${width} height="6" rx="1" />
  </svg>`;
};

/** What is left: the less, the louder. @param {number} left */
export const toneOfRest = (left) => (left <= 0.1 ? 'bad' : left <= 0.25 ? 'warn' : 'good');
