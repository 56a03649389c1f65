// URL and URLSearchParams of the WHATWG; what a URL is, is decided outside.
(function (host) {
  "use strict";
  const encode = (text) =>
    encodeURIComponent(text.toWellFormed()).replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase()).replace(/%20/g, "+");
  const decode = (text) => {
    const plain = text.replace(/\+/g, " ");
    try {
      return decodeURIComponent(plain);
    } catch {
      return plain;
    }
  };

  class URLSearchParams {
    #pairs = [];
    #changed = () => {};
    constructor(init = "", changed) {
      if (typeof changed === "function") this.#changed = changed;
      if (typeof init === "object" && init !== null) {
        const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
        for (const [name, value] of pairs) this.#pairs.push([String(name), String(value)]);
      } else {
        this.#read(String(init));
      }
    }
    #read(text) {
      const pieces = text.replace(/^\?/, "").split("&").filter(Boolean);
      this.#pairs = pieces.map((piece) => {
        const [, name, value = ""] = piece.match(/^([^=]*)=?([^]*)$/);
        return [decode(name), decode(value)];
      });
    }
    append(name, value) {
      this.#pairs.push([String(name), String(value)]);
      this.#changed(this.toString());
    }
    delete(name) {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== String(name));
      this.#changed(this.toString());
    }
    get(name) {
      return this.#pairs.find((pair) => pair[0] === String(name))?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter((pair) => pair[0] === String(name)).map((pair) => pair[1]);
    }
    has(name) {
      return this.#pairs.some((pair) => pair[0] === String(name));
    }
    set(name, value) {
      const first = this.#pairs.find((pair) => pair[0] === String(name));
      if (first === undefined) return this.append(name, value);
      first[1] = String(value);
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== String(name) || pair === first);
      this.#changed(this.toString());
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed(this.toString());
    }
    get size() {
      return this.#pairs.length;
    }
    forEach(run, self) {
      for (const [name, value] of this.#pairs) run.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    }
  }

  class URL {
    #href;
    #searchParams;
    constructor(href, base) {
      const read = host.url(String(href), base === undefined ? undefined : String(base));
      if (read === undefined || read === null) throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: String(href) });
      this.#href = read;
    }
    static canParse(href, base) {
      return typeof host.url(String(href), base === undefined ? undefined : String(base)) === "string";
    }
    static part(url, name) {
      return host.urlPart(url.#href, name);
    }
    static change(url, name, value) {
      url.#href = host.urlWith(url.#href, name, String(value));
      if (name === "search") url.#searchParams = undefined;
    }
    get href() {
      return this.#href;
    }
    set href(href) {
      this.#href = new URL(href).#href;
      this.#searchParams = undefined;
    }
    get searchParams() {
      return (this.#searchParams ??= new URLSearchParams(host.urlPart(this.#href, "search"), (search) => {
        this.#href = host.urlWith(this.#href, "search", search);
      }));
    }
    toString() {
      return this.#href;
    }
    toJSON() {
      return this.#href;
    }
  }
  const { part, change } = URL;
  delete URL.part;
  delete URL.change;
  for (const name of ["origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
    Object.defineProperty(URL.prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        return part(this, name);
      },
      set(value) {
        if (name !== "origin") change(this, name, value);
      },
    });
  }
  return { URL, URLSearchParams };
});
