/** What stands in deploy/ for several relays sets only what there is, and keeps to what docs/scale.md promises. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
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

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

interface Label {
  readonly includeSelectors?: boolean;
  readonly includeTemplates?: boolean;
  readonly fields?: readonly { readonly kind: string; readonly path: string; readonly create: boolean }[];
  readonly pairs: Readonly<Record<string, string>>;
}

const { labels, configMapGenerator, images } = parse(kustomization) as {
  readonly labels: readonly Label[];
  readonly configMapGenerator: readonly { readonly name: string }[];
  readonly images: readonly { readonly name: string }[];
};

type Field = Record<string, unknown>;

const putAt = (target: Field, path: string, pairs: Label['pairs']): void => {
  const place = path.split('/').reduce<Field>((at, name) => (at[name] ??= {}) as Field, target);
  Object.assign(place, pairs);
};

/** Where kustomize puts a label into a manifest of this kind. `includeSelectors` is not played: it is not to be used. */
const placesOf = ({ includeTemplates = false, fields = [] }: Label, kind: string): readonly string[] => [
  'metadata/labels',
  ...(includeTemplates && kind === 'Deployment' ? ['spec/template/metadata/labels'] : []),
  ...fields.filter((field) => field.kind === kind).map(({ path }) => path),
];

/** What a cluster is given, with the labels that kustomize adds. */
const manifests = (): readonly Manifest[] =>
  readdirSync(new URL('../../deploy/kubernetes', import.meta.url))
    .filter((file) => file !== 'kustomization.yaml')
    .flatMap((file) => parseAllDocuments(readPage(`deploy/kubernetes/${file}`)))
    .map((document) => {
      expect(document.errors).toEqual([]);
      const manifest = document.toJS() as Manifest;
      for (const label of labels) {
        for (const path of placesOf(label, manifest.kind)) putAt(manifest as unknown as Field, path, label.pairs);
      }
      return manifest;
    });

test('all carry the label, and whom a network policy names is whom the file names', () => {
  const [label] = labels;
  // It goes into every selector that there is: clients and databases would have to carry the relays' own label.
  expect(label?.includeSelectors ?? false).toBe(false);
  const specOf = (kind: string) => manifests().find((one) => one.kind === kind)?.spec;
  expect(specOf('Deployment')).toMatchObject({
    selector: { matchLabels: label?.pairs },
    template: { metadata: { labels: label?.pairs } },
  });
  expect(specOf('Service')).toMatchObject({ selector: label?.pairs });
  const client = { matchLabels: { 'gemini-cli-relay/client': 'true' } };
  const store = { matchLabels: { 'gemini-cli-relay/store': 'true' } };
  const { ingress, egress } = specOf('NetworkPolicy') as Readonly<Record<'ingress' | 'egress', readonly object[]>>;
  expect(ingress).toMatchObject([{ from: [{ namespaceSelector: client }, { podSelector: client }] }]);
  expect(egress.at(-1)).toMatchObject({ to: [{ podSelector: store }, { namespaceSelector: store }] });
});

test('manifests are what Kubernetes knows, under one name, and speak of the same port, secret and volumes', () => {
  const all = manifests();
  expect(all.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort()).toEqual([
    'apps/v1 Deployment',
    'networking.k8s.io/v1 NetworkPolicy',
    'policy/v1 PodDisruptionBudget',
    'v1 Service',
  ]);
  expect(new Set(all.map(({ metadata }) => metadata.name))).toEqual(new Set(['gemini-cli-relay']));
  const specOf = (kind: string) => all.find((one) => one.kind === kind)?.spec;
  const [label] = labels;
  expect(specOf('PodDisruptionBudget')).toEqual({ maxUnavailable: 1, selector: { matchLabels: label?.pairs } });
  expect(specOf('NetworkPolicy')).toMatchObject({
    podSelector: { matchLabels: label?.pairs },
    policyTypes: ['Ingress', 'Egress'],
  });
  expect(specOf('Service')).toMatchObject({ ports: [{ targetPort: 'http' }] });
  const probe = { httpGet: { path: '/livez', port: 'http' } };
  const container = {
    image: images[0]?.name,
    ports: [{ name: 'http', containerPort: 8888 }],
    envFrom: [{ configMapRef: { name: configMapGenerator[0]?.name } }, { secretRef: { name: 'gemini-cli-relay' } }],
    ...{ startupProbe: probe, readinessProbe: probe, livenessProbe: probe },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
  expect(specOf('Deployment')).toMatchObject({
    strategy: { rollingUpdate: { maxUnavailable: 0 } },
    template: {
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000 },
        containers: [container],
        volumes: [{ name: 'data' }, { name: 'tmp' }],
      },
    },
  });
});

test('the relays of compose.yml are built and set as the one of docker-compose.yml', () => {
  interface Relay {
    readonly build: { readonly args: object };
    readonly env_file: readonly { readonly path: string; readonly required: boolean }[];
  }
  const relayIn = (text: string, name: string): Relay => {
    const { services } = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, Relay>> };
    const relay = services[name];
    if (!relay) throw new Error(`there is no ${name}`);
    return relay;
  };
  const one = relayIn(readPage('docker-compose.yml'), 'relay');
  for (const name of ['relay-1', 'relay-2']) {
    const { build, env_file } = relayIn(compose, name);
    expect(build.args).toEqual(one.build.args);
    expect(env_file).toEqual(one.env_file.map(({ path, required }) => ({ path: `../../${path}`, required })));
  }
});

test('nobody is told to ask for metrics without a key', () => {
  expect(deployment).not.toContain('prometheus.io/');
  expect(readPage('docs/scale.md')).toMatch(/kubernetes_sd_configs:[^`]*authorization:\n +credentials: .*METRICS_KEY/);
});

test('what compose.yml starts depends only on what it starts, in networks and volumes that it has', () => {
  interface Service {
    readonly image: string;
    readonly networks?: readonly string[];
    readonly volumes?: readonly string[];
    readonly depends_on?: Readonly<Record<string, string | { readonly condition: string }>>;
    readonly healthcheck?: object;
  }
  const file = parse(compose, { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly networks: Readonly<Record<string, unknown>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  };
  expect(Object.keys(file.services)).toEqual(['relay-1', 'relay-2', 'nginx', 'valkey', 'postgres']);
  for (const service of Object.values(file.services)) {
    for (const network of service.networks ?? []) expect(file.networks).toHaveProperty(network);
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (!from.startsWith('.')) expect(file.volumes).toHaveProperty(from);
    }
    for (const [key, value] of Object.entries(service.depends_on ?? {})) {
      const name = typeof value === 'string' ? value : key;
      expect(file.services).toHaveProperty(name);
      if (typeof value !== 'string' && value.condition === 'service_healthy') {
        expect(file.services[name]).toHaveProperty('healthcheck');
      }
    }
  }
});
