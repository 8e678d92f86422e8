import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  entriesOf,
  fingerprint,
  type HostName,
  judge,
  keyType,
  parseKnownHosts,
} from "../../../src/transport/known-hosts.ts";
import { newKey, withDirectory } from "./nodes.ts";

const [KEY, OTHER] = [newKey(), newKey()];

const verdict = (text: string, name: HostName, key = KEY.wire): string =>
  judge(entriesOf(parseKnownHosts("known_hosts", text), name), key).kind;

const lb1 = { host: "lb1", port: 22 };
const lb1High = { host: "lb1", port: 2222 };

describe("known_hosts", () => {
  it.each([
    ["a plain name", `lb1 ${KEY.public}`, lb1, "known"],
    ["one of several names", `lb0,lb1,10.0.0.1 ${KEY.public} comment`, lb1, "known"],
    ["a name in another case", `LB1 ${KEY.public}`, { host: "Lb1", port: 22 }, "known"],
    ["another name", `lb2 ${KEY.public}`, lb1, "unknown"],
    ["a longer name", `lb11 ${KEY.public}`, lb1, "unknown"],
    ["a dot is no wildcard", `lb.1 ${KEY.public}`, { host: "lbx1", port: 22 }, "unknown"],
    ["a port", `[lb1]:2222 ${KEY.public}`, lb1High, "known"],
    ["another port", `[lb1]:2223 ${KEY.public}`, lb1High, "unknown"],
    ["a port is not the name alone", `[lb1]:2222 ${KEY.public}`, lb1, "unknown"],
    ["the name alone, for want of one with the port", `lb1 ${KEY.public}`, lb1High, "known"],
    [
      "the name with the port before the name alone",
      `lb1 ${KEY.public}\n[lb1]:2222 ${OTHER.public}`,
      lb1High,
      "changed",
    ],
    ["a star", `lb* ${KEY.public}`, lb1, "known"],
    ["a question mark", `lb? ${KEY.public}`, lb1, "known"],
    ["a star and a port", `[lb*]:2222 ${KEY.public}`, lb1High, "known"],
    ["a negation", `lb*,!lb1 ${KEY.public}`, lb1, "unknown"],
    ["a negation of another", `!lb2,lb* ${KEY.public}`, lb1, "known"],
    ["another key", `lb1 ${OTHER.public}`, lb1, "changed"],
    ["one of two keys", `lb1 ${OTHER.public}\nlb1 ${KEY.public}`, lb1, "known"],
    ["a revoked key, although it is known", `lb1 ${KEY.public}\n@revoked * ${KEY.public}`, lb1, "revoked"],
    ["another key is revoked", `lb1 ${KEY.public}\n@revoked * ${OTHER.public}`, lb1, "known"],
    ["an authority does not vouch by its own key", `@cert-authority lb* ${KEY.public}`, lb1, "unknown"],
    ["an unknown marker", `@future lb1 ${KEY.public}`, lb1, "unknown"],
    ["comments and blank lines", `# lb1\n\n  lb1\t${KEY.public}\n`, lb1, "known"],
    ["a broken line", `lb1\nlb1 ssh-ed25519\n`, lb1, "unknown"],
    ["a key of another type", `lb1 ssh-rsa AAAAB3NzaC1yc2E=`, lb1, "changed"],
  ] as const)("judges %s", (_what, text, name, expected) => {
    expect(verdict(text, name)).toBe(expected);
  });

  it.skipIf(!existsSync("/usr/bin/ssh-keygen"))("reads the names that ssh-keygen hashes", async () => {
    await withDirectory(async (directory) => {
      const file = join(directory, "known_hosts");
      writeFileSync(file, `lb1 ${KEY.public}\n[lb1]:2222 ${OTHER.public}\n`);
      execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
      const text = readFileSync(file, "utf8");
      expect(text).not.toContain("lb1");
      expect([verdict(text, lb1), verdict(text, lb1High), verdict(text, { host: "lb2", port: 22 })]).toEqual([
        "known",
        "changed",
        "unknown",
      ]);
    });
  });

  it.skipIf(!existsSync("/usr/bin/ssh-keygen"))("prints fingerprints as ssh-keygen does", async () => {
    await withDirectory(async (directory) => {
      const file = join(directory, "key.pub");
      writeFileSync(file, `${KEY.public}\n`);
      const line = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" });
      expect(line.split(" ")[1]).toBe(fingerprint(KEY.wire));
    });
  });

  it("says where an entry stands", () => {
    expect(parseKnownHosts("f", `# note\n@revoked lb1 ${KEY.public}`)).toEqual([
      { file: "f", line: 2, marker: "revoked", names: "lb1", type: "ssh-ed25519", key: KEY.wire },
    ]);
  });

  it("reads a key's type from the key itself", () => {
    expect([keyType(KEY.wire), keyType(Buffer.alloc(2))]).toEqual(["ssh-ed25519", ""]);
  });
});
