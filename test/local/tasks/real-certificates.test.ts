import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pemBundle } from "../../../src/tasks/pem-bundle/pem-bundle.ts";
import { selfSignedCertificate } from "../../../src/tasks/self-signed-certificate/self-signed-certificate.ts";
import { applyHere, input, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const CONVERGED = { kind: "converged" };
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const me = { owner: String(process.getuid?.()), group: String(process.getgid?.()) };

describe.skipIf(!hasOpenssl).each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))(
  "under $name (needs openssl)",
  ({ shell }) => {
    test.each([
      ["ecc", 256],
      ["ecc", 384],
      ["rsa", 2048],
    ])("a %s %i certificate is made once and stays", (type, size) => {
      const home = testDirectory();
      const params = {
        common_name: "www.example.com",
        subject_alt_names: ["www.example.com", "192.0.2.10", "2001:db8::10"],
        key_path: `${home}/site.key`,
        cert_path: `${home}/site.crt`,
        bundle_path: `${home}/site.pem`,
        key_type: type,
        key_size: size,
        ...me,
      };
      const made = applyHere(selfSignedCertificate, params, [], shell);
      expect(made).toMatchObject({ second: CONVERGED, error: null });
      const certificate = new X509Certificate(readFileSync(`${home}/site.crt`));
      expect(certificate.checkHost("www.example.com")).toBe("www.example.com");
      expect(certificate.checkIP("2001:db8::10")).toBe("2001:db8::10");
      expect(statSync(`${home}/site.key`).mode & 0o777).toBe(0o600);
      expect(statSync(`${home}/site.pem`).mode & 0o777).toBe(0o600);
      expect(execFileSync("ls", ["-A", home], { encoding: "utf8" })).toBe("site.crt\nsite.key\nsite.pem\n");
    });

    test("another name renews the certificate and keeps the key; a lost bundle is put together again", () => {
      const home = testDirectory();
      const params = {
        common_name: "a.example.com",
        key_path: `${home}/k`,
        cert_path: `${home}/c`,
        bundle_path: `${home}/b`,
        ...me,
      };
      applyHere(selfSignedCertificate, params, [], shell);
      const key = readFileSync(`${home}/k`, "utf8");
      const renamed = { ...params, common_name: "b.example.com" };
      expect(applyHere(selfSignedCertificate, renamed, [], shell)).toMatchObject({
        second: CONVERGED,
        error: null,
      });
      expect(readFileSync(`${home}/k`, "utf8")).toBe(key);
      writeFileSync(`${home}/b`, "edited");
      expect(applyHere(selfSignedCertificate, renamed, [], shell)).toMatchObject({
        second: CONVERGED,
        error: null,
      });
      expect(readFileSync(`${home}/b`, "utf8")).toBe(readFileSync(`${home}/c`, "utf8") + key);
    });

    test("pem_bundle opens an encrypted key, lands the bundle closed, and is done then", () => {
      const home = testDirectory();
      const sources = certificate();
      const params = {
        path: `${home}/site.pem`,
        key_src: "site.key",
        cert_src: "site.crt",
        passphrase: "sesame",
        ...me,
      };
      const inputs = [input("site.key", sources.encrypted), input("site.crt", sources.cert)];
      expect(applyHere(pemBundle, params, inputs, shell)).toMatchObject({ second: CONVERGED, error: null });
      expect(statSync(`${home}/site.pem`).mode & 0o777).toBe(0o600);
      const bundle = readFileSync(`${home}/site.pem`, "utf8");
      expect(bundle).toContain("-----BEGIN PRIVATE KEY-----");
      expect(bundle).not.toContain("ENCRYPTED");

      writeFileSync(`${home}/plain.key`, sources.plain);
      writeFileSync(`${home}/site.crt`, sources.cert);
      const remote = {
        ...params,
        key_src: `${home}/plain.key`,
        cert_src: `${home}/site.crt`,
        remote_src: true,
      };
      expect(planHere(pemBundle, remote, [], shell).plan).toEqual(CONVERGED);
    });
  },
);

/** Made once for all shells. */
const certificate = (): Certificate => {
  made ??= makeCertificate(testDirectory());
  return made;
};

let made: Certificate | null = null;

interface Certificate {
  readonly plain: string;
  readonly encrypted: string;
  readonly cert: string;
}

const makeCertificate = (home: string): Certificate => {
  const openssl = (...words: readonly string[]): string =>
    execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    `${home}/x`,
    "-subj",
    "/CN=x",
    "-out",
    `${home}/y`,
  );
  // The old format of a key: the bundle holds the same key whatever form it came in.
  const plain = openssl("rsa", "-in", `${home}/x`, "-traditional");
  const encrypted = openssl("pkcs8", "-topk8", "-in", `${home}/x`, "-passout", "pass:sesame");
  return { plain, encrypted, cert: readFileSync(`${home}/y`, "utf8") };
};
