/** The Live API over the doors that have it. */
import type { WebSocket } from 'ws';
import { sharedDeadlines } from '../../engine/deadlines.ts';
import { failed, toRelayError } from '../../errors.ts';
import type { Asker, Creation } from '../../gemini/kept.ts';
import { needsKeyDoor, VERTEX_TOO } from '../../gemini/kept.ts';
import { nameOfHandle, SESSIONS } from '../../gemini/live.ts';
import type { Deliver, Live, LiveSetup } from '../../gemini/live.ts';
import type { Resources } from '../../gemini/resources.ts';
import type { TokenUsage } from '../../gemini/usage.ts';
import type { System } from '../../system.ts';
import { atAnyDoor, pickOf } from '../doors/any-door.ts';
import { createDoorOf } from '../resources/whose.ts';
import type { LiveDoor, LiveKind } from './kinds.ts';

export interface LiveNeeds {
  readonly resources: Resources;
  readonly kinds: readonly LiveKind[];
  /** Whether a caller whose use is counted may begin. Rejects where not. */
  readonly admit: (asker: Asker, creation: Pick<Creation, 'model' | 'tokens'>) => Promise<void>;
  readonly spent: (asker: Asker, used: TokenUsage) => Promise<void>;
  readonly system: Pick<System, 'now' | 'monotonic' | 'sleep'>;
}

/** For Google's answer to the setup. */
const SETUP_TIMEOUT_MS = 30_000;
/** A session that nobody takes up again is forgotten by Google within a day. */
const HANDLE_LASTS_MS = 24 * 3_600_000;

/** A line and the door that it leads through. */
interface Open {
  readonly door: LiveDoor;
  readonly line: WebSocket;
}

export const createLive = (needs: LiveNeeds): Live => {
  const { resources, kinds: all, admit, spent, system } = needs;
  const doorOf = createDoorOf(resources);
  const clock = sharedDeadlines(system)(SETUP_TIMEOUT_MS);

  const dial = async (door: LiveDoor, version: string, { record, signal }: Asker): Promise<Open> => {
    record.door = door.id;
    try {
      return { door, line: await door.open(version, signal) };
    } catch (error) {
      door.ended(error);
      throw error;
    }
  };

  /** Sends the setup and waits for an answer. */
  const firstWords = ({ door, line }: Open, setup: LiveSetup, deliver: Deliver, signal: AbortSignal): Promise<void> => {
    const first = Promise.withResolvers<undefined>();
    const stop = (): void => {
      first.reject(signal.reason as Error);
    };
    const deadline = clock.start(() => {
      first.reject(failed('upstream_timeout', `Google did not answer to the setup within ${clock.limitMs / 1000} s.`));
    });
    line.on('message', (said: Buffer, isBinary) => {
      deliver(said, isBinary);
      first.resolve(undefined);
    });
    line.on('close', (code, reason) => {
      first.reject(door.meaningOf({ code, reason: reason.toString() }));
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    line.resume();
    line.send(door.wordsOf(setup));
    return first.promise.finally(() => {
      clock.stop(deadline);
      signal.removeEventListener('abort', stop);
    });
  };

  const dialAt = (id: string, version: string, asker: Asker): Promise<Open> => {
    const door = all.map((kind) => kind.find(id)).find((found) => found !== undefined);
    if (!door) throw needsKeyDoor(SESSIONS, VERTEX_TOO);
    return dial(door, version, asker);
  };

  return {
    isOpen: () => all.some((kind) => kind.any()),
    checkNames: async (names, { caller, record }) => {
      const bound = await doorOf(names, caller);
      if (bound !== undefined && bound !== record.door) {
        throw failed(
          'invalid_value',
          `${names.join(', ')} is kept at another door to Google (${bound}) than the one of this session ` +
            `(${record.door ?? 'none'}). Upload it again, or name it in the setup.`,
        );
      }
    },
    connect: async ({ version, kinds }, asker) => {
      const tried: string[] = [];
      const dialAnywhere = (failure?: unknown): Promise<Open> =>
        atAnyDoor(asker, {
          ...{ what: SESSIONS, tried, failure },
          pick: (not) => pickOf(kinds, all, asker, not),
          make: (door) => dial(door, version, asker),
        });
      let open: Open | undefined = await dialAnywhere();
      const take = (): Open | undefined => {
        const taken = open;
        open = undefined;
        return taken;
      };
      const leave = (): void => {
        const left = take();
        if (!left) return;
        // Nothing was asked there, and so nothing is known of it.
        left.door.ended(failed('client_closed', 'The client closed the connection.'));
        left.line.terminate();
      };
      return {
        leave,
        begin: async (setup, deliver) => {
          const bound = await doorOf(setup.names, asker.caller);
          await admit(asker, setup);
          asker.record.servedModel = setup.model;
          if (bound !== undefined && bound !== asker.record.door) {
            leave();
            open = await dialAt(bound, version, asker);
          }
          for (;;) {
            const dialled = take() ?? (await dialAnywhere());
            const { door, line } = dialled;
            try {
              await firstWords(dialled, setup, deliver, asker.signal);
              door.ended();
              return line;
            } catch (thrown) {
              line.terminate();
              const failure = toRelayError(thrown);
              door.ended(failure);
              if (bound !== undefined) throw failure;
              open = await dialAnywhere(failure);
            }
          }
        },
      };
    },
    spent: (used, asker) => spent(asker, used),
    keepHandle: (handle, { caller, record }) =>
      record.door === undefined
        ? Promise.resolve()
        : resources.bind({
            name: nameOfHandle(handle),
            door: record.door,
            owner: caller.id,
            endsAt: system.now() + HANDLE_LASTS_MS,
          }),
  };
};
