/** What each client is told: `{{BASE}}` the relay's address, `{{MODEL}}` a model, `{{KEY}}` the key, filled in on the page. */

export interface ClientSettings {
  readonly id: string;
  /** As docs/clients.md calls it. */
  readonly name: string;
  readonly group: 'agents' | 'chat' | 'sdk' | 'shell';
  /** The file, or the place in the client's own settings. */
  readonly where: string;
  /** What goes into the one field for an address, where there is one. */
  readonly url?: string;
  readonly language: 'sh' | 'json' | 'toml' | 'yaml' | 'js' | 'py' | 'go' | 'java' | 'text';
  readonly text: string;
}

/** The address for clients of OpenAI's kind. */
export const OPENAI = '{{BASE}}/v1';

/** Fields of a form, one a line. */
export const fields = (...rows: readonly (readonly [string, string])[]): string =>
  rows.map(([label, value]) => `${label}: ${value}`).join('\n');
