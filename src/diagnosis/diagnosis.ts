/** All checks, started together, told in a fixed order. */
import type { Environment } from '../config.ts';
import type { System } from '../system.ts';
import { readVersion } from '../version.ts';
import { checkAccount, checkToken, checkUpstream, generateDirectly } from './account-checks.ts';
import { toChecks } from './causes.ts';
import { after, fail, isWell, restingOn, skip } from './check.ts';
import type { Check, Finding } from './check.ts';
import type { RunCommand } from './commands.ts';
import { checkCredentials, checkLoginPort, checkScopes, LOGIN_AGAIN } from './credential-checks.ts';
import { checkContainer, checkDocker } from './docker-checks.ts';
import { checkDoors, servedDoors } from './door-checks.ts';
import { checkEnvFile } from './env-file-check.ts';
import { gatherFacts } from './facts.ts';
import type { Facts } from './facts.ts';
import { openGoogle } from './google.ts';
import { createTimed, LIMITS } from './limits.ts';
import type { Limits } from './limits.ts';
import { checkClientKey, checkModels, checkNode, checkSettings } from './local-checks.ts';
import { checkClock, checkDns, checkProxy, checkReach, failsAlike, isUnresolved } from './network-checks.ts';
import type { Reached, Resolved } from './network-checks.ts';
import { createRelayClient } from './relay-client.ts';
import {
  checkEndpoint,
  checkHealth,
  checkLive,
  checkService,
  checkVersion,
  checkWay,
  checkWrongKey,
  ENDPOINTS,
  generateThroughRelay,
  WAYS,
} from './service-checks.ts';
import type { Service, Way } from './service-checks.ts';

export interface DiagnosisNeeds {
  readonly env: Environment;
  readonly envFile: string;
  readonly geminiHome: string;
  readonly system: System;
  readonly run: RunCommand;
  /** Ask for a real generation, which counts against the account's quota. */
  readonly generate: boolean;
  readonly nodeVersion?: string;
  readonly limits?: Limits;
}

export interface Diagnosis {
  readonly facts: Facts;
  /** How many checks there are, and how many of them have ended. */
  readonly total: number;
  readonly done: () => number;
  /** In the order in which they are told. Never rejects. */
  readonly checks: Promise<readonly Check[]>;
  close(): Promise<void>;
}

export const startDiagnosis = async (needs: DiagnosisNeeds): Promise<Diagnosis> => {
  const { env, system, run, limits = LIMITS } = needs;
  const facts = await gatherFacts(needs);
  const google = openGoogle(facts, system, limits.checkMs);
  const relay = createRelayClient(facts.config.listen);
  const timed = createTimed(limits);
  const now = (): number => system.now();
  const asking = { facts, google, system };
  const serving = { relay, key: facts.keys[0]?.value, run };

  const node = checkNode(needs.nodeVersion ?? process.version);
  const envFile = checkEnvFile(facts, env);
  const credentials = checkCredentials(facts, now());
  const upstream = restingOn(checkUpstream(asking), 'credentials');

  const dns: Promise<Resolved> = timed(() => checkDns(google, facts.config));
  const reach = async (url: string | undefined, without: Finding): Promise<Reached> => {
    if (url === undefined) return without;
    const reached = await timed((signal) => checkReach(google, url, now, signal));
    return isWell(reached) || !isUnresolved(url, await dns) ? reached : restingOn(reached, 'dns');
  };
  const tokenEndpoint = reach(google.tokenUrl, skip('no token endpoint is in use'));
  const endpoint = Promise.all([
    tokenEndpoint,
    reach(google.endpoint, restingOn(skip('no door is open'), 'upstream')),
  ]).then(([one, other]) =>
    failsAlike(one, other, [google.tokenUrl, google.endpoint]) ? restingOn(other, 'token-endpoint') : other,
  );
  const clock = Promise.all([tokenEndpoint, endpoint]).then(checkClock);

  // Credentials that lack something may still hold a token that works for now.
  const tryable = isWell(credentials) || facts.credentials.stored.kind === 'oauth';
  const token = tryable
    ? timed((signal) => checkToken(asking, signal), LOGIN_AGAIN).then((finding) => restingOn(finding, 'token-endpoint'))
    : done(restingOn(skip('there are no credentials to try'), 'credentials'));
  const scopes = token.then(() => checkScopes(facts));
  const account = token.then((finding) => {
    if (!isWell(upstream)) return after('upstream');
    if (!isWell(finding) || !tryable) return after('token-refresh', 'credentials');
    const asked = timed(
      (signal) => checkAccount(asking, signal),
      'Check the account, the project and the key at Google.',
    );
    return asked.then((answer) => restingOn(answer, 'upstream-endpoint'));
  });

  const service: Promise<Service> = timed((signal) => checkService(serving, signal), 'Restart the relay.');
  const onRelay = (task: (signal: AbortSignal) => Promise<Finding>): Promise<Finding> =>
    service.then((finding) => (isWell(finding) ? timed(task, 'Look into the log of the relay.') : after('service')));
  const bearer = onRelay((signal) => checkWay('bearer', serving, signal));
  /** A key that was refused once is not tried a dozen times: the relay would take it for guessing. */
  const withKey: typeof onRelay = (task) =>
    bearer.then((finding) => (isWell(finding) ? onRelay(task) : after('auth-bearer')));
  const generate = async (): Promise<Finding> => {
    if (!needs.generate) return skip('not asked for: npm run health -- --generate');
    if (isWell(await service)) return withKey((signal) => generateThroughRelay(serving, signal));
    const ways = [(await account).status, (await doors).status];
    if (!ways.includes('pass')) return after('account', 'doors', 'upstream');
    return timed((signal) => generateDirectly(asking, signal));
  };
  /** What a relay that serves knows of its doors is a help, no need. */
  const served = bearer
    .then(async (finding) => {
      if (!isWell(finding) || serving.key === undefined) return [];
      const headers = { authorization: `Bearer ${serving.key}` };
      return servedDoors((await relay.ask('/health', { headers }, AbortSignal.timeout(limits.checkMs))).json);
    })
    .catch(() => []);
  const doors = Promise.all([token, served]).then(([, known]) =>
    timed(
      (signal) => checkDoors({ control: google.door.control, served: known, limitMs: limits.checkMs * 0.8 }, signal),
      'Check the accounts, the projects and the keys at Google.',
    ),
  );
  const docker = checkDocker(run);
  const container = Promise.all([docker, service]).then(([engine, served]) =>
    engine.status === 'pass' ? checkContainer(run, isWell(served)) : skip('there is no Docker to ask'),
  );
  /** A container keeps its login to itself: that there is none in this folder is no fault then. */
  const orInContainer = async (finding: Finding): Promise<Finding> => {
    if (isWell(finding) || facts.credentials.stored.kind !== 'missing' || facts.decision.name !== 'none')
      return finding;
    const served = isWell(await service) && (await container).status === 'pass';
    return served ? skip('no login in this folder; the container has its own', ASK_INSIDE) : finding;
  };

  const findings: Readonly<Record<string, Finding | Promise<Finding>>> = {
    node,
    'env-file': envFile,
    settings: checkSettings(facts),
    'client-key': keyStopsTheStart(facts) ? restingOn(checkClientKey(facts), 'settings') : checkClientKey(facts),
    models: checkModels(facts),
    credentials: orInContainer(credentials),
    'login-port': timed((signal) => checkLoginPort(!isWell(credentials), run, signal)),
    proxy: checkProxy(facts.config, facts.env),
    dns,
    'token-endpoint': tokenEndpoint,
    'upstream-endpoint': endpoint,
    clock,
    'token-refresh': token,
    scopes,
    upstream: orInContainer(upstream),
    account,
    doors: doors.then((finding) => restingOn(finding, 'upstream-endpoint', 'upstream')),
    service,
    version: service.then((finding) => (isWell(finding) ? checkVersion(finding, readVersion()) : after('service'))),
    livez: onRelay((signal) => checkLive(serving, signal)),
    health: onRelay((signal) => checkHealth(serving, signal)),
    ...Object.fromEntries(
      WAY_NAMES.map((way) => [
        `auth-${way}`,
        way === 'bearer' ? bearer : withKey((signal) => checkWay(way, serving, signal)),
      ]),
    ),
    'auth-wrong-key': onRelay((signal) => checkWrongKey(serving, signal)),
    ...Object.fromEntries(
      [...ENDPOINTS].map(([id, probe]) => [id, withKey((signal) => checkEndpoint(probe, serving, signal))]),
    ),
    generate: generate(),
    docker,
    container,
  };
  let count = 0;
  const all = Object.entries(findings).map(async ([id, finding]) => {
    const known = await settled(finding);
    count += 1;
    return [id, known] as const;
  });
  return {
    facts,
    total: all.length,
    done: () => count,
    checks: Promise.all(all).then((known) => toChecks(new Map(known))),
    close: async () => {
      await relay.close();
      await google.close();
    },
  };
};

/** Then its weakness is told among the settings. */
const keyStopsTheStart = ({ problems, keys }: Facts): boolean => {
  const names = ['GEMINI_AUTH_PASSWORD', ...keys.map(({ name }) => name)];
  return problems.some((problem) => names.some((name) => problem.startsWith(`${name} `)));
};

const WAY_NAMES = Object.keys(WAYS) as Way[];

const ASK_INSIDE = 'To check it there: docker compose exec relay /usr/local/bin/node gemini-cli-relay.cjs health';

const done = (finding: Finding): Promise<Finding> => Promise.resolve(finding);

const settled = async (finding: Finding | Promise<Finding>): Promise<Finding> => {
  try {
    return await finding;
  } catch {
    return fail(
      'this check itself failed',
      'Run it again; if this stays, report it with npm run health -- --bundle FILE.',
    );
  }
};
