/**
 * Loaded with `node -r` before everything else: an older Node cannot even read TypeScript, and would answer with a stack.
 * So this is written for any Node there ever was.
 */
'use strict';

var OLDEST = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    'gemini-cli-relay needs Node ' +
      OLDEST +
      ' or newer, and this is Node ' +
      process.versions.node +
      '. Run `npm ci`, which brings one of its own for every `npm run`, or install Node ' +
      OLDEST +
      ' from https://nodejs.org\n',
  );
  process.exit(1);
}
