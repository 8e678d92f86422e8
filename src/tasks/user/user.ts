import { defineState } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { probe, type UserFacts } from "./facts.ts";
import { planUser } from "./plan.ts";
import { schema, type UserParams } from "./schema.ts";

/** Makes, changes and removes users. */
export const user = defineState<UserParams, UserFacts, PlannedChange>({
  kind: "state",
  name: "user",
  aliases: ["ansible.builtin.user"],
  summary: "Makes, changes and removes users.",
  schema,
  example: `- ansible.builtin.user:
    name: keepalived_script
    system: true
    shell: /usr/sbin/nologin
    create_home: false
`,
  rules,
  inspect: probe,
  diff: planUser,
  view: viewOf,
  apply: actionsOf,
  result,
});

function rules(params: UserParams): readonly string[] {
  const { password, generate_ssh_key, append, groups, non_unique, uid, state } = params;
  return [
    ...(generate_ssh_key === true
      ? ["generate_ssh_key is not supported: make the key where it is used, and copy it"]
      : []),
    ...(append && groups === null ? ["append goes with groups"] : []),
    ...(non_unique && uid === null ? ["non_unique goes with uid"] : []),
    ...(password !== null && !isHash(password)
      ? ["password takes a hash, not the password itself: use the filter password_hash"]
      : []),
    ...(params.remove && state === "present" ? ["remove goes with state absent"] : []),
  ];
}

/** crypt(3)'s forms: `$id$…`, the 13 letters of DES, BSDi's with an underscore, or a sign that nothing matches. */
const isHash = (password: string): boolean =>
  /^!*(\*|x|\$[A-Za-z0-9]+\$[^:\n]+|_[./0-9A-Za-z]{19}|[./0-9A-Za-z]{13})?!*$/.test(password) &&
  password !== "";

function result(params: UserParams, { user: account }: UserFacts): Readonly<Record<string, Value>> {
  const base = { name: params.name, state: params.state };
  if (params.state === "absent") return { ...base, force: params.force, remove: params.remove };
  return {
    ...base,
    append: params.append,
    create_home: params.create_home,
    move_home: params.move_home,
    ...(params.groups === null ? {} : { groups: params.groups.join(",") }),
    ...(account === null
      ? {}
      : {
          uid: account.uid,
          group: account.gid,
          comment: account.comment,
          home: account.home,
          shell: account.shell,
        }),
    ...(params.password === null ? {} : { password: "NOT_LOGGING_PASSWORD" }),
  };
}
