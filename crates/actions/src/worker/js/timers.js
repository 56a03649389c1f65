// Timers: a list by the time at which they are due.
(function (host) {
  "use strict";
  let timers = [];
  let last = 0;
  const at = (id, run, delay, again) => {
    let place = timers.length;
    const due = host.elapsed() + delay;
    while (place > 0 && timers[place - 1].due > due) place -= 1;
    timers.splice(place, 0, { id, run, due, again });
  };
  const timer = (again) => (run, delay, ...values) => {
    if (typeof run !== "function") throw new TypeError("The callback of a timer must be a function");
    if (timers.length >= 1000) throw new RangeError("Too many timers");
    const id = ++last;
    const wait = Math.max(1, Number(delay) || 0);
    at(id, () => run(...values), wait, again ? wait : 0);
    return id;
  };
  const clear = (id) => {
    timers = timers.filter((timer) => timer.id !== id);
  };
  const setTimeout = timer(false);
  return {
    setTimeout,
    setInterval: timer(true),
    setImmediate: (run, ...values) => setTimeout(run, 0, ...values),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    // Runs one that is due, and says when the next one is.
    next() {
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
