// structuredClone, for what Actions hold: plain values, arrays, maps, sets, dates, errors, bytes.
(function () {
  "use strict";
  const refuse = (what) => {
    throw new DOMException(`${what} could not be cloned.`, "DataCloneError");
  };
  const structuredClone = function (value) {
    const seen = new Map();
    const clone = (value) => {
      if (typeof value === "function" || typeof value === "symbol") refuse(String(value));
      if (typeof value !== "object" || value === null) return value;
      if (seen.has(value)) return seen.get(value);
      const keep = (made) => (seen.set(value, made), made);
      if (value instanceof Date) return keep(new Date(value.getTime()));
      if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
      if (value instanceof Boolean || value instanceof Number || value instanceof String) return keep(Object(value.valueOf()));
      if (value instanceof ArrayBuffer) return keep(value.slice(0));
      if (ArrayBuffer.isView(value)) {
        const buffer = clone(value.buffer);
        const length = value instanceof DataView ? value.byteLength : value.length;
        return keep(new (value instanceof DataView ? DataView : value.constructor)(buffer, value.byteOffset, length));
      }
      if (value instanceof Map) {
        const made = keep(new Map());
        for (const [key, one] of value) made.set(clone(key), clone(one));
        return made;
      }
      if (value instanceof Set) {
        const made = keep(new Set());
        for (const one of value) made.add(clone(one));
        return made;
      }
      if (value instanceof Error) {
        const made = keep(new Error(value.message));
        made.name = value.name;
        made.stack = value.stack;
        return made;
      }
      if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) refuse("#<Object>");
      const made = keep(Array.isArray(value) ? new Array(value.length) : {});
      for (const key of Object.keys(value)) made[key] = clone(value[key]);
      return made;
    };
    return clone(value);
  };
  return { structuredClone };
});
