// Randomness. What hashes and signs is not here.
(function (host, part) {
  "use strict";
  const text = part("text");
  // A UUID of version 4 holds 122 random bits; the first eight digits are all random.
  const four = () => text.fromHex(host.uuid().slice(0, 8));
  const fill = (bytes) => {
    for (let at = 0; at < bytes.length; at += 4) bytes.set(four().subarray(0, bytes.length - at), at);
    return bytes;
  };
  const crypto = {
    randomUUID: () => host.uuid(),
    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || array.byteLength > 65536) throw new RangeError("At most 65536 bytes can be filled");
      fill(text.view(array));
      return array;
    },
  };
  return {
    crypto,
    webcrypto: crypto,
    ...crypto,
    randomBytes: (length) => fill(part("buffer").Buffer.alloc(length)),
    randomInt(least, most) {
      if (most === undefined) [least, most] = [0, least];
      const span = most - least;
      if (!(span > 0 && span <= 0x100000000)) throw new RangeError("The range is empty, or too large");
      const number = () => new DataView(four().buffer).getUint32(0);
      const fair = 0x100000000 - (0x100000000 % span);
      let drawn = number();
      while (drawn >= fair) drawn = number();
      return least + (drawn % span);
    },
  };
});
