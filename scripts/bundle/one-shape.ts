/**
 * esbuild puts the function of each module into an object of its own, under the module's name: for stacks, and there are
 * 1,900. The engine tells objects by their first property and remembers 1,536 of these for objects of one property.
 * Whatever came later and began so small (the record of a request) was a kind of its own each time: with each request
 * the engine made anew how it is laid out, and found nothing of it where it had looked before. That was a tenth of the CPU
 * of a short answer. So all have one name, which takes as much room as theirs: places in the source map stay true.
 */
export const ofOneShape = (program: string): string =>
  program.replaceAll(WRAPPED, (_all, wrapper: string, name: string) => {
    if (name.length < NAME.length) throw new Error(`the module ${name} has too short a name for the bundle`);
    return `${wrapper}${NAME.padEnd(name.length)}(`;
  });

const NAME = 'module';
const WRAPPED = /(__(?:esm|commonJS)\(\{)("[^"\\\n]+"|[\w$]+)\(/g;
