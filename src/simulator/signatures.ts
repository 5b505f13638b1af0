import { createHmac } from 'node:crypto';
import type { Door } from './exchange.ts';

const KEY = 'the simulator signs its thoughts with this';

/** Google's documented values for a history whose signatures were lost or come from elsewhere. */
const SENTINELS = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

const SALT_LENGTH = 12;

const mac = (salt: Buffer, scope: string): Buffer => createHmac('sha512', KEY).update(salt).update(scope).digest();

const scopeOf = (door: Door, generation: string): string => `${door} ${generation}`;

/** A signature is good for models of one generation behind one door. The same thought gets the same one. */
export const signature = (door: Door, generation: string, thought: string): string => {
  const salt = createHmac('sha256', KEY).update(thought).digest().subarray(0, SALT_LENGTH);
  return Buffer.concat([salt, mac(salt, scopeOf(door, generation))]).toString('base64');
};

export const isGenuine = (presented: string, door: Door, generation: string): boolean => {
  if (SENTINELS.includes(presented)) return true;
  const decoded = Buffer.from(presented, 'base64');
  const salt = decoded.subarray(0, SALT_LENGTH);
  return decoded.subarray(SALT_LENGTH).equals(mac(salt, scopeOf(door, generation)));
};
