import { createPublicKey, type KeyObject } from "node:crypto";
import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { assign, labelled } from "../shared-probes/label.ts";

/** What can be told of a private key on a node without taking it from there. */
export type PrivateKey =
  | { readonly kind: "no-openssl" }
  | { readonly kind: "absent" }
  /** Damaged, or behind another passphrase. */
  | { readonly kind: "unreadable" }
  | {
      readonly kind: "key";
      /** Its public half. */
      readonly publicKey: KeyObject;
      readonly encrypted: boolean;
      /** How the file is written; `other` is OpenSSH's and the like. */
      readonly format: "pkcs1" | "pkcs8" | "other";
    };

/** Asks openssl on the node for a key's public half. The passphrase goes through a pipe of the shell's own. */
export const privateKey = (path: string, passphrase: string | null): Probe<PrivateKey> =>
  read(
    labelled(`private key ${path}${passphrase === null ? "" : ", with its passphrase"}`, [
      assign("p", path),
      "command -v openssl >/dev/null 2>&1 || exit 127",
      '[ -s "$p" ] || exit 3',
      "grep -e '^-----BEGIN .*PRIVATE KEY-----' -e '^Proc-Type: 4,ENCRYPTED' \"$p\" || exit 4",
      `${passphraseTo(passphrase)} openssl pkey -in "$p" ${passphrase === null ? "-passin pass:" : "-passin stdin"} -pubout || exit 4`,
    ]),
    parseKey,
  );

const passphraseTo = (passphrase: string | null): string =>
  passphrase === null ? "" : `printf '%s\\n' ${quote(passphrase)} |`;

const parseKey = ({ code, stdout }: ReadResult): PrivateKey => {
  if (code === 127) return { kind: "no-openssl" };
  if (code === 3) return { kind: "absent" };
  const text = stdout.toString("utf8");
  const publicKey = code === 0 ? publicKeyOf(text) : null;
  if (publicKey === null) return { kind: "unreadable" };
  const name = /^-----BEGIN (.*)PRIVATE KEY-----/m.exec(text)?.[1] ?? "";
  return {
    kind: "key",
    publicKey,
    encrypted: name === "ENCRYPTED " || text.includes("\nProc-Type: 4,ENCRYPTED"),
    format: ["", "ENCRYPTED "].includes(name)
      ? "pkcs8"
      : ["RSA ", "EC ", "DSA "].includes(name)
        ? "pkcs1"
        : "other",
  };
};

const publicKeyOf = (text: string): KeyObject | null => {
  try {
    return createPublicKey(text.slice(text.indexOf("-----BEGIN PUBLIC KEY-----")));
  } catch {
    return null;
  }
};
