// The network, which is not there.
(function () {
  "use strict";
  return {
    fetch: async () => {
      throw new Error("fetch is not available: Actions here have no network");
    },
  };
});
