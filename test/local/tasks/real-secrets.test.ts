import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { htpasswd } from "../../../src/tasks/htpasswd/htpasswd.ts";
import { knownHosts } from "../../../src/tasks/known-hosts/known-hosts.ts";
import { opensslDhparam } from "../../../src/tasks/openssl-dhparam/openssl-dhparam.ts";
import { opensslPrivatekey } from "../../../src/tasks/openssl-privatekey/openssl-privatekey.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const DONE = { second: { kind: "converged" }, error: null };
const ODD = `it's "$HOME" \\n %s`;
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!hasOpenssl).each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))(
  "under $name (needs openssl)",
  ({ shell }) => {
    test("an encrypted key is made once, for its owner alone, and opens with its passphrase", () => {
      const home = testDirectory();
      const path = `${home}/site.key`;
      for (const format of ["pkcs1", "pkcs8"]) {
        const params = {
          path,
          type: "ECC",
          curve: "secp256r1",
          passphrase: ODD,
          cipher: "auto",
          format,
          format_mismatch: "convert",
        };
        expect(applyHere(opensslPrivatekey, params, [], shell)).toMatchObject(DONE);
        expect(statSync(path).mode & 0o777).toBe(0o600);
        expect(readFileSync(path, "utf8")).toContain("ENCRYPTED");
        execFileSync("openssl", ["pkey", "-in", path, "-noout", "-passin", `pass:${ODD}`]);
        const other = planHere(opensslPrivatekey, { ...params, passphrase: "x" }, [], shell);
        expect(other.plan.kind).toBe("changes");
      }
      expect(readdirSync(home)).toEqual(["site.key"]);
    });

    test("a key of each kind is what was asked for", () => {
      const home = testDirectory();
      for (const [name, params] of Object.entries({
        rsa: { size: 1024 },
        ec: { type: "ECC", curve: "secp384r1" },
        ed: { type: "Ed25519" },
        x: { type: "X25519" },
      })) {
        const made = applyHere(opensslPrivatekey, { path: `${home}/${name}`, ...params }, [], shell);
        expect(made).toMatchObject(DONE);
      }
    });

    test("a password is put in, found again, changed and taken out, and other lines stay", () => {
      const home = testDirectory();
      const path = `${home}/users`;
      writeFileSync(path, "# first\nother:hash", { mode: 0o640 });
      for (const crypt_scheme of ["apr_md5_crypt", "sha256_crypt", "sha512_crypt", "ldap_sha1"]) {
        const params = { path, name: "o'n\\eil *", password: `${ODD}${crypt_scheme}`, crypt_scheme };
        expect(applyHere(htpasswd, params, [], shell)).toMatchObject(DONE);
        expect(applyHere(htpasswd, params, [], shell).first).toEqual({ kind: "converged" });
      }
      expect(readFileSync(path, "utf8").split("\n").slice(0, 2)).toEqual(["# first", "other:hash"]);
      expect(applyHere(htpasswd, { path, name: "o'n\\eil *", state: "absent" }, [], shell)).toMatchObject(
        DONE,
      );
      expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual([
        "# first\nother:hash\n",
        0o640,
      ]);
    });

    test("parameters for Diffie-Hellman are made once", () => {
      const path = `${testDirectory()}/dh.pem`;
      expect(applyHere(opensslDhparam, { path, size: 512 }, [], shell)).toMatchObject(DONE);
      expect(statSync(path).mode & 0o777).toBe(0o644);
    });

    test("a host's key is known to ssh-keygen, hashed or not", () => {
      const path = `${testDirectory()}/known`;
      const key =
        "b.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJtIxm0qCmTWmGEtRNOvFmKMvP2sFZq9Yl8PvmFbNnZi";
      for (const hash_host of [false, true]) {
        const params = { path, name: "b.example.com", key, hash_host };
        expect(applyHere(knownHosts, params, [], shell)).toMatchObject(DONE);
        const found = execFileSync("ssh-keygen", ["-F", "b.example.com", "-f", path], { encoding: "utf8" });
        expect(found).toContain("AAAAIJtIxm0qCmTWmGEtRNOvFmKMvP2sFZq9Yl8PvmFbNnZi");
      }
      expect(readFileSync(path, "utf8")).toMatch(/^\|1\|/);
    });
  },
);
