// Random UUIDs on every page: `crypto.randomUUID` is missing on plain-HTTP addresses of a LAN.

/**
 * @param {(bytes: Uint8Array) => unknown} fillRandom such as `crypto.getRandomValues`
 * @returns {() => string} makes version 4 UUIDs (RFC 9562), lower case
 */
export function createUuids(fillRandom) {
  return () => {
    const bytes = new Uint8Array(16);
    fillRandom(bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };
}
