/**
 * The rooms write advice for whoever has a checkout: `npm run login -- --force`. Who installed the package has a program of
 * that name, who runs it by npx has not, and in the image there is neither npm nor a shell; there the same sentence names
 * what works, so that it can be pasted as it stands.
 */
export type Place = 'folder' | 'installed' | 'npx' | 'image';

export const placeIn = (env: Readonly<Record<string, string | undefined>>): Place => {
  if (env[IMAGE_VARIABLE] !== undefined) return 'image';
  if (env[INSTALLED_VARIABLE] === undefined) return 'folder';
  return env[NPM_COMMAND] === 'exec' ? 'npx' : 'installed';
};

/** Set in the Dockerfile, and by the package's own program: no settings of the owner's. */
export const IMAGE_VARIABLE = 'GEMINI_CLI_RELAY_IMAGE';
export const INSTALLED_VARIABLE = 'GEMINI_CLI_RELAY_INSTALLED';
/** Set by the first run for the login that it starts: what comes next it does itself. */
export const FIRST_RUN_VARIABLE = 'GEMINI_CLI_RELAY_FIRST_RUN';
/** Its value where the first run has written to `.env`. */
export const KEPT = 'kept';
/** npm's own word: `exec` is what npx is a name for. */
export const NPM_COMMAND = 'npm_command';

const inRunningImage = (command: string): string =>
  `docker compose exec relay /usr/local/bin/node gemini-cli-relay.cjs ${command}`;

const IN_IMAGE = {
  login: 'docker compose run --rm relay login --no-browser',
  health: inRunningImage('health'),
  usage: inRunningImage('usage'),
  keys: inRunningImage('keys'),
  start: 'docker compose up -d',
} as const;

const byProgram = (text: string, program: string): string =>
  text
    .replaceAll(/(`npm run login`) \(in a container: `[^`]+`\)/g, '$1')
    .replaceAll(/(npm start) \(or docker compose up -d\)/g, '$1')
    .replaceAll(/npm run (login|health|usage|keys|demo)\b(?: --(?= ))?/g, `${program} $1`)
    .replaceAll(/npm start\b(?: --(?= ))?/g, program);

export const commandsHere = (text: string, place: Place): string => {
  switch (place) {
    case 'folder':
      return text;
    case 'installed':
      return byProgram(text, 'gemini-cli-relay');
    case 'npx':
      return byProgram(text, 'npx gemini-cli-relay');
    case 'image':
      return (
        text
          // Both ways stand there where nobody knows which one it is.
          .replaceAll(/`npm run login` \(in a container: (`[^`]+`)\)/g, '$1')
          .replaceAll(/npm start \(or (docker compose up -d)\)/g, '$1')
          .replaceAll(/npm run login(?: -- --no-browser\b)?(?: --(?= ))?/g, IN_IMAGE.login)
          .replaceAll(/npm run health(?: --(?= ))?/g, IN_IMAGE.health)
          .replaceAll(/npm run usage(?: --(?= ))?/g, IN_IMAGE.usage)
          .replaceAll(/npm run keys(?: --(?= ))?/g, IN_IMAGE.keys)
          .replaceAll(/npm start\b/g, IN_IMAGE.start)
      );
  }
};
