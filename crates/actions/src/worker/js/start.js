// The library for scripts that name something of it. Its parts are read when they are first touched. This is read again for
// each run, so each line of it costs. A script that changes the language harms only itself.
(function (host, globals, api, errors, answered) {
  "use strict";
  const { defineProperty } = Object;
  const library = { __proto__: null };
  const part = (name) => (library[name] ??= host.library(name)(host, part));
  for (const [name, of] of globals) {
    const put = (value) => defineProperty(globalThis, name, { value, configurable: true, writable: true });
    defineProperty(globalThis, name, { configurable: true, get: () => (put(part(of)[name]), globalThis[name]), set: put });
  }
  if (api) defineProperty(api, "cache", { enumerable: true, get: () => part("cache").cache });
  for (const [group, name] of answered) api[group][name] = (...values) => part("login")[name](...values);
  if (errors) part("callback").errors(errors);
  return {
    require: (name) => part("require").require(name),
    call: (exported) => (values) => part("callback").call(exported, values),
    timers: () => library.timers?.next(),
  };
});
