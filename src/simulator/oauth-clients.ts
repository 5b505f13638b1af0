/** OAuth clients by id. Without a secret here any secret will do. */
export type OAuthClients = ReadonlyMap<string, string | undefined>;

/** Gemini CLI's published installed-app client. Google does not treat the secret of such a client as confidential. */
export const GEMINI_CLI_CLIENT = '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com';

/** A client of one's own, as a user makes it in the Cloud console. */
export const OWN_CLIENT = { id: 'own-client.apps.googleusercontent.com', secret: 'own-client-secret' } as const;

export const CLIENTS: OAuthClients = new Map([
  [GEMINI_CLI_CLIENT, undefined],
  [OWN_CLIENT.id, OWN_CLIENT.secret],
]);
