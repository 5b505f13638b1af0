import { html } from '../../lib/html.js';
import { State } from '../../ui/state.js';

/** @typedef {Pick<import('../../lib/answers.d.ts').RequestRow, 'status' | 'reason'>} Row */

const CLIENT_LEFT = 499;

/** @param {Row} row @returns {import('../../ui/state.js').Tone} */
export const toneOfRequest = ({ status, reason }) => {
  if (status === CLIENT_LEFT && (reason === null || reason === 'client_closed')) return 'off';
  if (status >= 500) return 'bad';
  if (status >= 400) return 'warn';
  return reason ? 'bad' : 'good';
};

/** @param {{ row: Row }} props */
export const RequestState = ({ row }) => html`<${State} tone=${toneOfRequest(row)}>${row.status}<//>`;

/** One sentence. @param {Row} row @param {import('../../lib/language.js').Language} language */
export const whatHappened = ({ status, reason }, { t, named }) => {
  if (toneOfRequest({ status, reason }) === 'good') return t('request.fine');
  const name = reason ?? (status === CLIENT_LEFT ? 'client_closed' : undefined);
  return (name && named('reason', name)) ?? name ?? t('request.failed', { status: String(status) });
};

/** What to do about it; undefined where nothing is to be done. @param {any} row @param {import('../../lib/language.js').Language} language */
export const whatToDo = ({ reason }, { named }) => (reason ? named('fix', reason) : undefined);
