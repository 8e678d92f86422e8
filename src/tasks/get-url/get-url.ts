import type { Action, ActionOutcome } from "../../core/action.ts";
import { all, known, type Probe, read, text } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type ActionDecision, type ActionReport, defineAction, unusable } from "../../core/task.ts";
import {
  applyAttribute,
  attributeChanges,
  attributeValues,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { unreadable } from "../file-content/land-file.ts";
import { cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { checksumOf, downloadAction, urlName } from "./download.ts";
import { type GetUrlParams, schema } from "./schema.ts";

interface GetUrlFacts {
  readonly at: FileAt;
  /** Of the file that is there, by the algorithm of `checksum`; null without either. */
  readonly digest: string | null;
  readonly ids: Identities;
}

/** Downloads a file on the node, with curl or wget, if it is not there or is not the wanted one. */
export const getUrl = defineAction<GetUrlParams, GetUrlFacts>({
  kind: "action",
  name: "get_url",
  aliases: ["ansible.builtin.get_url", "ansible.legacy.get_url"],
  summary: "Downloads a file on the node, with the node's curl or wget, and checks it before it lands.",
  schema,
  example: `- ansible.builtin.get_url:
    url: https://www.example.com/acme.lua
    dest: /etc/haproxy/acme.lua
    checksum: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    mode: "0644"
`,
  rules,
  inspect,
  decide,
  result,
});

function rules(params: GetUrlParams): readonly string[] {
  const lines = [
    ...Object.entries(params.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    params.url_username ?? "",
    params.url_password ?? "",
    params.http_agent,
  ];
  const checksum = checksumOf(params);
  return [
    ...attributeRules(params),
    ...(lines.some((line) => /[\r\n]/.test(line)) ? ["headers, names and passwords are one line each"] : []),
    ...(checksum?.kind === "digest" && !/^[0-9a-f]+$/.test(checksum.digest)
      ? ["checksum is no hexadecimal number"]
      : []),
    ...(params.url_password !== null && params.url_username === null
      ? ["url_password needs a url_username"]
      : []),
    ...(params.tmp_dest === null ? [] : ["tmp_dest is not supported: a download lands beside dest first"]),
    ...(params.unredirected_headers.length === 0
      ? []
      : ["unredirected_headers is not supported: headers go along with redirects"]),
    ...(params.use_gssapi ? ["use_gssapi is not supported"] : []),
  ];
}

function inspect(params: GetUrlParams): Probe<GetUrlFacts> {
  const checksum = checksumOf(params);
  return all<GetUrlFacts>({
    at: fileAt(params.dest, { into: urlName(params.url) }),
    digest: checksum?.kind === "digest" ? digest(params, checksum.algorithm) : known(null),
    ids: identities(params),
  });
}

const digest = ({ dest, url }: GetUrlParams, algorithm: string): Probe<string | null> =>
  read(
    labelled(`${algorithm} of ${cleanPath(dest)} or ${urlName(url)} in it`, [
      assign("p", cleanPath(dest)),
      `[ ! -d "$p" ] || p=\${p%/}/${quote(urlName(url))}`,
      `[ -f "$p" ] && ${algorithm}sum < "$p"`,
    ]),
    (answer) => (answer.code === 0 ? (text(answer).split(" ")[0] ?? null) : null),
  );

function decide(params: GetUrlParams, { at, digest, ids }: GetUrlFacts): ActionDecision {
  if (at.state !== null && at.state.fault !== null) throw unusable(unreadable(at.path, at.state));
  const missing = identityFault(params, ids);
  if (missing !== null) throw unusable(missing);
  const attributes: readonly Action[] =
    at.state === null
      ? []
      : attributeChanges(at.path, at.state, params, ids).flatMap((change) => [...applyAttribute(change)]);
  if (needsDownload(params, at, digest)) {
    return { kind: "run", actions: [downloadAction(params, at), ...attributes] };
  }
  const [first, ...rest] = attributes;
  if (first !== undefined) return { kind: "run", actions: [first, ...rest] };
  return {
    kind: "done",
    msg: "file already exists",
    values: { dest: at.path, url: params.url, ...attributeValues(at.state) },
  };
}

/** A list of digests has to be fetched before anything is known. */
const needsDownload = (params: GetUrlParams, { state }: FileAt, digest: string | null): boolean => {
  if (state === null || params.force) return true;
  const checksum = checksumOf(params);
  if (checksum === null) return false;
  return checksum.kind === "url" || checksum.digest !== digest;
};

/** The download's last line says what came of it; without that line only attributes were set. */
function result(params: GetUrlParams, outcomes: readonly ActionOutcome[]): ActionReport {
  const failure = outcomes.find(({ code }) => code !== 0);
  const found = /^(changed|same) (\d*) ([0-9a-f]*) (.*)$/s.exec(
    outcomes[0]?.stdout.toString("utf8").trimEnd() ?? "",
  );
  if (failure !== undefined) {
    return {
      changed: false,
      failed: true,
      msg: failure.stderr.toString("utf8").trim() || "the download failed",
      values: { url: params.url, dest: params.dest },
    };
  }
  if (found === null) {
    return {
      changed: true,
      failed: false,
      msg: "file already exists but file attributes changed",
      values: { url: params.url, dest: params.dest },
    };
  }
  const [, word, status, sha1, path] = found;
  return {
    changed: word === "changed" || outcomes.length > 1,
    failed: false,
    msg: null,
    values: {
      url: params.url,
      dest: path ?? params.dest,
      status_code: status === "" ? null : Number(status),
      checksum_src: sha1 ?? null,
      checksum_dest: sha1 ?? null,
    },
  };
}
