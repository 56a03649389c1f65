// Text as bytes: UTF-8, base64, hexadecimal.
(function () {
  "use strict";
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]).concat([["-", 62], ["_", 63]]));

  function utf8(text) {
    const bytes = [];
    for (const letter of String(text).toWellFormed()) {
      const code = letter.codePointAt(0);
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return Uint8Array.from(bytes);
  }

  // Whatever is no UTF-8 becomes U+FFFD, once for each sequence that ends early.
  function fromUtf8(bytes, fatal) {
    const pieces = [];
    const broken = () => {
      if (fatal) throw new TypeError("The bytes are not UTF-8");
      return 0xfffd;
    };
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at++];
      let more = 0;
      let code = first;
      let least = 0x80;
      let most = 0xbf;
      if (first >= 0x80) {
        if (first >= 0xc2 && first <= 0xdf) [more, code] = [1, first & 31];
        else if (first >= 0xe0 && first <= 0xef) [more, code] = [2, first & 15];
        else if (first >= 0xf0 && first <= 0xf4) [more, code] = [3, first & 7];
        else code = broken();
        if (first === 0xe0) least = 0xa0;
        if (first === 0xed) most = 0x9f;
        if (first === 0xf0) least = 0x90;
        if (first === 0xf4) most = 0x8f;
      }
      for (; more > 0; more -= 1) {
        if (at >= bytes.length || bytes[at] < least || bytes[at] > most) {
          code = broken();
          break;
        }
        code = (code << 6) | (bytes[at++] & 63);
        [least, most] = [0x80, 0xbf];
      }
      pieces.push(String.fromCodePoint(code));
    }
    return pieces.join("");
  }

  function base64(bytes, alphabet = ALPHABET, padding = "=") {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 3) {
      const left = bytes.length - at;
      const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      pieces.push(alphabet[three >> 18], alphabet[(three >> 12) & 63]);
      pieces.push(left > 1 ? alphabet[(three >> 6) & 63] : padding, left > 2 ? alphabet[three & 63] : padding);
    }
    return pieces.join("");
  }

  const base64url = (bytes) => base64(bytes, ALPHABET.slice(0, 62) + "-_", "");

  // Both alphabets; what belongs to neither is passed over, as Node does.
  function fromBase64(text) {
    const bytes = [];
    let bits = 0;
    let held = 0;
    for (const letter of String(text)) {
      if (letter === "=") break;
      const value = VALUES.get(letter);
      if (value === undefined) continue;
      held = (held << 6) | value;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 255);
        held &= (1 << bits) - 1;
      }
    }
    return Uint8Array.from(bytes);
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = (text) => {
    const pairs = String(text).match(/^([0-9a-f]{2})*/i)[0];
    return Uint8Array.from({ length: pairs.length / 2 }, (_, at) => parseInt(pairs.slice(2 * at, 2 * at + 2), 16));
  };
  const latin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const fromLatin1 = (text) => Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at) & 255);

  const view = (bytes) => {
    if (bytes === undefined) return new Uint8Array();
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
    if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    throw new TypeError("Bytes must be an ArrayBuffer or a view of one");
  };

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return utf8(text);
    }
  }

  class TextDecoder {
    #fatal;
    #keepsMark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!["utf-8", "utf8"].includes(String(label).trim().toLowerCase())) {
        throw new RangeError(`The encoding ${label} is not supported`);
      }
      this.#fatal = Boolean(fatal);
      this.#keepsMark = Boolean(ignoreBOM);
    }
    get encoding() {
      return "utf-8";
    }
    decode(bytes) {
      const text = fromUtf8(view(bytes), this.#fatal);
      return this.#keepsMark ? text : text.replace(/^\ufeff/, "");
    }
  }

  const invalid = () => new DOMException("The text holds a character that is not allowed", "InvalidCharacterError");
  function btoa(text) {
    const latin = String(text);
    for (let at = 0; at < latin.length; at += 1) if (latin.charCodeAt(at) > 255) throw invalid();
    return base64(fromLatin1(latin));
  }
  function atob(text) {
    const plain = String(text).replace(/[\t\n\f\r ]/g, "");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || plain.replace(/=+$/, "").length % 4 === 1) throw invalid();
    return latin1(fromBase64(plain));
  }

  return { utf8, fromUtf8, base64, base64url, fromBase64, hex, fromHex, latin1, fromLatin1, view, TextEncoder, TextDecoder, atob, btoa };
});
