import { LbplayError, type Place } from "../core/error.ts";
import type { Keywords, RoleInstance, Step } from "../core/play.ts";
import type { SourceDict, Template } from "../core/value.ts";
import type { ModuleCatalog } from "./catalog.ts";
import type { Files } from "./files.ts";
import type { YamlNode } from "./node.ts";

/** What one load of a playbook shares. */
export interface Session {
  readonly files: Files;
  readonly modules: ModuleCatalog;
  /** The directory of the playbook that was asked for. */
  readonly playbookDir: string;
  /** Directories of roles after the playbook's own: roles_path, then the package's. */
  readonly rolesPath: readonly string[];
  /** Directories that hold `ansible_collections`. */
  readonly collectionsPath: readonly string[];
  /** Renders a template of a static import with variables that are known before the run; null where it cannot. */
  readonly renderStatic: (template: Template, vars: SourceDict) => string | null;
  /** Reads a list of tasks; here, so that task files and roles need not know those who read them. */
  readonly readSteps: (node: YamlNode | null, scope: Scope, where: string) => readonly Step[];
  /** The play of each include, by the keywords its members inherit. */
  readonly playOf: WeakMap<Keywords, PlayScope>;
}

/** A play while it is read. */
export interface PlayScope {
  /** The directory of the play's own playbook file. */
  readonly directory: string;
  readonly vars: SourceDict;
  readonly roles: RoleInstance[];
  readonly handlers: Step[];
}

/** Where a list of tasks is read: what its members inherit. */
export interface Scope {
  readonly play: PlayScope;
  readonly keywords: Keywords;
  readonly role: RoleInstance | null;
  /** The task file, absolute. */
  readonly file: string;
  readonly handlers: boolean;
  /** Task files and roles that are being unfolded, outermost first. */
  readonly stack: readonly string[];
}

/** Notes a mistake. */
export const fault = (
  session: Session,
  code: string,
  message: string,
  at: Place | null,
  hint: string | null = null,
): void => {
  session.files.faults.push(new LbplayError({ code, message, at, hint }));
};
