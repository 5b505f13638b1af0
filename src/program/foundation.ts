/** What the parts stand on, and the settings that the database keeps. */
import { openGround, openLog } from '../parts/ground.ts';
import type { Ground, PartsNeeds } from '../parts/ground.ts';
import { layered } from '../settings/layers.ts';
import { openSettings } from '../settings/settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { Written } from '../settings/written.ts';

export interface Foundation {
  readonly ground: Ground;
  readonly settings: Settings;
}

/** Throws ConfigError. */
export const openFoundation = async (written: Written, needs: PartsNeeds): Promise<Foundation> => {
  const withoutPage = layered(written, new Map());
  const { log, store } = openGround(withoutPage.config, needs, true);
  const settings = await openSettings(written, { store, system: needs.system, log }, withoutPage);
  return { ground: { log: openLog(settings.config, needs), store }, settings };
};
