import { GoogleGenAI } from '@google/genai';
import { JWT, OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_CLIENT } from '../../src/simulator/oauth-clients.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';

/** What Google's own libraries send is what Google takes: the simulator must not be stricter than that. */
describe('Google’s own libraries', () => {
  let google: Simulator;
  let ai: GoogleGenAI;
  beforeAll(async () => {
    google = await startSimulator();
    ai = new GoogleGenAI({ apiKey: google.apiKey, vertexai: false, httpOptions: { baseUrl: google.url } });
  });
  afterAll(() => google.close());

  it.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])('hold a conversation with functions on %s', async (model) => {
    const chat = ai.chats.create({
      model,
      config: {
        systemInstruction: 'Be brief.',
        temperature: 0.5,
        thinkingConfig: { includeThoughts: true },
        tools: [
          {
            functionDeclarations: [
              {
                name: 'wx',
                parametersJsonSchema: { type: 'object', properties: { c: { type: 'string' } }, required: ['c'] },
              },
            ],
          },
        ],
      },
    });
    const first = await chat.sendMessage({ message: 'Weather in Oslo and Rome?' });
    expect(first.functionCalls?.map((call) => call.args)).toEqual([{ c: 'Oslo' }, { c: 'Rome' }]);
    const stream = await chat.sendMessageStream({
      message: (first.functionCalls ?? []).map(({ id, name }) => ({
        functionResponse: { ...(id && { id }), ...(name && { name }), response: { output: 'sunny' } },
      })),
    });
    let text = '';
    for await (const chunk of stream) text += chunk.text ?? '';
    expect(text).toMatch(/^The functions answered: wx \{"output":"sunny"\}; wx/);
    const last = await chat.sendMessage({ message: 'Thanks, without tools now' });
    expect(last.text).toMatch('Thanks');
  });

  it('count, embed and list', async () => {
    const counted = await ai.models.countTokens({ model: 'gemini-2.5-flash', contents: 'four words of text' });
    expect(counted.totalTokens).toBe(5);
    const embedded = await ai.models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
    expect(embedded.embeddings?.map(({ values }) => values?.length)).toEqual([3072, 3072]);
    const names: (string | undefined)[] = [];
    for await (const { name } of await ai.models.list({ config: { pageSize: 6 } })) names.push(name);
    expect(names).toContain('models/gemini-2.5-pro');
  });

  it('read an error as Google’s', async () => {
    const failed = ai.models.generateContent({ model: 'nonsense', contents: 'hello' });
    await expect(failed).rejects.toMatchObject({ status: 404 });
  });

  it('refresh a token, and sign in as a service account', async () => {
    const user = new OAuth2Client({
      clientId: OWN_CLIENT.id,
      clientSecret: OWN_CLIENT.secret,
      endpoints: { oauth2TokenUrl: google.tokenUrl },
    });
    user.setCredentials({ refresh_token: String(google.authorizedUser.refresh_token) });
    expect((await user.getAccessToken()).token).toMatch(/^ya29\./);

    const file = await google.serviceAccount();
    const scopes = ['https://www.googleapis.com/auth/cloud-platform'];
    const robot = new JWT({ email: String(file.client_email), key: String(file.private_key), scopes });
    // The library has Google's address built in.
    robot.transporter.interceptors.request.add({
      resolved: (request) => Promise.resolve(Object.assign(request, { url: new URL(google.tokenUrl) })),
    });
    expect((await robot.getAccessToken()).token).toMatch(/^ya29\./);
    expect(google.asked('token').map(({ status }) => status)).toEqual([200, 200]);
  });
});
