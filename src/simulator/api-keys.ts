/** API keys of the Gemini API and the projects they belong to, each with its own quotas. Tests change both in place. */
import { GoogleError } from './google-error.ts';
import {
  billingDisabled,
  creditsDepleted,
  keyInvalid,
  keyLeaked,
  keyRetired,
  noQuota,
  overQuota,
  projectSuspended,
  serviceBlocked,
} from './key-refusals.ts';

export interface Quota {
  /** Requests for one model. */
  perMinute?: number;
  perDay?: number;
}

export interface Project {
  readonly name: string;
  /** For each model that `models` does not name; nothing set is no limit, 0 is a limit of nothing. */
  quota: Quota;
  models: Record<string, Quota>;
  billing: 'fine' | 'disabled' | 'depleted';
  suspended: boolean;
}

export interface ApiKey {
  /** `retired` hears Google's words for keys of the old form, whatever it looks like. */
  state: 'valid' | 'invalid' | 'retired' | 'leaked' | 'blocked';
  readonly project: Project;
}

export type ApiKeys = Map<string, ApiKey>;

export const newProject = (name: string, more: Partial<Omit<Project, 'name'>> = {}): Project => ({
  quota: {},
  models: {},
  billing: 'fine',
  suspended: false,
  ...more,
  name,
});

export const newApiKey = (project: Project, state: ApiKey['state'] = 'valid'): ApiKey => ({ state, project });

/** Throws what a request with this key hears before anything else of it is looked at. */
export const requireApiKey = (apiKeys: ApiKeys, text: string): ApiKey => {
  const key = apiKeys.get(text);
  if (!key || key.state === 'invalid') throw new GoogleError(keyInvalid());
  const { project, state } = key;
  if (state === 'retired') throw new GoogleError(keyRetired());
  if (state === 'leaked') throw new GoogleError(keyLeaked());
  if (state === 'blocked') throw new GoogleError(serviceBlocked(project.name));
  if (project.suspended) throw new GoogleError(projectSuspended(project.name));
  if (project.billing === 'disabled') throw new GoogleError(billingDisabled(project.name));
  if (project.billing === 'depleted') throw new GoogleError(creditsDepleted());
  return key;
};

export interface Meter {
  /** Counts one request of the project for the model; throws where its quota is used up. */
  readonly charge: (project: Project, model: string) => void;
  readonly clear: () => void;
}

const MINUTE_MS = 60_000;

interface Count {
  period: string;
  used: number;
}

export const createMeter = (now: () => number): Meter => {
  /** Quotas of a day are counted by this one. */
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' });
  let counts = new WeakMap<Project, Map<string, Count>>();

  const countOf = (project: Project, name: string, period: string): Count => {
    const known = counts.get(project) ?? new Map<string, Count>();
    counts.set(project, known);
    const count = known.get(name);
    if (count?.period === period) return count;
    const fresh = { period, used: 0 };
    known.set(name, fresh);
    return fresh;
  };

  return {
    charge: (project, model) => {
      const { perMinute = Infinity, perDay = Infinity } = project.models[model] ?? project.quota;
      if (perMinute === 0 || perDay === 0) throw new GoogleError(noQuota(model));
      const time = now();
      const minute = countOf(project, `minute ${model}`, String(Math.floor(time / MINUTE_MS)));
      const day =
        perDay === Infinity ? { period: '', used: 0 } : countOf(project, `day ${model}`, calendar.format(time));
      // Beside the quota of a day Google tells the wait of a minute.
      const retryMs = MINUTE_MS - (time % MINUTE_MS);
      if (day.used >= perDay) throw new GoogleError(overQuota({ period: 'Day', limit: perDay, model, retryMs }));
      if (minute.used >= perMinute) {
        throw new GoogleError(overQuota({ period: 'Minute', limit: perMinute, model, retryMs }));
      }
      minute.used += 1;
      day.used += 1;
    },
    clear: () => {
      counts = new WeakMap();
    },
  };
};
