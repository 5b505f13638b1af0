import { watched } from '../gemini/answers.ts';
import type { Watcher } from '../gemini/answers.ts';
import type { Chunk, Layer } from '../gemini/call.ts';
import { countsOf, FEW } from '../gemini/chunks.ts';
import type { Counts } from '../gemini/chunks.ts';
import { readUsage, usageOfEmbedding } from '../gemini/usage.ts';
import type { TokenUsage } from '../gemini/usage.ts';

/** Layer: what each call has used, for whoever it comes from to ask, also when its answer breaks off or is left. */
export const withUsage: Layer = (inner) => ({
  ...inner,
  generate: (call, signal) => {
    const tally = new Tally();
    call.record.tokens.push(tally);
    return inner.generate(call, signal).then((answer) => watched(answer, tally));
  },
  embed: (call, signal) =>
    inner.embed(call, signal).then((answer) => {
      const usage = usageOfEmbedding(call.requests, answer);
      call.record.tokens.push({ usage: () => usage });
      return answer;
    }),
});

/** Counts are totals so far: the last ones stand. They are read when somebody asks. */
class Tally implements Watcher {
  #counted: Counts | undefined;

  batch(batch: readonly Chunk[]): void {
    for (let at = batch.length - 1; at >= 0; at -= 1) {
      const chunk = batch[at];
      const counted = chunk && countsOf(chunk, batch.length > FEW);
      if (!counted) continue;
      this.#counted = counted;
      return;
    }
  }

  usage(): TokenUsage | undefined {
    const usageMetadata = this.#counted?.value.usageMetadata;
    return usageMetadata && readUsage(usageMetadata);
  }
}
