// What the token inspector says about a token, wherever it is shown.
import assert from "node:assert/strict";

export const CHECKS = ["Signature", "Issuer", "Audience", "Time", "Permissions", "Revocation"];

/** Expects the checks of the report within `place`, of which exactly those named have failed. */
export async function expectChecks(place, failed = []) {
  const report = place.getByRole("region", { name: "Checks" });
  const wanted = CHECKS.map((name) => `${name}: ${failed.includes(name) ? "failed" : "passed"}`);
  const told = async () => {
    const lines = await report.getByRole("listitem").allInnerTexts();
    return lines.map((line) => line.trim().split(/\s+/).slice(0, 2).join(": ").replace(/:$/, ""));
  };
  // While another token is being checked, what was said of the one before still stands.
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if ((await told()).join() === wanted.join()) return;
  }
  assert.deepEqual(await told(), wanted);
}
