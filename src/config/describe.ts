import { wrapWords } from '../terminal/wrap.ts';
import { SECTIONS, VARIABLES } from './variables.ts';
import type { Variable } from './variables.ts';

/** The variables in words, for `.env.example` and the documentation: one table feeds the start and what is said of it. */

const WIDTH = 110;

export const envExample = (): string => {
  const blocks = [
    '# Settings of gemini-cli-relay. Copy this file to .env, then take away the "#" before a name and set its value.\n' +
      '# Nothing here is required. What is set in the real environment wins over .env.',
  ];
  for (const [section, title] of Object.entries(SECTIONS)) {
    blocks.push(`# ---- ${title} ----`);
    for (const [name, variable] of entries()) {
      if (variable.section !== section) continue;
      const told = defaultOf(variable);
      const lines = wrapWords(variable.meaning + (told === '' ? '' : ` Default: ${told}.`), WIDTH);
      blocks.push(`${lines.map((line) => `# ${line}`).join('\n')}\n#${name}=${shown(variable)}`);
    }
  }
  blocks.push('# ---- Docker Compose (docker-compose.yml reads these, not the relay) ----');
  for (const { name, meaning, value } of OF_COMPOSE) {
    const lines = wrapWords(meaning, WIDTH);
    blocks.push(`${lines.map((line) => `# ${line}`).join('\n')}\n#${name}=${value}`);
  }
  return `${blocks.join('\n\n')}\n`;
};

/** As docker-compose.yml has them. */
const OF_COMPOSE = [
  {
    name: 'PUBLISH_ADDRESS',
    meaning: 'Address of the host on which the port is open: 0.0.0.0 for other machines. Default: 127.0.0.1.',
    value: '127.0.0.1',
  },
  {
    name: 'NODE_IMAGE',
    meaning: 'Image in which the relay is built, from a mirror for example. Default: node:26-bookworm-slim.',
    value: 'node:26-bookworm-slim',
  },
  {
    name: 'RUNTIME_IMAGE',
    meaning: 'Image in which it runs. Default: gcr.io/distroless/cc-debian12:latest.',
    value: 'gcr.io/distroless/cc-debian12:latest',
  },
  {
    name: 'NPM_REGISTRY',
    meaning: 'Registry from which packages come while it is built. Default: that of npm.',
    value: 'https://your-npm-mirror',
  },
] as const;

/** A Markdown table per section. */
export const configurationTables = (): string =>
  Object.entries(SECTIONS)
    .map(([section, title]) => {
      const rows = entries()
        .filter(([, variable]) => variable.section === section)
        .map(([name, variable]) => {
          const told = defaultOf(variable);
          return `| \`${name}\` | ${told === '' ? '–' : told} | ${variable.meaning.replaceAll('|', '\\|')} |`;
        });
      return `## ${title}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    })
    .join('\n');

const entries = (): [string, Variable][] => Object.entries(VARIABLES);

const worded = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? String(value) : '';

const defaultOf = ({ fallback, byDefault }: Variable): string => byDefault ?? worded(fallback);

/** No example holds a key that works. */
const shown = (variable: Variable): string => {
  if (variable.secret) return '';
  return variable.fallback === undefined ? variable.example : defaultOf(variable);
};
