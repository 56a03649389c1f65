// What `api` answers about a login: whether somebody can be sent away, tokens for where they go, and from there (RFC 7519).
(function (host, part) {
  "use strict";
  const text = part("text");
  const { canRedirect = false, rules = [], parameters = {}, iss, sub, ip } = host.given ?? {};
  const seconds = () => Math.floor((host.now + host.elapsed()) / 1000);
  const encode = (value) => text.base64url(text.utf8(JSON.stringify(value)));
  const decode = (letters) => JSON.parse(text.fromUtf8(text.fromBase64(letters), true));
  const known = (secret) => {
    if (typeof secret !== "string" || secret === "") throw new TypeError("secret must be a text that is not empty");
    return secret;
  };
  return {
    canRedirect: () => canRedirect,
    wasExecuted: (id) => rules.includes(id),
    encodeToken({ secret, payload = {}, expiresInSeconds = 900 } = {}) {
      if (typeof payload !== "object" || payload === null) throw new TypeError("payload must be an object");
      if (!(expiresInSeconds > 0)) throw new RangeError("expiresInSeconds must be a number above nought");
      const iat = seconds();
      const claims = { ...payload, iat, iss, sub, exp: iat + Math.floor(expiresInSeconds), ip };
      const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
      return `${signed}.${host.hs256(known(secret), signed)}`;
    },
    validateToken({ secret, tokenParameterName = "session_token" } = {}) {
      const token = parameters[tokenParameterName];
      if (typeof token !== "string") throw new Error(`There is no parameter ${tokenParameterName}`);
      const [header, claims, proof, ...more] = token.split(".");
      if (proof === undefined || more.length > 0) throw new Error("The token is malformed");
      if (decode(header).alg !== "HS256") throw new Error("The token is not signed with HS256");
      if (!host.isHs256(known(secret), `${header}.${claims}`, proof)) throw new Error("The token's signature is wrong");
      const payload = decode(claims);
      const is = (name) => payload[name] === undefined || typeof payload[name] === "number";
      if (!is("exp") || !is("nbf") || payload.exp <= seconds()) throw new Error("The token has expired");
      if (payload.nbf > seconds()) throw new Error("The token is not good yet");
      if (typeof payload.state !== "string" || payload.state !== parameters.state) throw new Error("The token is of another state");
      return payload;
    },
  };
});
