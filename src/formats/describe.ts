import type { Family } from './family.ts';

/** The tables of docs/endpoints.md. */
export const endpointTables = (families: readonly Family[]): string => families.map(tableOf).join('\n');

const tableOf = ({ title, base, endpoints }: Family): string => {
  const rows = endpoints.map(
    ({ method, path, query, does }) => `| \`${method} ${path}${query === undefined ? '' : `?${query}`}\` | ${does} |`,
  );
  return `## ${title}\n\nIts clients: ${base}.\n\n| address | answers |\n| --- | --- |\n${rows.join('\n')}\n`;
};
