// The acceptance checklist, statement by statement: the test that holds it, or the reason why there is none.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const statements = JSON.parse(read("checklist.json"));

it("has each of the 110 statements once, in their order", () => {
  assert.deepEqual(statements.map(({ number }) => number), Array.from({ length: 110 }, (_, index) => index + 1));
});

it("names for each a test, or the reason why there is none", () => {
  for (const { number, says, tests = [], because } of statements) {
    assert.ok(says, `${number}`);
    assert.ok(tests.length > 0 !== (because !== undefined), `${number} needs tests or a reason, not both`);
  }
});

it("names tests that exist", () => {
  for (const { number, tests = [] } of statements) {
    for (const test of tests) {
      const [, file, name] = test.match(/^(\w+): (.*)$/s);
      const isThere = [`it("${name}`, `it(\`${name}`, `: ${name}\``].some((start) => read(`${file}.test.mjs`).includes(start));
      assert.ok(isThere, `${number}: there is no ${test}`);
    }
  }
});
