// What every script has from the start: console, timers, the modules and `api`. What is rarely wanted is read when it
// is first touched. It holds what it needs of the language, so that a script that changes the language harms itself.
(function (host, kind, words, handler, modules) {
  "use strict";
  const { freeze, defineProperty, keys } = Object;
  const own = Function.prototype.call.bind(Object.prototype.hasOwnProperty);
  let began = 0;
  const now = () => began + Math.trunc(host.elapsed());
  const after = (promise) => Promise.resolve(promise);
  const library = { __proto__: null };
  const part = (name) => (library[name] ??= host.library(name)(host, part));

  const offer = (name, make) =>
    defineProperty(globalThis, name, {
      configurable: true,
      get() {
        const value = make();
        defineProperty(globalThis, name, { value, configurable: true, writable: true });
        return value;
      },
      set(value) {
        defineProperty(globalThis, name, { value, configurable: true, writable: true });
      },
    });
  offer("TextEncoder", () => part("text").TextEncoder);
  offer("TextDecoder", () => part("text").TextDecoder);
  offer("atob", () => part("text").atob);
  offer("btoa", () => part("text").btoa);
  offer("Buffer", () => part("buffer").Buffer);
  offer("URL", () => part("url").URL);
  offer("URLSearchParams", () => part("url").URLSearchParams);
  offer("crypto", () => part("crypto").crypto);
  offer("structuredClone", () => part("clone"));
  globalThis.global = globalThis;
  globalThis.fetch = async () => {
    throw new Error("fetch is not available: Actions here have no network");
  };

  const line = (values) => (values.length === 1 && typeof values[0] === "string" ? values[0] : part("util").format(...values));
  const say = (...values) => host.log(line(values));
  globalThis.console = { log: say, info: say, warn: say, error: say, debug: say, trace: say };

  // Timers: a list by the time at which they are due.
  let timers = [];
  let lastTimer = 0;
  const at = (id, run, delay, again) => {
    let place = timers.length;
    const due = host.elapsed() + delay;
    while (place > 0 && timers[place - 1].due > due) place -= 1;
    timers.splice(place, 0, { id, run, due, again });
  };
  const timer = (again) => (run, delay, ...values) => {
    if (typeof run !== "function") throw new TypeError("The callback of a timer must be a function");
    if (timers.length >= 1000) throw new RangeError("Too many timers");
    const id = ++lastTimer;
    const wait = Math.max(1, Number(delay) || 0);
    at(id, () => run(...values), wait, again ? wait : 0);
    return id;
  };
  const clear = (id) => {
    timers = timers.filter((timer) => timer.id !== id);
  };
  Object.assign(globalThis, {
    setTimeout: timer(false),
    setInterval: timer(true),
    setImmediate: (run, ...values) => globalThis.setTimeout(run, 0, ...values),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  });

  const require = (name) => {
    const known = String(name).replace(/^node:/, "");
    if (!modules.includes(known)) {
      const error = new Error(`Cannot find module '${name}'. There are: ${modules.join(", ")}`);
      error.code = "MODULE_NOT_FOUND";
      throw error;
    }
    return part(known);
  };

  // The functions of `api` only note that they were called.
  const api = { __proto__: null };
  const kept = new Map();
  if (kind === "export") {
    for (const word of words) {
      const [group, name] = word.split(".");
      (api[group] ??= {})[name] = (...values) => {
        host.call(word, ...values);
        return api;
      };
    }
    const size = (text) => part("text").utf8(text).length;
    api.cache = {
      get(key) {
        const record = kept.get(String(key));
        return record && record.expires_at > now() ? { value: record.value, expires_at: record.expires_at } : undefined;
      },
      set(key, value, { ttl, expires_at } = {}) {
        const failed = (code) => ({ type: "error", code });
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
        if (!kept.delete(String(key))) return { type: "error", code: "NotFound" };
        host.call("cache.delete", String(key));
        return { type: "success" };
      },
    };
    for (const group of keys(api)) freeze(api[group]);
    freeze(api);
  } else {
    for (const name of words) {
      globalThis[name] = class extends Error {};
      defineProperty(globalThis[name].prototype, "name", { value: name, configurable: true, writable: true });
    }
  }

  let exported;
  const ways = {
    export(event) {
      return exported[handler](event, api);
    },
    callback(values) {
      return new Promise((resolve, reject) => {
        const result = exported(...values.map((value) => value ?? undefined), (error, value) => (error ? reject(error) : resolve(value)));
        if (typeof result?.then === "function") result.then(undefined, reject);
      });
    },
  };

  return {
    load(script) {
      const module = { exports: {} };
      script.call(module.exports, module.exports, require, module);
      exported = module.exports;
      if (kind === "export" && typeof exported?.[handler] !== "function") {
        throw new TypeError(`The script has no exports.${handler}`);
      }
      if (kind === "callback" && typeof exported !== "function") {
        throw new TypeError("The script's module.exports is no function");
      }
    },
    start(event, records, now) {
      began = now;
      for (const { key, value, expires_at } of records) kept.set(key, { value, expires_at });
      return after(ways[kind](event)).then((value) => (kind === "callback" ? value : null));
    },
    timers() {
      while (timers.length > 0 && timers[0].due <= host.elapsed()) {
        const { id, run, again } = timers.shift();
        if (again > 0) at(id, run, again, again);
        run();
        return 0;
      }
      return timers.length > 0 ? Math.max(0.1, timers[0].due - host.elapsed()) : undefined;
    },
  };
});
