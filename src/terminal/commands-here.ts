/**
 * The rooms write advice for whoever has npm: `npm run login -- --force`. In the image there is neither npm nor a shell;
 * there the same sentence names what works, so that it can be pasted as it stands.
 */
export type Place = 'folder' | 'image';

export const placeIn = (env: Readonly<Record<string, string | undefined>>): Place =>
  env[IMAGE_VARIABLE] === undefined ? 'folder' : 'image';

/** Set in the Dockerfile: no setting of the owner's. */
export const IMAGE_VARIABLE = 'GEMINI_CLI_RELAY_IMAGE';

const IN_IMAGE = {
  login: 'docker compose run --rm relay scripts/login.ts --no-browser',
  health: 'docker compose exec relay /usr/local/bin/node scripts/health-check.ts',
  usage: 'docker compose exec relay /usr/local/bin/node scripts/usage.ts',
  keys: 'docker compose exec relay /usr/local/bin/node scripts/keys.ts',
  start: 'docker compose up -d',
} as const;

export const commandsHere = (text: string, place: Place): string =>
  place === 'folder'
    ? text
    : text
        // Both ways stand there where nobody knows which one it is.
        .replaceAll(/`npm run login` \(in a container: (`[^`]+`)\)/g, '$1')
        .replaceAll(/npm start \(or (docker compose up -d)\)/g, '$1')
        .replaceAll(/npm run login(?: -- --no-browser\b)?(?: --(?= ))?/g, IN_IMAGE.login)
        .replaceAll(/npm run health(?: --(?= ))?/g, IN_IMAGE.health)
        .replaceAll(/npm run usage(?: --(?= ))?/g, IN_IMAGE.usage)
        .replaceAll(/npm run keys(?: --(?= ))?/g, IN_IMAGE.keys)
        .replaceAll(/npm start\b/g, IN_IMAGE.start);
