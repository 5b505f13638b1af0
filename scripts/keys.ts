/** `npm run keys` */
import { keys } from '../src/keys/command/command.ts';
import { runCommand } from './run-command.ts';

void runCommand(keys);
