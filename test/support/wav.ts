/** A recording of so many seconds: a WAV file, 16 bits, 16 kHz. */
export const wavOf = (seconds: number): Buffer<ArrayBuffer> => {
  const sound = Buffer.alloc(seconds * 32_000, 7);
  const header = Buffer.from(
    '524946460000000057415645666d74201000000001000100803e0000007d0000020010006461746100000000',
    'hex',
  );
  header.writeUInt32LE(36 + sound.length, 4);
  header.writeUInt32LE(sound.length, 40);
  return Buffer.concat([header, sound]);
};
