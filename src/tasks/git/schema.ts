import type { Schema } from "../../core/schema.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of git, under ansible.builtin.git's names. */
export interface GitParams {
  readonly repo: string;
  readonly dest: string;
  readonly version: string;
  readonly remote: string;
  readonly refspec: string | null;
  readonly reference: string | null;
  readonly force: boolean;
  readonly depth: number | null;
  readonly clone: boolean;
  readonly update: boolean;
  readonly bare: boolean;
  readonly recursive: boolean;
  readonly single_branch: boolean;
  readonly executable: string | null;
  readonly accept_hostkey: boolean;
  readonly accept_newhostkey: boolean;
  readonly ssh_opts: string | null;
  readonly key_file: string | null;
  readonly umask: string | null;
  readonly track_submodules: boolean;
  readonly verify_commit: boolean;
  readonly gpg_whitelist: readonly string[];
  readonly archive: string | null;
  readonly archive_prefix: string | null;
  readonly separate_git_dir: string | null;
}

const flag = (value: boolean, description: string): Schema => ({
  type: "boolean",
  default: value,
  description,
});

const refused = (what: string): Schema => ({ type: "string", description: `Refused: ${what}.` });

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["repo", "dest"],
  properties: {
    repo: {
      type: "string",
      pattern: "^[^-\\s]\\S*$",
      "x-aliases": ["name"],
      description: "Where the repository is: a URL, host:path, or a path on the node.",
    },
    dest: pathSchema("The directory of the checkout."),
    version: {
      type: "string",
      pattern: "^[^-\\s]\\S*$",
      default: "HEAD",
      description:
        "A branch, a tag or a commit; HEAD is the branch that the checkout is on, or the repository's own.",
    },
    remote: {
      type: "string",
      pattern: "^[^-\\s]\\S*$",
      default: "origin",
      description: "What git calls the repository.",
    },
    refspec: {
      type: "string",
      pattern: "^[^-\\s]\\S*$",
      description: "Something further to fetch, for a commit that no branch or tag leads to.",
    },
    reference: pathSchema("A repository on the node to take objects from."),
    force: flag(false, "Throw away what was changed in the checkout; otherwise such a change is an error."),
    depth: {
      type: "integer",
      minimum: 1,
      description: "How many commits of history to fetch; absent is all.",
    },
    clone: flag(
      true,
      "Whether a checkout that is not there is made; otherwise it is only told what it would be.",
    ),
    update: flag(
      true,
      "Whether a checkout that is there is brought up to date; otherwise it is only looked at.",
    ),
    bare: flag(false, "A repository without a checkout."),
    recursive: flag(true, "Whether submodules come along."),
    single_branch: flag(false, "Clone the history of the version alone."),
    executable: pathSchema("Another git."),
    accept_hostkey: flag(false, "Accept whatever host key the server has: anybody may be the server."),
    accept_newhostkey: flag(false, "Accept the host key of a server that is met for the first time."),
    ssh_opts: { type: "string", description: "Further options of ssh." },
    key_file: pathSchema("The private key, a file on the node."),
    umask: { type: "string", pattern: "^0?[0-7]{3}$", description: 'The umask for new files, e.g. "0022".' },
    track_submodules: flag(false, "Only false: submodules are those that the version asks for."),
    verify_commit: flag(false, "Check out only what is signed by a key in the keyring of the node's user."),
    gpg_whitelist: {
      type: "array",
      items: { type: "string", pattern: "^[0-9A-Fa-f]{16,40}$" },
      default: [],
      description: "Fingerprints of keys, one of which must have signed it; goes with verify_commit.",
    },
    archive: refused("use a command task with git archive"),
    archive_prefix: refused("use a command task with git archive"),
    separate_git_dir: refused("the repository is kept in the checkout"),
  },
};
