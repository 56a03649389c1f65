// require: the modules that there are.
(function (host, part) {
  "use strict";
  const modules = ["buffer", "crypto", "url", "util"];
  return {
    require(name) {
      const known = String(name).replace(/^node:/, "");
      if (!modules.includes(known)) {
        const error = new Error(`Cannot find module '${name}'. There are: ${modules.join(", ")}`);
        error.code = "MODULE_NOT_FOUND";
        throw error;
      }
      return part(known);
    },
  };
});
