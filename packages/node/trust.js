// Lets this process believe one more authority, in `fetch` and in everything else that is made of `node:tls`.

import tls from "node:tls";

const authorities = new Set();
let original;

export function trust(pem) {
  authorities.add(pem);
  if (tls.setDefaultCACertificates) {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), pem]);
    return;
  }
  if (original) return;
  original = tls.createSecureContext;
  // Whoever names authorities of their own wants no others.
  tls.createSecureContext = (options) => {
    const made = original(options);
    if (!options?.ca) for (const authority of authorities) made.context.addCACert(authority);
    return made;
  };
}

export function distrust(pem) {
  if (!authorities.delete(pem)) return;
  if (tls.setDefaultCACertificates) {
    tls.setDefaultCACertificates(tls.getCACertificates("default").filter((known) => known.trim() !== pem.trim()));
  }
}
