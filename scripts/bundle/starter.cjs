/**
 * What npm and the image run, behind the check of Node's version: written for any Node there ever was, up to there.
 *
 * It loads the relay as Node would, but for one thing. Of a program Node keeps compiled what it compiled before the program
 * ran, and most functions are compiled when they are called: a start compiled them all again, a quarter of its CPU. Here
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

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    return undefined;
  }
}

// Of a relay that has served, or, as long as there is none, of the first command.
var served = read(KEPT);
var compiled = served || read(KEPT + '-command');

// The file is one function, in letters of ASCII only: as it was read it is what the engine works with.
var script = new vm.Script(fs.readFileSync(FILE, 'latin1'), {
  filename: FILE,
  cachedData: compiled,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
var isNew = compiled === undefined || script.cachedDataRejected === true;

function keep(file) {
  isNew = false;
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

process.once('exit', function () {
  if (isNew) keep(KEPT + '-command');
});

script.runInThisContext()(exports, require, module, FILE, __dirname, function () {
  if (isNew || served === undefined) keep(KEPT);
});
