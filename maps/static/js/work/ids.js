// Names that nobody else gives: for things and acts, made on the phone; for photos, by their bytes.

/** A UUIDv7: the time first, so that ids sort as they were made. @param {number} [now] */
export function uuid(now = Date.now()) {
  // crypto.randomUUID does not exist on addresses without https; getRandomValues does.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 256 ** (5 - i)) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The SHA-256 of bytes in hexadecimal. @param {ArrayBuffer} bytes @returns {string} */
export function sha256(bytes) {
  const { sha256: digest } = /** @type {{ sha256: (bytes: ArrayBuffer) => string }} */ (
    /** @type {unknown} */ (globalThis)
  );
  return digest(bytes);
}
