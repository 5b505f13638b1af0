/** Whose login it is: for a line on the terminal. */
import { getJson } from './google-client.ts';
import type { LoginNeeds } from './login-needs.ts';

/** Nothing depends on it but a line on the terminal, so any failure is just no address. */
export const userinfo = async (
  token: string,
  { userinfoUrl, network, signal }: Pick<LoginNeeds, 'userinfoUrl' | 'network' | 'signal'>,
): Promise<{ status: number; email: string | undefined }> => {
  try {
    const answer = await getJson(userinfoUrl, token, network, signal);
    return { status: answer.status, email: answer.status === 200 ? emailOf(JSON.parse(answer.text)) : undefined };
  } catch {
    return { status: 0, email: undefined };
  }
};

/** The middle of an id token, for its mail address alone: it came straight from Google, so nothing is verified. */
export const emailIn = (idToken: unknown): string | undefined => {
  if (typeof idToken !== 'string') return undefined;
  try {
    return emailOf(JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
};

const emailOf = (value: unknown): string | undefined => {
  const email = typeof value === 'object' && value !== null && 'email' in value ? value.email : undefined;
  return typeof email === 'string' && /^[\x21-\x7e]{3,254}$/.test(email) ? email : undefined;
};
