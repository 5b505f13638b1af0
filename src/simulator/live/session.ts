/** One session of the Live API: a setup, then turns, by text or by voice, which may be interrupted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { answerTo } from '../answer.ts';
import type { Project } from '../api-keys.ts';
import { checkContent } from '../check-contents.ts';
import { GoogleError, invalidArgument, notFound } from '../google-error.ts';
import { requireFiles } from '../kept/files.ts';
import type { Kept } from '../kept/shelf.ts';
import type { Model } from '../models.ts';
import { readMessage } from '../read-message.ts';
import { spoken } from '../sound.ts';
import { tokensOfPart, tokensOfRequest } from '../token-count.ts';
import { fieldsListOf, fieldsOf, listOf, stringOf, type Fields } from '../values.ts';
import { closeFor } from './closes.ts';
import { liveVocabulary } from './vocabulary.ts';
import type { LiveDoor } from './vocabulary.ts';

/** Who asks, and for which model, which is not looked at before the setup. */
export interface Entry {
  readonly door: LiveDoor;
  readonly project: Project;
  /** Throws where there is no such model for them. */
  readonly modelOf: (name: string) => Model;
}

export interface LiveNeeds {
  readonly kept: Kept;
  readonly charge: (project: Project, model: string) => void;
  /** Handles by which sessions are taken up again, with whose they are and what was said. */
  readonly handles: Map<string, { readonly project: Project; readonly contents: readonly Fields[] }>;
}

const KINDS = ['setup', 'clientContent', 'realtimeInput', 'toolResponse'] as const;

/** Between the pieces of what is said. */
const PACE_MS = 2;

export class LiveSession {
  /** What tests may do anything with. */
  readonly ws: WebSocket;
  readonly project: Project;
  readonly door: LiveDoor;
  /** As they came. */
  readonly received: Fields[] = [];
  /** Bytes of sound. */
  heardBytes = 0;
  setup: Fields | undefined;
  readonly #needs: LiveNeeds;
  readonly #modelOf: Entry['modelOf'];
  #model: Model | undefined;
  #contents: Fields[] = [];
  #calls = new Set<string>();
  #made = 0;
  /** Grows with each turn: what belongs to an older one is said no further. */
  #turn = 0;
  #isSpeaking = false;

  constructor(ws: WebSocket, { door, project, modelOf }: Entry, needs: LiveNeeds) {
    this.ws = ws;
    this.door = door;
    this.project = project;
    this.#modelOf = modelOf;
    this.#needs = needs;
    ws.on('message', (message: Buffer) => {
      try {
        this.#take(message.toString());
      } catch (error) {
        this.#fail(error);
      }
    });
    ws.on('error', () => undefined);
  }

  /** In bytes, as Google does. */
  say(message: Fields): void {
    if (this.ws.readyState === this.ws.OPEN) this.ws.send(Buffer.from(JSON.stringify(message)));
  }

  goAway(timeLeft: string): void {
    this.say({ goAway: { timeLeft } });
  }

  #fail(error: unknown): void {
    if (!(error instanceof GoogleError)) throw error;
    const { code, reason } = closeFor(error);
    this.ws.close(code, reason);
  }

  #take(text: string): void {
    const message = readMessage(liveVocabulary(this.door), 'BidiGenerateContentClientMessage', text);
    this.received.push(message);
    const [kind, other] = KINDS.filter((one) => message[one] !== undefined);
    if (kind === undefined || other !== undefined) throw invalidArgument('Request contains an invalid argument.');
    const body = fieldsOf(message[kind]);
    if ((kind === 'setup') === (this.setup !== undefined)) {
      throw invalidArgument(
        kind === 'setup' ? 'setup must be the first message and only sent once.' : 'setup must be sent first.',
      );
    }
    switch (kind) {
      case 'setup':
        this.#begin(body);
        return;
      case 'clientContent':
        this.#hearContent(body);
        return;
      case 'realtimeInput':
        this.#hearRealtime(body);
        return;
      case 'toolResponse':
        this.#hearAnswers(body);
        return;
    }
  }

  #begin(setup: Fields): void {
    const { charge, handles } = this.#needs;
    const model = this.#modelOf(stringOf(setup.model));
    charge(this.project, model.id);
    const { handle } = fieldsOf(setup.sessionResumption);
    if (handle !== undefined) {
      const kept = handles.get(stringOf(handle));
      if (kept?.project !== this.project) throw notFound('Requested entity was not found.');
      this.#contents = [...kept.contents];
    }
    if (listOf(fieldsOf(setup.generationConfig).responseModalities).length > 1) {
      throw invalidArgument('Request contains an invalid argument.');
    }
    this.#model = model;
    this.setup = setup;
    this.say({ setupComplete: {} });
    this.#tellHandle();
  }

  #tellHandle(): void {
    if (this.setup?.sessionResumption === undefined) return;
    const newHandle = `handle-${this.#needs.handles.size}-${Math.random().toString(36).slice(2)}`;
    this.#needs.handles.set(newHandle, { project: this.project, contents: [...this.#contents] });
    this.say({ sessionResumptionUpdate: { newHandle, resumable: true } });
  }

  #hearContent({ turns, turnComplete }: Fields): void {
    const said = fieldsListOf(turns);
    said.forEach((turn, index) => {
      checkContent(this.door, turn, `contents[${index}]`);
    });
    requireFiles(this.#needs, this.project, { contents: said });
    // One by one: the engine's stack does not hold millions.
    for (const turn of said) this.#contents.push(turn);
    this.#interrupt();
    if (turnComplete === true) this.#beginAnswer();
  }

  #hearRealtime(input: Fields): void {
    const { audio, video, text, mediaChunks, audioStreamEnd, activityEnd } = input;
    for (const blob of [audio, video, ...fieldsListOf(mediaChunks)]) {
      if (blob === undefined) continue;
      const { mimeType, data } = fieldsOf(blob);
      if (!/^(?:audio\/pcm|image\/)/.test(stringOf(mimeType))) {
        throw invalidArgument(`Unsupported MIME type: ${stringOf(mimeType)}`);
      }
      this.heardBytes += Buffer.from(stringOf(data), 'base64').length;
    }
    if (audio !== undefined) this.#interrupt();
    if (text !== undefined) this.#contents.push({ role: 'user', parts: [{ text }] });
    if (audioStreamEnd === true || activityEnd !== undefined) {
      this.#contents.push({ role: 'user', parts: [{ text: `say exactly: I heard ${this.heardBytes} bytes.` }] });
    }
    if (text !== undefined || audioStreamEnd === true || activityEnd !== undefined) this.#beginAnswer();
  }

  #hearAnswers({ functionResponses }: Fields): void {
    const answers = fieldsListOf(functionResponses);
    for (const { id } of answers) {
      if (!this.#calls.delete(stringOf(id))) throw notFound('Requested entity was not found.');
    }
    const parts = answers.map(({ id: _, ...functionResponse }) => ({ functionResponse }));
    this.#contents.push({ role: 'user', parts });
    if (this.#calls.size === 0) this.#beginAnswer();
  }

  /** Somebody speaks while it speaks. */
  #interrupt(): void {
    if (!this.#isSpeaking) return;
    this.#turn += 1;
    this.#isSpeaking = false;
    this.say({ serverContent: { interrupted: true } });
    this.say({ serverContent: { turnComplete: true } });
  }

  /** After all that has come by now: who says thousands of things in one breath gets one answer to them. */
  #beginAnswer(): void {
    this.#turn += 1;
    const turn = this.#turn;
    setImmediate(() => {
      if (turn === this.#turn) void this.#answer(turn);
    });
  }

  async #answer(turn: number): Promise<void> {
    const model = this.#model;
    if (!model) return;
    const request = { contents: this.#contents, tools: this.setup?.tools };
    const { candidates, promptTokens, wishes } = answerTo({ door: this.door, model, request });
    const parts = candidates[0]?.parts ?? [];
    const calls = parts.filter(({ functionCall }) => functionCall !== undefined);
    if (calls.length > 0) {
      this.#call(calls);
      return;
    }
    const text = parts.map((part) => stringOf(part.text)).join('');
    const modalities = listOf(fieldsOf(this.setup?.generationConfig).responseModalities);
    const isSound = modalities.length === 0 ? this.door === 'gemini-api' : !modalities.includes('TEXT');
    const pieces = isSound ? spoken(text).map(asPcm) : (text.match(/\s*\S+/g) ?? []).map((word) => ({ text: word }));
    this.#isSpeaking = true;
    for (const piece of pieces) {
      await delay(wishes.paceMs || PACE_MS);
      if (turn !== this.#turn || this.ws.readyState !== this.ws.OPEN) return;
      this.say({ serverContent: { modelTurn: { parts: [piece] } } });
    }
    this.#isSpeaking = false;
    this.#contents.push({ role: 'model', parts: [{ text }] });
    this.say({ serverContent: { generationComplete: true } });
    const out = pieces.reduce((sum, piece) => sum + tokensOfPart(piece), 0);
    const heard = Math.ceil(this.heardBytes / BYTES_OF_A_TOKEN);
    this.say({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: promptTokens + heard,
        ...this.#counted(out),
        totalTokenCount: promptTokens + heard + out,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: promptTokens },
          ...(heard > 0 ? [{ modality: 'AUDIO', tokenCount: heard }] : []),
        ],
        [`${OUT[this.door]}TokensDetails`]: [{ modality: isSound ? 'AUDIO' : 'TEXT', tokenCount: out }],
      },
    });
    this.#tellHandle();
  }

  #counted(tokens: number): Fields {
    return { [`${OUT[this.door]}TokenCount`]: tokens };
  }

  #call(calls: readonly Fields[]): void {
    const functionCalls = calls.map(({ functionCall }) => {
      this.#made += 1;
      const id = `function-call-${this.#made}`;
      this.#calls.add(id);
      return { ...fieldsOf(functionCall), id };
    });
    this.#contents.push({
      role: 'model',
      parts: functionCalls.map(({ id: _, ...functionCall }) => ({ functionCall })),
    });
    this.say({
      toolCall: { functionCalls },
      usageMetadata: { promptTokenCount: tokensOfRequest({ contents: this.#contents }), ...this.#counted(5) },
    });
  }
}

const OUT = { 'gemini-api': 'response', vertex: 'candidates' } as const;

/** Sixteen bits at 16 kHz, of which a second is 25 tokens. */
const BYTES_OF_A_TOKEN = 1280;

const asPcm = ({ inlineData }: Fields): Fields => ({
  inlineData: { ...fieldsOf(inlineData), mimeType: 'audio/pcm;rate=24000' },
});
