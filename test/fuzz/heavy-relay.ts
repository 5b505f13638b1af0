/**
 * A relay in a process of its own, and large bodies for it: how long its event loop stood still, and how much memory it
 * took at most.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import * as faults from '../../src/simulator/faults.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import type { DoorName, GoogleSide, SpawnedRelay } from '../support/relay.ts';
import type { Load } from './heavy.ts';

export interface Measured {
  readonly status: number;
  readonly pauseMs: number;
  /** Above what it took before. */
  readonly peakBytes: number;
}

export interface Crowd extends Omit<Measured, 'status'> {
  readonly statuses: readonly number[];
  /** All that the process held at its peak. */
  readonly mostBytes: number;
  /** How often /livez was answered meanwhile. */
  readonly livezAnswers: number;
}

export interface Asked {
  readonly path: string;
  readonly body: Buffer;
}

export interface HeavyRelay {
  readonly url: string;
  readonly simulator: Simulator;
  readonly pid: number;
  measure(load: Load, bytes: number): Promise<Measured>;
  /** The same, so many times at once; statuses in no order, pause and memory of all together. */
  crowd(load: Load, bytes: number, count: number): Promise<Crowd>;
  /** What is asked (without it: a streamed chat), and how Google answers. */
  answer(fault: Fault, asked?: Asked): Promise<Measured>;
  /** The first line of what comes back is its status. */
  say(head: string): Promise<Measured>;
  /** What it costs the relay; the work tells its outcome. */
  during(work: () => Promise<number>): Promise<Measured>;
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

const PLANT = `--import=${pathToFileURL(join(import.meta.dirname, '../promises/plant.ts')).href}`;

/** What a container of this size says of itself. */
const toldOf = (containerMb: number): string =>
  `--import=data:text/javascript,process.constrainedMemory=()=>${containerMb * 1024 * 1024}`;

/** A relay with this much room for what JavaScript makes, as in a small container. */
export const spawnHeavy = (
  google: GoogleSide,
  folder: string,
  heapMb: number,
  containerMb?: number,
  door?: DoorName,
): SpawnedRelay => {
  const told = containerMb === undefined ? '' : ` ${toldOf(containerMb)}`;
  const options = `${PLANT} --max-old-space-size=${heapMb}${told}`;
  return spawnRelay({ ...environmentOf(google, folder, { ...(door && { door }) }), NODE_OPTIONS: options }, folder);
};

/** A line of what the kernel says of a process, in bytes. */
export const memoryOf = ({ process: { pid } }: SpawnedRelay, name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** `googleUrl`: who answers in place of the simulator. */
export const openHeavyRelay = async (
  heapMb: number,
  containerMb?: number,
  door?: DoorName,
  googleUrl?: string,
): Promise<HeavyRelay> => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'heavy-'));
  const google = googleUrl === undefined ? simulator : { ...simulator, url: googleUrl };
  const child = spawnHeavy(google, folder, heapMb, containerMb, door);
  const url = await child.listening;
  const memory = (name: string): number => memoryOf(child, name);
  const longestPause = async (): Promise<number> => {
    const before = child.output().stderr.length;
    child.kill('SIGUSR2');
    for (;;) {
      const told = /longest work ([\d.]+) ms, longest delay ([\d.]+) ms\n/.exec(child.output().stderr.slice(before));
      // The smaller: a pause on a busy machine is also the time of others, and work may be that of many short turns.
      if (told) return Math.min(Number(told[1]), Number(told[2]));
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (child.process.exitCode !== null || child.process.signalCode !== null)
        throw new Error(`the relay has ended: ${child.output().stderr.slice(-300)}`);
    }
  };

  const isAlive = async (): Promise<boolean> => (await fetch(`${url}/livez`)).status === 200;

  const crowd: HeavyRelay['crowd'] = async ({ path, type, make, chunkBytes }, bytes, count) => {
    const body = Buffer.from(make(bytes));
    simulator.clear();
    simulator.always('generate', faults.empty(400));
    await longestPause();
    const before = memory('VmRSS');
    // The kernel's own mark of the most, begun anew.
    writeFileSync(`/proc/${child.process.pid}/clear_refs`, '5');
    const answers = Promise.all(Array.from({ length: count }, () => post(`${url}${path}`, body, chunkBytes, type)));
    let livezAnswers = 0;
    while (count > 1 && (await Promise.race([answers, isAlive()])) === true) livezAnswers += 1;
    const statuses = await answers;
    const mostBytes = memory('VmHWM');
    const pauseMs = await longestPause();
    return { statuses, pauseMs, peakBytes: Math.max(0, mostBytes - before), mostBytes, livezAnswers };
  };

  const measured = async (work: () => Promise<number>): Promise<Measured> => {
    await longestPause();
    const before = memory('VmRSS');
    writeFileSync(`/proc/${child.process.pid}/clear_refs`, '5');
    const status = await work();
    const peakBytes = Math.max(0, memory('VmHWM') - before);
    return { status, peakBytes, pauseMs: await longestPause() };
  };

  return {
    answer: (fault, { path, body } = STREAMED_CHAT) => {
      simulator.clear();
      simulator.always('generate', fault);
      return measured(() => post(url + path, body));
    },
    during: measured,
    say: (head) => measured(() => say(url, head)),
    measure: async (load, bytes) => {
      const { statuses, pauseMs, peakBytes } = await crowd(load, bytes, 1);
      return { status: statuses[0] ?? 0, pauseMs, peakBytes };
    },
    crowd,
    url,
    simulator,
    pid: child.process.pid ?? 0,
    isAlive,
    close: async () => {
      child.kill('SIGKILL');
      await child.ended;
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The status. A refusal may come, and the connection close, before all is sent. */
export const post = (url: string, body: Buffer, chunkBytes?: number, type = 'application/json'): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': type,
      authorization: `Bearer ${RELAY_KEY}`,
      ...(chunkBytes === undefined ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
    };
    const outgoing = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('close', () => {
        resolve(answer.statusCode ?? 0);
      });
    });
    outgoing.on('error', reject);
    if (chunkBytes === undefined) outgoing.end(body);
    else {
      // Framed here: Node's own writer would take a second for each hundred thousand chunks.
      outgoing.flushHeaders();
      outgoing.on('socket', (socket) => {
        socket.once('connect', () => socket.write(inChunks(body, chunkBytes)));
      });
    }
  });

const STREAMED_CHAT: Asked = {
  path: '/v1/chat/completions',
  body: Buffer.from(
    JSON.stringify({ model: 'gemini-2.5-flash', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  ),
};

const say = (url: string, head: string): Promise<number> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
    // Refused, it may be closed before all is sent.
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      said += text;
      if (said.includes('\r\n')) socket.destroy();
    });
    socket.on('close', () => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 0));
    });
    socket.write(head);
  });

const inChunks = (body: Buffer, chunkBytes: number): Buffer => {
  const frames: string[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const piece = body.toString('latin1', at, at + chunkBytes);
    frames.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return Buffer.from(`${frames.join('')}0\r\n\r\n`, 'latin1');
};
