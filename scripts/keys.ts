/** `npm run keys` */
import { EXIT, keys } from '../src/keys/command/command.ts';
import { runCommand } from './run-command.ts';

void runCommand(keys, EXIT);
