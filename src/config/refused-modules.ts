import { shortName } from "./catalog.ts";

const ACME =
  "certificates of an ACME authority are not fetched by lbplay: let certbot, lego or acme.sh do it on one host, with its answers served through HAProxy, and put the result in place with pem_bundle";

const CSR = "self_signed_certificate makes key and certificate in one; pem_bundle puts issued ones in place";

/** What to do instead of modules of Ansible's that lbplay means not to have, or has in another form. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["archive", "command makes an archive with the node's tar or zip, once with creates; unarchive unpacks it"],
  ["acme_account", ACME],
  ["acme_certificate", ACME],
  ["acme_challenge_cert_helper", ACME],
  ["letsencrypt", ACME],
  ["openssl_csr", CSR],
  ["openssl_pkcs12", CSR],
  ["x509_certificate", CSR],
  ["xml", "template writes the whole file; replace and blockinfile change a part of it"],
  ["synchronize", "copy takes a whole directory as src, and compares before it sends"],
]);

/** What to do instead of a module that there is not; null where nothing is known of it. */
export const insteadOf = (name: string): string | null =>
  INSTEAD.get(shortName(name).replace(/^(?:community\.(?:crypto|general)|ansible\.posix)\./, "")) ?? null;
