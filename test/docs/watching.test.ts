/** Dashboard and alerts ask only for what there is, in a way that makes sense of it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/names.ts';
import type { MetricName } from '../../src/metrics/names.ts';
import { scrape } from '../metrics/scrape.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import { readPage } from './page.ts';
import { readQuery } from './queries.ts';

const OURS: Readonly<Record<string, MetricName>> = METRICS;
const RANGES = new Set(['rate', 'increase', 'min_over_time']);
/** Prometheus adds them. */
const EVERYWHERE = ['instance', 'job'];

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readPage('docs/grafana-dashboard.json')) as { readonly panels: readonly Panel[] };
const charts = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({
    title,
    expr,
    named: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
  })),
);
const rules = readPage('docs/alerts.yml')
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => ({
    title: /^\w+/.exec(text)?.[0] ?? '',
    expr: /^ {8}expr: (.+)$/m.exec(text)?.[1] ?? '',
    named: [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
  }));

let node: ReadonlyMap<string, string>;
beforeAll(async () => {
  const relay = await startRelay();
  node = (await scrape(relay, RELAY_KEY)).families;
  await relay.close();
});

const PART = /_(?:bucket|sum|count)$/;

const labelsOf = (name: string): readonly string[] => {
  const family = OURS[name.replace(PART, '')];
  const known = OURS[name] ?? (family?.kind === 'histogram' ? family : undefined);
  if (known) return [...known.labels, ...(name.endsWith('_bucket') ? ['le'] : []), ...EVERYWHERE];
  if (!node.has(name)) throw new Error(`there is no metric ${name}`);
  return EVERYWHERE;
};

const onlyGrows = (name: string): boolean => PART.test(name) || (OURS[name]?.kind ?? node.get(name)) === 'counter';

describe.each([
  ['grafana-dashboard.json', charts],
  ['alerts.yml', rules],
])('%s', (_file, queries) => {
  test('has some', () => {
    expect(queries.length).toBeGreaterThan(5);
  });

  test.each(queries)('$title: $expr', ({ expr, named }) => {
    const { selectors, groupedBy } = readQuery(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { name, labels, isRange, within = '' } of selectors) {
      for (const label of [...labels, ...groupedBy]) expect(labelsOf(name), `${label} of ${name}`).toContain(label);
      expect(isRange, `${name} within ${within}`).toBe(RANGES.has(within));
      if (within === 'rate' || within === 'increase') expect(onlyGrows(name), `${within} of ${name}`).toBe(true);
      if (onlyGrows(name)) expect(isRange, `${name} only ever grows`).toBe(true);
    }
    for (const label of named) expect(groupedBy, `its words name ${label}`).toContain(label);
  });
});

test('who may not be woken for nothing is woken for these', () => {
  const wanted = ['RelayLoginLost', 'RelayAllDoorsClosed', 'RelayStoreDropping', 'RelayErrors', 'RelayQuotaLow'];
  expect(rules.map(({ title }) => title)).toEqual(expect.arrayContaining(wanted));
});

test.each([
  'sum(rate(relay_requests_total[5m])',
  'sum(a))',
  'summe(a)',
  'a{b=c}',
  'rate(a[5x])',
  'sum by a (b)',
  'a b',
])('a query that Prometheus would refuse is refused here: %s', (expression) => {
  expect(() => {
    for (const { name } of readQuery(expression).selectors) labelsOf(name);
  }).toThrow();
});
