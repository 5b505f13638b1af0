/** What other relays are to know of a call before they fetch its answer. */
import type { CallNeeds } from '../../../conversation/calls.ts';
import { lengthOf, tokensOfLetters } from '../../../gemini/estimate.ts';
import { placeOf } from '../../../gemini/signatures.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import type { Measure } from './shared-answers.ts';

export class CallMeasure {
  readonly #inputTokens: number;
  readonly #signatures: string[];
  /** Of the items of the input that have an id. */
  readonly #named: number[] = [];

  /** `inputTokens`: about. `signatures`: places of those in what was said before. */
  constructor(inputTokens: number, signatures: Iterable<string>) {
    this.#inputTokens = inputTokens;
    this.#signatures = [...signatures];
  }

  /** An item that may be referred to. */
  name(item: JsonObject): void {
    this.#named.push(tokensOf(lengthOf(item)));
  }

  /** The signatures of the answer are noted here as well. */
  noting(calls: CallNeeds): CallNeeds {
    return {
      ...calls,
      remember: (call, signature) => {
        calls.remember(call, signature);
        this.#signatures.push(placeOf(call));
      },
    };
  }

  /** With the items of the answer, each as JSON. */
  weigh(output: readonly string[]): Measure {
    const said = output.map((item) => tokensOf(item.length));
    return {
      tokens: said.reduce((sum, one) => sum + one, this.#inputTokens),
      itemTokens: [...this.#named, ...said],
      signatures: this.#signatures,
    };
  }
}

const tokensOf = (letters: number): number => Math.ceil(tokensOfLetters(letters));
