/** The file is of a known type, and yet no client can be made of it. Continues a sentence that begins with its name. */
export class AdcProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AdcProblem';
  }
}
