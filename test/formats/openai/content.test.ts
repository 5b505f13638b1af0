import { describe, expect, it } from 'vitest';
import { contents, decode, FLASH, FLASH_3, refused, user } from './chat/decoding.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n++//', 'latin1').toString('base64');
const PDF = Buffer.from('%PDF-1.7 x').toString('base64');
const part = (client: object, images = new Map()) => contents([user([client])], undefined, { images })[0]?.parts?.[0];
const inline = (mimeType: string, data: string) => ({ inlineData: { mimeType, data } });
const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const file = (fields: object) => ({ type: 'file', file: fields });
const audio = (data: string, format?: string) => ({ type: 'input_audio', input_audio: { data, format } });

describe('images', () => {
  it.each([
    ['H17: a data URL', `data:image/png;base64,${PNG}`, inline('image/png', PNG)],
    ['with parameters', `data:image/png;charset=x;base64,${PNG}`, inline('image/png', PNG)],
    ['in capitals', `DATA:IMAGE/JPG;BASE64,${PNG}`, inline('image/jpeg', PNG)],
    ['without a type', `data:;base64,${PNG}`, inline('image/png', PNG)],
    ['of some bytes', `data:application/octet-stream;base64,${PNG}`, inline('image/png', PNG)],
    ['of any image', `data:image/*;base64,${PNG}`, inline('image/png', PNG)],
    ['with line breaks', `data:image/png;base64,${PNG.slice(0, 5)}\r\n ${PNG.slice(5)}`, inline('image/png', PNG)],
    ['url-safe, unpadded', 'data:image/png;base64,-_-_AA', inline('image/png', '+/+/AA==')],
    ['percent-encoded base64', `data:image/png;base64,${encodeURIComponent(PNG)}`, inline('image/png', PNG)],
    [
      'percent-encoded, no base64',
      'data:image/svg+xml,%3Csvg%3E%C3%A9é%3C/svg%3E',
      inline('image/svg+xml', Buffer.from('<svg>éé</svg>').toString('base64')),
    ],
    ['no URL at all, but an image', PNG, inline('image/png', PNG)],
    ['Cloud Storage', 'gs://bucket/a.webp', { fileData: { fileUri: 'gs://bucket/a.webp', mimeType: 'image/webp' } }],
    ['YouTube', 'https://youtu.be/abc', { fileData: { fileUri: 'https://youtu.be/abc', mimeType: 'video/*' } }],
  ])('%s', (_case, url, expected) => {
    expect(part(image(url))).toEqual(expected);
  });

  it('takes the address as a bare string, and the shapes of other APIs', () => {
    const url = `data:image/png;base64,${PNG}`;
    const expected = inline('image/png', PNG);
    expect(part({ type: 'image_url', image_url: url })).toEqual(expected);
    expect(part({ type: 'input_image', image_url: url, detail: 'auto' })).toEqual(expected);
    expect(part({ type: 'image', image: url })).toEqual(expected);
    expect(part({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } })).toEqual(expected);
  });

  it('takes remote ones as they were fetched', () => {
    const images = new Map([['https://a.test/x', { mimeType: 'image/png', data: PNG }]]);
    expect(part(image('https://a.test/x'), images)).toEqual(inline('image/png', PNG));
    expect(part({ type: 'image', source: { type: 'url', url: 'https://a.test/x' } }, images)).toEqual(
      inline('image/png', PNG),
    );
  });

  it.each([
    ['broken base64', image('data:image/png;base64,ab*c'), 'invalid_base64_image', '.image_url'],
    ['cut base64', image('data:image/png;base64,abcde'), 'invalid_base64_image', '.image_url'],
    ['nothing in it', image('data:image/png;base64,'), 'invalid_base64_image', '.image_url'],
    ['no comma', image('data:image/png;base64'), 'invalid_base64_image', '.image_url'],
    ['no image that anyone knows', image('data:;base64,AAAA'), 'invalid_base64_image', '.image_url'],
    ['plain http', image('http://a.test/x.png'), 'invalid_image_url', '.image_url'],
    ['what was not fetched', image('https://a.test/x.png'), 'invalid_image_url', '.image_url'],
    ['another scheme', image('file:///etc/passwd'), 'invalid_image_url', '.image_url'],
    ['no address', { type: 'image_url', image_url: {} }, 'missing_required_parameter', '.image_url.url'],
    ['no image', { type: 'image_url' }, 'missing_required_parameter', '.image'],
    ['no name of a file', { type: 'input_image', file_id: 'f' }, 'invalid_value', '.file_id'],
  ])('refuses %s', (_case, client, reason, field) => {
    expect(refused(() => part(client))).toEqual({ status: 400, reason, param: `messages[0].content[0]${field}` });
  });

  it.each([
    [{ type: 'input_image', file_id: 'file-a1' }],
    [{ type: 'input_file', file_id: 'files/a1' }],
    [{ type: 'file', file: { file_id: 'https://generativelanguage.googleapis.com/v1beta/files/a1' } }],
    [{ type: 'document', source: { type: 'file', file_id: 'file-a1' } }],
    [{ type: 'image', source: { type: 'file', file_id: 'file-a1' } }],
  ])('a file that was uploaded before: %j', (client) => {
    const fileUri = 'https://generativelanguage.googleapis.com/v1beta/files/a1';
    expect(part(client)).toEqual({ fileData: { fileUri } });
  });

  it('a type that says nothing is read from the bytes, or refused', () => {
    const source = (media_type: string, data: string) => ({
      type: 'image',
      source: { type: 'base64', media_type, data },
    });
    expect(part(source('image/*', PNG))).toEqual(inline('image/png', PNG));
    expect(refused(() => part(source('image/*', 'AAAA')))).toMatchObject({ reason: 'invalid_base64_image' });
    expect(refused(() => part(image('gs://bucket/picture')))).toMatchObject({
      param: 'messages[0].content[0].image_url',
    });
  });

  const detailed = (detail: string, model: string) =>
    decode({
      model,
      messages: [user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail } }])],
    });

  it.each([
    ['low', 'MEDIA_RESOLUTION_LOW'],
    ['medium', 'MEDIA_RESOLUTION_MEDIUM'],
    ['high', 'MEDIA_RESOLUTION_HIGH'],
    ['original', 'MEDIA_RESOLUTION_ULTRA_HIGH'],
  ])('the detail %s is a resolution from Gemini 3 on', (detail, level) => {
    const { call, reading } = detailed(detail, FLASH_3);
    expect(call.request.contents?.[0]?.parts).toEqual([{ ...inline('image/png', PNG), mediaResolution: { level } }]);
    expect(reading.ignored).toEqual([]);
  });

  it('inside a tool answer Google knows no resolution', () => {
    const messages = [
      user('a'),
      { role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      {
        role: 'tool',
        tool_call_id: '1',
        content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail: 'high' } }],
      },
    ];
    const { call, reading } = decode({ model: FLASH_3, messages });
    expect(JSON.stringify(call.request)).not.toContain('mediaResolution');
    expect(reading.ignored).toEqual(['image_url.detail']);
  });

  it('says where the detail has no effect', () => {
    expect(detailed('low', FLASH).reading.ignored).toEqual(['image_url.detail']);
    expect(detailed('auto', FLASH).reading.ignored).toEqual([]);
    expect(detailed('sharp', FLASH_3).reading.ignored).toEqual(['image_url.detail']);
  });
});

describe('which part of a video, and how often', () => {
  const video = { fileData: { fileUri: 'gs://b/a.mp4', mimeType: 'video/mp4' } };
  const videoMetadata = { fps: 2, startOffset: '10s', endOffset: '60.5s' };

  it.each([
    [
      'in its own field',
      { type: 'video_url', video_url: { url: 'gs://b/a.mp4', fps: 2, start_offset: '10s', end_offset: 60.5 } },
    ],
    [
      "LiteLLM's field",
      {
        type: 'file',
        file: { file_id: 'gs://b/a.mp4', video_metadata: { fps: 2, start_offset: '10s', end_offset: '60.5s' } },
      },
    ],
    ["Google's spelling", { type: 'video_url', video_url: { url: 'gs://b/a.mp4' }, videoMetadata }],
  ])('%s', (_case, client) => {
    const { call, reading } = decode({ messages: [user([client])] });
    expect(call.request.contents?.[0]?.parts).toEqual([{ ...video, videoMetadata }]);
    expect(reading.ignored).toEqual([]);
  });

  it.each([
    ['fps', { fps: 'fast' }],
    ['fps', { fps: -1 }],
    ['start_offset', { start_offset: 'soon' }],
    ['end_offset', { end_offset: {} }],
  ])('a %s that says nothing is refused', (name, metadata) => {
    const client = { type: 'video_url', video_url: { url: 'gs://b/a.mp4', ...metadata } };
    expect(refused(() => part(client))).toMatchObject({
      status: 400,
      param: `messages[0].content[0].video_url.${name}`,
    });
  });

  it('for what is no video it has no effect, and says so', () => {
    const pdf = file({ file_data: `data:application/pdf;base64,${PDF}`, video_metadata: { fps: 1, odd: 1 } });
    const picture = { ...image(`data:image/png;base64,${PNG}`), fps: 2 };
    expect(decode({ messages: [user([pdf, picture])] }).reading.ignored).toEqual([
      'video_metadata.odd',
      'video_metadata',
      'messages[].content[].fps',
    ]);
  });

  it('what is no object is refused', () => {
    const client = { type: 'file', file: { file_id: 'gs://b/a.mp4', video_metadata: 'fast' } };
    expect(refused(() => part(client))).toMatchObject({
      status: 400,
      param: 'messages[0].content[0].file.video_metadata',
    });
  });
});

describe('sound, video and files', () => {
  it.each([
    ['wav', audio('AAAA', 'wav'), inline('audio/wav', 'AAAA')],
    ['mp3', audio('AAAA', 'mp3'), inline('audio/mpeg', 'AAAA')],
    ['m4a', audio('AAAA', 'm4a'), inline('audio/m4a', 'AAAA')],
    ['a data URL by mistake', audio('data:audio/x;base64,AAAA', 'flac'), inline('audio/flac', 'AAAA')],
    ['sound without a name', audio(Buffer.from('OggS....').toString('base64')), inline('audio/ogg', 'T2dnUy4uLi4=')],
    ['video', { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } }, inline('video/mp4', 'AAAA')],
    ['H19: a file by its name', file({ file_data: PDF, filename: 'a.pdf' }), inline('application/pdf', PDF)],
    ['a file by its URL', file({ file_data: `data:application/pdf;base64,${PDF}` }), inline('application/pdf', PDF)],
    ['a file by its bytes', file({ file_data: PDF }), inline('application/pdf', PDF)],
    ['text as text', file({ file_data: 'w6k=', filename: 'a.md' }), { text: 'é' }],
    [
      'bytes that only claim to be text',
      file({ file_data: '/////w==', filename: 'a.txt' }),
      inline('text/plain', '/////w=='),
    ],
    ['a flat file', { type: 'input_file', filename: 'a.json', file_data: 'e30=' }, { text: '{}' }],
    [
      'a stored address',
      file({ file_id: 'gs://b/a.pdf' }),
      { fileData: { fileUri: 'gs://b/a.pdf', mimeType: 'application/pdf' } },
    ],
    [
      "Anthropic's document",
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
      inline('application/pdf', PDF),
    ],
    [
      "Anthropic's text",
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
      { text: 'hi' },
    ],
  ])('%s', (_case, client, expected) => {
    expect(part(client)).toEqual(expected);
  });

  it.each([
    ['an unknown sound', audio('AAAA', 'midi'), 'invalid_value', '.input_audio.format'],
    ['no sound', { type: 'input_audio' }, 'missing_required_parameter', '.input_audio.data'],
    ['no name of a file', file({ file_id: 'a/b' }), 'invalid_value', '.file.file_id'],
    ['a file of unknown type', file({ file_data: 'AAAA' }), 'invalid_value', '.file.file_data'],
    ['a broken file', file({ file_data: '*', filename: 'a.pdf' }), 'invalid_value', '.file.file_data'],
    [
      'a remote video',
      { type: 'video_url', video_url: { url: 'https://a.test/x.mp4' } },
      'unsupported_value',
      '.video_url',
    ],
    ['a remote file', file({ file_data: 'https://a.test/x.pdf' }), 'unsupported_value', '.file.file_data'],
  ])('refuses %s', (_case, client, reason, field) => {
    expect(refused(() => part(client))).toEqual({ status: 400, reason, param: `messages[0].content[0]${field}` });
  });

  it.each(['system', 'user', 'assistant', 'tool'])('lists fields without effect: %s', (role) => {
    const client = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
    expect(decode({ messages: [{ role, content: [client] }, user('y')] }).reading.ignored).toEqual([
      'messages[].content[].cache_control',
    ]);
  });
});
