// Scripts that call back, in the manner of before promises.
(function () {
  "use strict";
  return {
    errors(names) {
      for (const name of names) {
        globalThis[name] = class extends Error {
          constructor(message, userMessage) {
            super(message);
            if (userMessage !== undefined) this.userMessage = userMessage;
          }
        };
        Object.defineProperty(globalThis[name].prototype, "name", { value: name, configurable: true, writable: true });
      }
    },
    call: (exported, values) =>
      new Promise((resolve, reject) => {
        // What JSON cannot leave out is left out here.
        const given = values.map((value) => value ?? undefined);
        const result = exported(...given, (error, value) => (error ? reject(error) : resolve(value)));
        if (typeof result?.then === "function") result.then(undefined, reject);
      }),
  };
});
