/**
 * Our own modules name each other with their whole path. So they are where they say, and TypeScript: to ask the disk for
 * each of hundreds whether it is there, a link, and of which package, was an eighth of a start from a checkout.
 */
'use strict';

const { registerHooks } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL, URL } = require('node:url');

const SOURCES = pathToFileURL(join(__dirname, '..', '/')).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL?.startsWith(SOURCES)
      ? { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
