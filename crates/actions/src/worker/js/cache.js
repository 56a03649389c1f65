// `api.cache`: texts for later runs, by the server's clock.
(function (host, part) {
  "use strict";
  const kept = new Map();
  for (const { key, value, expires_at } of host.kept) kept.set(key, { value, expires_at });
  const now = () => host.now + Math.trunc(host.elapsed());
  const size = (text) => part("text").utf8(text).length;
  const failed = (code) => ({ type: "error", code });
  const cache = {
    get(key) {
      const record = kept.get(String(key));
      return record && record.expires_at > now() ? { value: record.value, expires_at: record.expires_at } : undefined;
    },
    set(key, value, { ttl, expires_at } = {}) {
      if (typeof key !== "string" || typeof value !== "string") return failed("InvalidArgument");
      if (size(key) > 64) return failed("KeySizeExceeded");
      if (size(value) > 4096) return failed("ValueSizeExceeded");
      const set = now();
      const ends = [ttl === undefined ? Infinity : set + ttl, expires_at ?? Infinity].filter((end) => end === end);
      let end = Math.min(...ends);
      if (end === Infinity) end = set + 900_000;
      end = Math.trunc(Math.min(end, set + 86_400_000));
      if (end <= set) return failed("ItemAlreadyExpired");
      let total = size(key) + size(value);
      for (const [other, record] of kept) if (other !== key) total += size(other) + size(record.value);
      if (total > 8192 || (!kept.has(key) && kept.size >= 20)) return failed("CacheSizeExceeded");
      kept.set(key, { value, expires_at: end });
      host.call("cache.set", key, value, end);
      return { type: "success", record: { value, expires_at: end } };
    },
    delete(key) {
      if (!kept.delete(String(key))) return failed("NotFound");
      host.call("cache.delete", String(key));
      return { type: "success" };
    },
  };
  return { cache: Object.freeze(cache) };
});
