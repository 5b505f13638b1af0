/** What stands in deploy/ for several relays sets only what there is, and keeps to what docs/scale.md promises. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VARIABLES } from '../../src/config/variables.ts';
import { readPage } from './page.ts';

const compose = readPage('deploy/scale/compose.yml');
const nginx = readPage('deploy/scale/nginx.conf');
const deployment = readPage('deploy/kubernetes/deployment.yaml');
const kustomization = readPage('deploy/kubernetes/kustomization.yaml');

test('settings by the names that the relay has', () => {
  const settings = /&settings\n((?: {4}\w+: .*\n)+)/.exec(compose)?.[1] ?? '';
  const names = [
    ...[...settings.matchAll(/^ {4}(\w+):/gm)].map(([, name]) => name),
    ...[...kustomization.matchAll(/^ {6}- (\w+)=/gm)].map(([, name]) => name),
    ...[...readPage('docs/scale.md').matchAll(/--from-literal=(\w+)=/g)].map(([, name]) => name),
  ];
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name = '') => !(name in VARIABLES))).toEqual([]);
});

test('all time that a relay may take at its end is given to it', () => {
  const graceMs = Number(/SHUTDOWN_GRACE_MS=(\d+)/.exec(kustomization)?.[1]);
  const preStop = Number(/sleep: \{ seconds: (\d+) \}/.exec(deployment)?.[1]);
  const all = Number(/terminationGracePeriodSeconds: (\d+)/.exec(deployment)?.[1]);
  expect(all).toBeGreaterThanOrEqual(preStop + graceMs / 1000 + 5);
  const stops = [...compose.matchAll(/stop_grace_period: (\d+)s/g)].map(([, seconds]) => Number(seconds));
  expect(stops).toHaveLength(2);
  for (const seconds of stops) expect(seconds).toBeGreaterThan(VARIABLES.SHUTDOWN_GRACE_MS.fallback / 1000 + 5);
});

test('each file of the kustomization is there, and each that is there is in it', () => {
  const listed = [...kustomization.matchAll(/^ {2}- ([\w-]+\.yaml)$/gm)].map(([, file]) => file).sort();
  const there = readdirSync(new URL('../../deploy/kubernetes', import.meta.url)).filter(
    (file) => file !== 'kustomization.yaml',
  );
  expect(listed).toEqual(there.sort());
});

test('nginx gathers nothing, passes upgrades, and repeats no question that has begun', () => {
  for (const line of ['proxy_buffering off;', 'proxy_request_buffering off;', 'gzip off;', 'client_max_body_size 0;']) {
    expect(nginx).toContain(line);
  }
  expect(nginx).toContain('proxy_set_header Upgrade $http_upgrade;');
  const next = /proxy_next_upstream (.*);/.exec(nginx)?.[1];
  expect(next).toBe('error timeout');
  const readSeconds = Number(/proxy_read_timeout (\d+)s/.exec(nginx)?.[1]);
  expect(readSeconds * 1000).toBeGreaterThanOrEqual(VARIABLES.REQUEST_TIMEOUT_MS.fallback);
});
