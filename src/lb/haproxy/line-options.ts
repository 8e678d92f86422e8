import type { Word } from "../syntax.ts";
import type { LineOptions } from "./config.ts";

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Options of bind lines that a value follows; all versions from 1.5 to 3.5. The others stand alone. */
const BIND_VALUES = names(`
  accept-netscaler-cip alpn backlog ca-file ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file cc ciphers
  ciphersuites client-sigalgs crl-file crt crt-ignore-err crt-list curves default-crt ecdhe ech expose-fd gid group
  guid-prefix id idle-ping interface ktls label level maxconn mode mss name namespace nbconn nice npn ocsp-update
  process proto quic-cc-algo quic-socket severity-output shards sigalgs ssl-max-ver ssl-min-ver tcp-md5sig tcp-ss
  tcp-ut thread tls-ticket-keys uid user verify`);

/** Options of server lines that a value follows. */
const SERVER_VALUES = names(`
  addr agent-addr agent-inter agent-port agent-send alpn ca-file cc check-alpn check-pool-conn-name check-proto
  check-sni ciphers ciphersuites client-sigalgs cookie crl-file crt curves downinter error-limit fall fastinter guid
  hash-key healthcheck id idle-ping init-addr init-state inter interface ktls log-bufsize log-proto max-reuse maxconn
  maxqueue minconn namespace npn observe on-error on-marked-down on-marked-up pool-conn-name pool-low-conn
  pool-max-conn pool-purge-delay port proto proxy-v2-options quic-cc-algo redir resolve-net resolve-opts
  resolve-prefer resolvers rise shard sigalgs slowstart sni socks4 source ssl-max-ver ssl-min-ver tcp-md5sig tcp-ut
  track usesrc verify verifyhost weight ws`);

/** Options of server lines that begin with `no-` and are set by it, with what takes them back. */
const SERVER_NEGATIVES: ReadonlyMap<string, string> = new Map(
  ["sslv3", "tlsv10", "tlsv11", "tlsv12", "tlsv13", "tls-tickets", "ssl-reuse", "renegotiate"].map(
    (name): [string, string] => [`no-${name}`, name],
  ),
);

/** Pairs of options of server lines of which one takes the other back. */
const SERVER_OPPOSITES: ReadonlyMap<string, string> = new Map([
  ["enabled", "disabled"],
  ["stick", "non-stick"],
]);

/** The options of a bind line, behind its address. `crt` and the like may be repeated, and then keep all their values. */
export const bindOptions = (words: readonly Word[]): LineOptions => {
  const options = new Map<string, readonly Word[]>();
  for (const { name, values } of split(words, BIND_VALUES)) {
    if (!REPEATED.has(name)) options.set(name, values);
    else options.set(name, [...(options.get(name) ?? []), ...values]);
  }
  return options;
};

const REPEATED = names("crt default-crt crt-list");

/** The options of a server or default-server line on top of those that it begins with. */
export const serverOptions = (base: LineOptions, words: readonly Word[]): LineOptions => {
  const options = new Map(base);
  for (const { name, values } of split(words, SERVER_VALUES)) {
    const opposite = SERVER_OPPOSITES.get(name);
    if (opposite !== undefined) options.delete(opposite);
    else if (SERVER_NEGATIVES.has(name)) options.set(name, values);
    else if (SERVER_NEGATIVES.has(`no-${name}`)) options.delete(`no-${name}`);
    else if (name.startsWith("no-")) options.delete(name.slice(3));
    else options.set(name, values);
  }
  return options;
};

/** Options by name. What is not known stands alone, except that `set-proxy-v2-tlv-fmt(id)` has its value. */
const split = (
  words: readonly Word[],
  valued: ReadonlySet<string>,
): readonly { readonly name: string; readonly values: readonly Word[] }[] => {
  const found: { readonly name: string; readonly values: readonly Word[] }[] = [];
  for (let index = 0; index < words.length; ) {
    const name = words[index]?.text ?? "";
    const count = valued.has(name) || name.startsWith("set-proxy-v2-tlv-fmt(") ? 1 : 0;
    found.push({ name, values: words.slice(index + 1, index + 1 + count) });
    index += 1 + count;
  }
  return found;
};
