// Node's Buffer, as far as it is commonly used.
(function (host, part) {
  "use strict";
  const text = part("text");
  const encodings = {
    utf8: [text.utf8, text.fromUtf8],
    base64: [text.fromBase64, text.base64],
    base64url: [text.fromBase64, text.base64url],
    hex: [text.fromHex, text.hex],
    latin1: [text.fromLatin1, text.latin1],
  };
  const aliases = { "utf-8": "utf8", binary: "latin1", ascii: "latin1" };
  const encoding = (name = "utf8") => {
    const lower = String(name).toLowerCase();
    const found = encodings[aliases[lower] ?? lower];
    if (!found) throw new TypeError(`Unknown encoding: ${name}`);
    return found;
  };

  class Buffer extends Uint8Array {
    static from(value, second, third) {
      if (typeof value === "string") return Buffer.#of(encoding(second)[0](value));
      if (value instanceof ArrayBuffer) return new Buffer(value, second, third);
      if (value?.type === "Buffer" && Array.isArray(value.data)) return Buffer.#of(value.data);
      return Buffer.#of(value);
    }
    static #of(bytes) {
      const buffer = new Buffer(bytes.length);
      buffer.set(bytes);
      return buffer;
    }
    static alloc(length, fill) {
      const buffer = new Buffer(length);
      return fill === undefined ? buffer : buffer.fill(fill);
    }
    static allocUnsafe(length) {
      return new Buffer(length);
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static byteLength(value, name) {
      return typeof value === "string" ? encoding(name)[0](value).length : value.byteLength;
    }
    static concat(list, length = list.reduce((sum, one) => sum + one.length, 0)) {
      const buffer = new Buffer(length);
      let at = 0;
      for (const one of list) {
        const piece = one.subarray(0, Math.max(0, length - at));
        buffer.set(piece, at);
        at += piece.length;
      }
      return buffer;
    }
    static compare(a, b) {
      for (let at = 0; at < Math.min(a.length, b.length); at += 1) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
      return Math.sign(a.length - b.length);
    }
    toString(name, begin = 0, end = this.length) {
      return encoding(name)[1](this.subarray(begin, end));
    }
    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    compare(other) {
      return Buffer.compare(this, other);
    }
    slice(begin, end) {
      return this.subarray(begin, end);
    }
    write(value, at = 0, name = "utf8") {
      const bytes = encoding(name)[0](value).subarray(0, this.length - at);
      this.set(bytes, at);
      return bytes.length;
    }
  }
  return { Buffer };
});
