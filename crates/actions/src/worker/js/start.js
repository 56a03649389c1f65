// What every script needs. What only some scripts need are parts of their own, loaded where a script names them: this is
// read again for each run, so each line of it costs. A script that changes the language harms only itself.
(function (host, parts, words, handler) {
  "use strict";
  const { defineProperty, freeze } = Object;
  const library = { __proto__: null };
  const part = (name) => (library[name] ??= host.library(name)(host, part));

  // A global that is made when it is first touched.
  const offer = (name, make) => {
    const put = (value) => defineProperty(globalThis, name, { value, configurable: true, writable: true });
    defineProperty(globalThis, name, { configurable: true, get: () => (put(make()), globalThis[name]), set: put });
  };
  for (const [name, of] of parts) offer(name, () => part(of)[name]);

  // The functions of `api` only note that they were called.
  const api = { __proto__: null };
  for (const word of handler === undefined ? [] : words) {
    const [group, name] = word.split(".");
    (api[group] ??= {})[name] = (...values) => (host.call(word, ...values), api);
  }
  defineProperty(api, "cache", { enumerable: true, get: () => part("cache").cache });
  for (const group in api) if (group !== "cache") freeze(api[group]);
  freeze(api);
  if (handler === undefined) part("callback").errors(words);

  let exported;
  return {
    load(script) {
      const module = { exports: {} };
      script.call(module.exports, module.exports, (name) => part("require").require(name), module);
      exported = module.exports;
      if (typeof (handler === undefined ? exported : exported?.[handler]) !== "function") {
        throw new TypeError(handler === undefined ? "The script's module.exports is no function" : `The script has no exports.${handler}`);
      }
    },
    start(event, records, now) {
      if (handler === undefined) return part("callback").call(exported, event);
      host.kept = { records, now };
      return Promise.resolve(exported[handler](event, api)).then(() => null);
    },
    timers: () => library.timers?.next(),
  };
});
