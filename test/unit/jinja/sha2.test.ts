import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { shaCrypt } from "../../../src/jinja/python/crypt.ts";
import { createSha2, padded } from "../../../src/jinja/python/sha2.ts";

test.each([
  ["sha256", 32, 64],
  ["sha512", 64, 128],
] as const)("%s is node:crypto's, whatever a message's length.", (kind, size, block) => {
  const hash = createSha2(kind, 4096);
  for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 240, 1000]) {
    const message = Buffer.from(Array.from({ length }, (_, index) => (index * 151 + length) % 256));
    const blocks = padded(kind, message);
    hash.memory.set(blocks, size);
    hash.digest(size, blocks.length / block, 0);
    const digest = Buffer.from(hash.memory.subarray(0, size)).toString("hex");
    expect(digest, `${length}`).toBe(createHash(kind).update(message).digest("hex"));
  }
});

// What glibc's crypt(3) makes of them.
test.each([
  [
    "sha512",
    "secret",
    "abcdefgh",
    656_000,
    "/Ei/7YaGhLUaj/.Vzhbn8/qTav7snBIiSWc4ltNfH/h5CKGCnV8KtAzHxd56WDXc3DF7SfbULGkU/EoGIlOV70",
  ],
  ["sha256", "secret", "abcdefgh", 535000, "QXIhOR7fttJ4bdMfcw7BEvHVCsepCVESzLPmE9hth51"],
  ["sha256", "", "./09AZaz", 1000, "GrLMVo94sogmsufrRfSl3InL0ZYfEPadngfd6ECidqD"],
  [
    "sha512",
    "",
    "./09AZaz",
    1000,
    "RI4qWLGKgn05Yy3sNt9S0dYYZzZErEV2NSj77tIjAQqmz0i4vIW0WlPGJoJsa.7Hna9PdIItRjYGflCUJv7.o.",
  ],
  [
    "sha256",
    "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
    "0123456789abcdef",
    1043,
    "QL1XOoDcYK/8z3pWerh61YyRKJ1nV4M453TpMwZIWrC",
  ],
  [
    "sha512",
    "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
    "0123456789abcdef",
    1043,
    "ZrclE/C6YED6/xUWWNgF4EzNQVMHeeR7Pt6iO3fqqhe4nMR0gl1w5RILYSbjwya6VzEAm91hzpIYOk0Ux4XO1/",
  ],
] as const)("%s of %s with the salt %s in %d rounds", (kind, password, salt, rounds, expected) => {
  expect(shaCrypt(kind, password, salt, rounds)).toBe(
    `$${kind === "sha256" ? 5 : 6}$rounds=${rounds}$${salt}$${expected}`,
  );
});
