/** `npm run usage` */
import { usage } from '../src/usage/command/command.ts';
import { runCommand } from './run-command.ts';

void runCommand(usage);
