/**
 * What npm and the image run, behind the check of Node's version: written for any Node there ever was, up to there.
 *
 * It loads the relay as Node would, but for one thing. Of a program Node keeps compiled what it compiled before the program
 * ran, and most functions are compiled when they are called: a start compiled them all again, a third of its CPU. Here
 * it is kept as the engine has it once the relay serves.
 */
'use strict';

/* global BUILD */

var fs = require('fs');
var path = require('path');
var vm = require('vm');

// Commands advise what works here.
process.env.GEMINI_CLI_RELAY_INSTALLED = '1';

var FILE = path.join(__dirname, 'relay.cjs');
// Beside the program, which only its owner writes: nobody else can put code there for us.
var FOLDER = path.join(__dirname, '.compiled');
// The engine itself refuses what another engine, or one with other flags, has compiled; of another text it would not know.
var KEPT = path.join(FOLDER, [BUILD, process.version, process.arch].join('-'));

// One function, in letters of ASCII only: as it was read it is what the engine works with.
var TEXT = fs.readFileSync(FILE, 'latin1');

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    return undefined;
  }
}

function keep(script, file) {
  var part = file + '.' + process.pid;
  try {
    fs.mkdirSync(FOLDER, { recursive: true });
    // Whole and on the disk before it has its name: of half a file the engine would make nonsense.
    fs.writeFileSync(part, script.createCachedData(), { flush: true });
    fs.renameSync(part, file);
  } catch (error) {
    // Where it cannot be written, each start compiles.
    fs.rmSync(part, { force: true });
  }
}

function runCompiled() {
  // Of a relay that has served, or, as long as there is none, of the first command.
  var served = read(KEPT);
  var compiled = served || read(KEPT + '-command');
  var script = new vm.Script(TEXT, {
    filename: FILE,
    cachedData: compiled,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  var isNew = compiled === undefined || script.cachedDataRejected === true;
  process.once('exit', function () {
    if (isNew) keep(script, KEPT + '-command');
  });
  script.runInThisContext()(exports, require, module, FILE, __dirname, function () {
    if (isNew || served === undefined) keep(script, KEPT);
    isNew = false;
  });
}

/** Stacks that name the sources: Node tells the places of what it has loaded itself. */
function runMapped() {
  var Module = module.constructor;
  var loaded = new Module(FILE);
  loaded._compile('module.exports=' + TEXT, FILE);
  loaded.exports(exports, require, module, FILE, __dirname, function () {});
}

if (process.sourceMapsEnabled) runMapped();
else runCompiled();
