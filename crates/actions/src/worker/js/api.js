// `api`: its functions only note that they were called. Frozen but for itself, to which the library may add.
(function (host, words) {
  "use strict";
  const api = { __proto__: null };
  for (const word of words) {
    const [group, name] = word.split(".");
    (api[group] ??= {})[name] = (...values) => (host.call(word, ...values), api);
  }
  for (const group in api) Object.freeze(api[group]);
  return api;
});
