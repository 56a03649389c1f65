// console: what is said is kept in bounds outside.
(function (host, part) {
  "use strict";
  const line = (values) => (values.length === 1 && typeof values[0] === "string" ? values[0] : part("util").format(...values));
  const say = (...values) => host.log(line(values));
  return { console: { log: say, info: say, warn: say, error: say, debug: say, trace: say } };
});
