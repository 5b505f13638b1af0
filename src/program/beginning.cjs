/**
 * Loaded with `node -r` before everything else, TypeScript included: what Node makes of each file, stripped of its types
 * and compiled, is kept for the next start. That is half of a start's CPU. Beside the packages, which only the owner
 * writes: never in a shared temporary folder, where others could put code for us. Where it cannot be written, Node goes on
 * without.
 */
'use strict';

require('./node-version.cjs');
require('node:module').enableCompileCache(require('node:path').join(__dirname, '../../node_modules/.cache/compiled'));
require('./own-sources.cjs');
