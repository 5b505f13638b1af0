import { describe, expect, it } from 'vitest';
import { imageType } from '../../src/images/image-type.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('S17: imageType', () => {
  it.each([
    ['\x89PNG\r\n\x1a\n....', 'image/png'],
    ['\xff\xd8\xff\xe0....JFIF', 'image/jpeg'],
    ['GIF87a......', 'image/gif'],
    ['GIF89a', 'image/gif'],
    ['RIFF....WEBPVP8 ', 'image/webp'],
    ['\0\0\0\x18ftypheic', 'image/heic'],
    ['\0\0\0\x18ftyphevc', 'image/heic'],
    ['\0\0\0\x18ftypmif1', 'image/heif'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', undefined],
    ['<?xml version="1.0"?><svg/>', undefined],
    ['<!doctype html>', undefined],
    ['RIFF....WAVEfmt ', undefined],
    ['\0\0\0\x18ftypmp42', undefined],
    ['\0\0\0\x18ftypavif', undefined],
    ['%PDF-1.7', undefined],
    ['{"error":1}', undefined],
    ['', undefined],
  ])('%j is %s', (start, type) => {
    expect(imageType(latin1(start))).toBe(type);
  });
});
