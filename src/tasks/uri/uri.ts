import { defineAction } from "../../core/task.ts";
import { type GuardFacts, guard } from "../command-run/guard.ts";
import { requestAction } from "./request.ts";
import { reportOf } from "./response.ts";
import { schema, type UriParams } from "./schema.ts";

/** Asks a web server from the node, and checks or keeps its answer. */
export const uri = defineAction<UriParams, GuardFacts>({
  kind: "action",
  name: "uri",
  aliases: ["ansible.builtin.uri"],
  summary: "Asks a web server from the node, and checks or keeps its answer.",
  schema,
  example: `- ansible.builtin.uri:
    url: http://127.0.0.1:8404/healthz
    return_content: true
    status_code: [200, 204]
  register: health
  until: health.status == 200
  retries: 10
`,
  rules: ({ body, body_format, src, url_username, url_password, remote_src }) => [
    ...(body !== null && src !== null ? ["body and src exclude each other"] : []),
    ...(body_format === "raw" && body !== null && typeof body === "object"
      ? ["a body that is data needs a body_format: json or form-urlencoded"]
      : []),
    ...(url_password !== null && url_username === null ? ["url_password goes with url_username"] : []),
    ...(remote_src && src === null ? ["remote_src goes with src"] : []),
  ],
  inputs: ({ src, remote_src }) => (src === null || remote_src ? [] : [{ kind: "file", path: src }]),
  inspect: ({ creates, removes }) => guard({ chdir: null, creates, removes }),
  decide: (params, { unneeded }, inputs) =>
    unneeded === null
      ? { kind: "run", actions: [requestAction(params, inputs)] }
      : { kind: "done", msg: `skipped, since ${unneeded}`, values: { stdout: `skipped, since ${unneeded}` } },
  result: reportOf,
  harmless: ({ method, dest }) => dest === null && (method === "GET" || method === "HEAD"),
});
