// How values are written to the console.
(function () {
  "use strict";
  const quoted = (text) => JSON.stringify(text);
  function inspect(value, depth = 3, seen = new Set()) {
    if (typeof value === "string") return quoted(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof Error) return String(value.stack ? `${value}\n${value.stack}` : value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return "Promise {}";
    if (seen.has(value)) return "[Circular]";
    if (depth < 0) return Array.isArray(value) ? "[Array]" : "[Object]";
    seen.add(value);
    const inner = (one) => inspect(one, depth - 1, seen);
    const some = (list, write) => {
      const shown = list.slice(0, 100).map(write);
      return list.length > 100 ? [...shown, `… ${list.length - 100} more`] : shown;
    };
    const frame = (open, pieces, close) => (pieces.length ? `${open} ${pieces.join(", ")} ${close}` : open + close);
    let text;
    if (Array.isArray(value) || ArrayBuffer.isView(value)) text = frame("[", some(Array.from(value), inner), "]");
    else if (value instanceof Map) text = `Map ${frame("{", some([...value], ([k, v]) => `${inner(k)} => ${inner(v)}`), "}")}`;
    else if (value instanceof Set) text = `Set ${frame("{", some([...value], inner), "}")}`;
    else {
      const name = (key) => (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quoted(key));
      text = frame("{", some(Object.keys(value), (key) => `${name(key)}: ${inner(value[key])}`), "}");
    }
    seen.delete(value);
    return text;
  }

  function format(...values) {
    let first = "";
    if (typeof values[0] === "string") {
      first = values.shift().replace(/%([sdifjoOc%])/g, (all, kind) => {
        if (kind === "%") return "%";
        if (values.length === 0) return all;
        const value = values.shift();
        if (kind === "s") return typeof value === "string" ? value : inspect(value, 0);
        if (kind === "d" || kind === "f") return String(Number(value));
        if (kind === "i") return String(parseInt(value, 10));
        if (kind === "j") return JSON.stringify(value);
        if (kind === "c") return "";
        return inspect(value);
      });
      if (values.length > 0) first += " ";
    }
    return first + values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" ");
  }
  const promisify = (run) => (...values) =>
    new Promise((resolve, reject) => run(...values, (error, value) => (error ? reject(error) : resolve(value))));
  return { inspect: (value) => inspect(value), format, promisify };
});
