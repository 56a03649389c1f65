// What a page costs: bytes, requests and time, read from the browser.

/** Watches what goes over the wire for `page` until `stop` is called; what comes from the cache costs nothing. */
export async function wire(page) {
  const debugging = await page.context().newCDPSession(page);
  const asked = new Map();
  debugging.on("Network.requestWillBeSent", ({ requestId, request, redirectResponse }) => {
    // A redirect keeps the id, but was a request of its own.
    if (redirectResponse) asked.set(`${requestId} ${asked.size}`, { url: redirectResponse.url, bytes: redirectResponse.encodedDataLength });
    asked.set(requestId, { url: request.url, bytes: 0 });
  });
  debugging.on("Network.requestServedFromCache", ({ requestId }) => asked.delete(requestId));
  debugging.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache) return asked.delete(requestId);
    Object.assign(asked.get(requestId) ?? {}, { type: response.mimeType, encoding: response.headers["content-encoding"] });
  });
  debugging.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const one = asked.get(requestId);
    if (one) one.bytes = encodedDataLength;
  });
  await debugging.send("Network.enable");
  return {
    async stop() {
      await debugging.detach();
      const requests = [...asked.values()].filter(({ url }) => url.startsWith("http"));
      const total = (of) => of.reduce((sum, { bytes }) => sum + bytes, 0);
      const scripts = requests.filter(({ type }) => type?.includes("javascript"));
      return { requests, scripts, javascript: total(scripts), bytes: total(requests) };
    },
  };
}

/** Milliseconds from the navigation to the first paint with content, in the document at hand. */
export const firstPaint = (page) =>
  page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const entry = list.getEntriesByName("first-contentful-paint")[0];
      if (entry) resolve(entry.startTime);
    }).observe({ type: "paint", buffered: true });
  }));

/** Milliseconds from the click on a link to the frame that shows what `selector` finds and `heading` as the heading. */
export const walk = (page, link, heading, selector) =>
  link.evaluate((element, [heading, selector]) => new Promise((resolve) => {
    const began = performance.now();
    const look = () => {
      const arrived = document.querySelector("h1")?.textContent === heading && document.querySelector(selector) !== null;
      if (arrived) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      else requestAnimationFrame(look);
    };
    element.click();
    requestAnimationFrame(look);
  }), [heading, selector]);

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
