import { readFile } from "node:fs/promises";
import ssh2, { type ParsedKey } from "ssh2";
import type { Secret } from "../core/secret.ts";

/** A private key file, as far as it can be used. */
export type Identity =
  | { readonly kind: "key"; readonly path: string; readonly key: ParsedKey }
  | { readonly kind: "missing"; readonly path: string; readonly reason: string }
  | { readonly kind: "encrypted"; readonly path: string }
  | { readonly kind: "wrong-passphrase"; readonly path: string }
  | { readonly kind: "unsupported"; readonly path: string; readonly reason: string };

/** Reads private keys, each file once: decrypting one blocks for a fifth of a second, whatever the number of hosts. */
export interface KeyRing {
  readonly load: (path: string, passphrase: Secret | null) => Promise<Identity>;
}

/** An empty key ring; share one among all connections of a run. */
export const createKeyRing = (): KeyRing => {
  const loaded = new Map<string, Promise<Identity>>();
  const load = (path: string, passphrase: Secret | null): Promise<Identity> => {
    const key = `${path}\0${passphrase === null ? "" : passphrase.reveal()}`;
    const identity = loaded.get(key) ?? readIdentity(path, passphrase);
    loaded.set(key, identity);
    return identity;
  };
  return { load };
};

const readIdentity = async (path: string, passphrase: Secret | null): Promise<Identity> => {
  let data: Buffer;
  try {
    data = await readFile(path);
  } catch (error) {
    return { kind: "missing", path, reason: error instanceof Error ? error.message : String(error) };
  }
  const parsed = ssh2.utils.parseKey(data, passphrase?.reveal());
  if (!(parsed instanceof Error)) return { kind: "key", path, key: parsed };
  if (/no passphrase given/i.test(parsed.message)) return { kind: "encrypted", path };
  if (/bad passphrase|integrity check|bad decrypt/i.test(parsed.message))
    return { kind: "wrong-passphrase", path };
  return { kind: "unsupported", path, reason: parsed.message };
};
