import type { Place, SourceText } from "../core/error.ts";

/** What is secret in a line of haproxy.cfg or keepalived.conf: the first group leads to it, the second is it. */
const SECRETS: readonly RegExp[] = [
  /^(\s*auth_pass\s+)(\S.*?)(?=\s*(?:[!#].*)?$)/,
  /^(\s*(?:auth_)?(?:hmac_)?key\s+)(\S.*?)(?=\s*(?:[!#].*)?$)/,
  /^(\s*stats\s+auth\s+[^\s:]+:)((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+)/,
  /^(\s*user\s+\S+\s+(?:insecure-)?password\s+)((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+)/,
  /^(.*\b(?:proxy-)?authorization\s+)(\S.*)$/i,
  /^(\s*tcp-check\s+send\s+AUTH)(\S.*)$/i,
  /^(\s*(?:setenv|presetenv)\s+\S*(?:PASS|SECRET|TOKEN|KEY)\S*\s+)(\S.*)$/i,
];

/** The secrets that a configuration holds, as they are written. */
export const secretsIn = (text: string): readonly string[] =>
  text.split("\n").flatMap((line) =>
    SECRETS.flatMap((secret) => {
      const hidden = secret.exec(line)?.[2]?.trim();
      return hidden === undefined ? [] : [hidden, hidden.replace(/^(["'])(.*)\1$/, "$2")];
    }),
  );

/** A configuration as it may be shown: every secret is as many stars, so that lines and columns stay what they are. */
export const maskSecrets = (text: string): string =>
  text
    .split("\n")
    .map((line) => SECRETS.reduce(maskLine, line))
    .join("\n");

const maskLine = (line: string, secret: RegExp): string =>
  line.replace(secret, (_, before: string, hidden: string) => before + hidden.replaceAll(/[^\r]/g, "*"));

/** Places of one report as they may be shown: each source is masked once. */
export const createMaskedPlaces = (): ((place: Place) => Place) => {
  const masked = new Map<SourceText, SourceText>();
  return (place) => {
    const source = masked.get(place.source) ?? { ...place.source, text: maskSecrets(place.source.text) };
    masked.set(place.source, source);
    return { ...place, source };
  };
};
