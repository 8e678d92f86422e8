import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { publicKeys } from "../../../src/tasks/openpgp/public-keys.ts";

const golden = fileURLToPath(new URL("../../golden/rpm_key/file.yml", import.meta.url));
const armor: string = parse(readFileSync(golden, "utf8")).host["content of /root/demo.asc behind links"].file
  .content;

const KEY = {
  fingerprint: "B058DBAC5458A8CE1235DEBE1A1059BF93580284",
  userId: "Demo <demo@example.com>",
};

const armored = (bytes: Buffer, headers = ""): string =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${headers}\n${bytes.toString("base64")}\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n`;

const body = (): Buffer => Buffer.from(armor.split("\n").slice(2, -3).join(""), "base64");

test("A key is found whatever stands around its block, before it and in its headers.", () => {
  expect(publicKeys(`pub rsa\n\n${armor.replaceAll("\n", "\r\n")}\nand so on`)).toEqual([KEY]);
  expect(publicKeys(armored(body(), "Version: rpm-4.18.0\nComment: a\n"))).toEqual([KEY]);
});

test("Every block counts, one without a key of version 4 as null.", () => {
  const old = body();
  old[2] = 3;
  expect(publicKeys(armored(old) + armor)).toEqual([null, KEY]);
});

test("The length of a packet is read in all its forms.", () => {
  const key = body().subarray(2, 2 + 51);
  const rest = body().subarray(2 + 51);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(51);
  const heads = [
    Buffer.from([0x99, 0, 51]),
    Buffer.concat([Buffer.from([0x9a]), length]),
    Buffer.from([0xc6, 51]),
    Buffer.concat([Buffer.from([0xc6, 255]), length]),
  ];
  for (const head of heads) expect(publicKeys(armored(Buffer.concat([head, key, rest])))).toEqual([KEY]);
  const long = Buffer.concat([Buffer.from([0xcd, 192, 8]), Buffer.alloc(200, "a")]);
  expect(publicKeys(armored(Buffer.concat([heads[0] ?? key, key, long])))).toEqual([
    { ...KEY, userId: "a".repeat(200) },
  ]);
});

test("Bytes that are no key, or end too soon, are no key, and nothing is thrown.", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(publicKeys(armored(Buffer.from(bytes)))).toHaveLength(1);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 52 }), (end) => {
      expect(publicKeys(armored(body().subarray(0, end)))).toEqual([null]);
    }),
  );
});
