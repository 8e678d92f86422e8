/** How the text of a setting is read. `sources`: inventories; `paths`: directories with colons between them. */
export type SettingKind = "text" | "list" | "path" | "paths" | "sources" | "number" | "flag";

interface Setting {
  readonly kind: SettingKind;
  /** Environment variables, the one that wins first. */
  readonly variables: readonly string[];
  /** `section.key` of ansible.cfg. */
  readonly keys: readonly string[];
}

const setting = (kind: SettingKind, key: string, ...variables: readonly string[]): Setting => ({
  kind,
  variables,
  keys: key.split(" "),
});

/** The settings of Ansible that are obeyed, under the names that they have here. */
export const SETTINGS = {
  anyErrorsFatal: setting("flag", "defaults.any_errors_fatal", "ANSIBLE_ANY_ERRORS_FATAL"),
  askPass: setting("flag", "defaults.ask_pass", "ANSIBLE_ASK_PASS"),
  askVaultPass: setting("flag", "defaults.ask_vault_pass", "ANSIBLE_ASK_VAULT_PASS"),
  become: setting("flag", "privilege_escalation.become", "ANSIBLE_BECOME"),
  becomeAskPass: setting("flag", "privilege_escalation.become_ask_pass", "ANSIBLE_BECOME_ASK_PASS"),
  becomeMethod: setting("text", "privilege_escalation.become_method", "ANSIBLE_BECOME_METHOD"),
  becomePasswordFile: setting("path", "defaults.become_password_file", "ANSIBLE_BECOME_PASSWORD_FILE"),
  becomeUser: setting("text", "privilege_escalation.become_user", "ANSIBLE_BECOME_USER"),
  collectionsPath: setting(
    "paths",
    "defaults.collections_path defaults.collections_paths",
    "ANSIBLE_COLLECTIONS_PATH",
    "ANSIBLE_COLLECTIONS_PATHS",
  ),
  connectionPasswordFile: setting(
    "path",
    "defaults.connection_password_file",
    "ANSIBLE_CONNECTION_PASSWORD_FILE",
  ),
  diffAlways: setting("flag", "diff.always", "ANSIBLE_DIFF_ALWAYS"),
  factCaching: setting("text", "defaults.fact_caching", "ANSIBLE_CACHE_PLUGIN"),
  factCachingConnection: setting(
    "path",
    "defaults.fact_caching_connection",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION",
  ),
  factCachingPrefix: setting("text", "defaults.fact_caching_prefix", "ANSIBLE_CACHE_PLUGIN_PREFIX"),
  factCachingTimeout: setting("number", "defaults.fact_caching_timeout", "ANSIBLE_CACHE_PLUGIN_TIMEOUT"),
  forceHandlers: setting("flag", "defaults.force_handlers", "ANSIBLE_FORCE_HANDLERS"),
  forks: setting("number", "defaults.forks", "ANSIBLE_FORKS"),
  gathering: setting("text", "defaults.gathering", "ANSIBLE_GATHERING"),
  hashBehaviour: setting("text", "defaults.hash_behaviour", "ANSIBLE_HASH_BEHAVIOUR"),
  hostKeyChecking: setting(
    "flag",
    "defaults.host_key_checking ssh_connection.host_key_checking",
    "ANSIBLE_SSH_HOST_KEY_CHECKING",
    "ANSIBLE_HOST_KEY_CHECKING",
  ),
  inventory: setting("sources", "defaults.inventory", "ANSIBLE_INVENTORY"),
  privateKeyFile: setting("path", "defaults.private_key_file", "ANSIBLE_PRIVATE_KEY_FILE"),
  remotePort: setting("number", "defaults.remote_port ssh_connection.port", "ANSIBLE_REMOTE_PORT"),
  remoteUser: setting("text", "defaults.remote_user", "ANSIBLE_REMOTE_USER"),
  retryFiles: setting("flag", "defaults.retry_files_enabled", "ANSIBLE_RETRY_FILES_ENABLED"),
  retryFilesPath: setting("path", "defaults.retry_files_save_path", "ANSIBLE_RETRY_FILES_SAVE_PATH"),
  rolesPath: setting("paths", "defaults.roles_path", "ANSIBLE_ROLES_PATH"),
  skipTags: setting("list", "tags.skip", "ANSIBLE_SKIP_TAGS"),
  sshCommonArgs: setting("text", "ssh_connection.ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS"),
  strategy: setting("text", "defaults.strategy", "ANSIBLE_STRATEGY"),
  tags: setting("list", "tags.run", "ANSIBLE_RUN_TAGS"),
  timeout: setting("number", "defaults.timeout ssh_connection.timeout", "ANSIBLE_TIMEOUT"),
  transport: setting("text", "defaults.transport", "ANSIBLE_TRANSPORT"),
  vaultEncryptIdentity: setting("text", "defaults.vault_encrypt_identity", "ANSIBLE_VAULT_ENCRYPT_IDENTITY"),
  vaultIdentityList: setting("list", "defaults.vault_identity_list", "ANSIBLE_VAULT_IDENTITY_LIST"),
  vaultPasswordFile: setting("path", "defaults.vault_password_file", "ANSIBLE_VAULT_PASSWORD_FILE"),
} as const satisfies Readonly<Record<string, Setting>>;

/** A setting's name. */
export type SettingName = keyof typeof SETTINGS;

/** Settings that change how Ansible looks, speaks or works inside, and nothing of what a run does to nodes. */
const EFFECTLESS: readonly string[] = [
  "callback_*",
  "colors.*",
  "connection.*",
  "galaxy.*",
  "netconf_connection.*",
  "paramiko_connection.*",
  "persistent_connection.*",
  "profile_tasks.*",
  "diff.context",
  "privilege_escalation.agnostic_become_prompt",
  "privilege_escalation.become_allow_same_user",
  "inventory.*",
  "ssh_connection.control_path*",
  "ssh_connection.pipelining",
  "ssh_connection.retries",
  "ssh_connection.scp_*",
  "ssh_connection.sftp_*",
  "ssh_connection.ssh_args",
  "ssh_connection.transfer_method",
  "ssh_connection.use*tty",
  ...[
    "action_warnings",
    "bin_ansible_callbacks",
    "callback*",
    "collections_on_ansible_version_mismatch",
    "collections_scan_sys_path",
    "command_warnings",
    "connection_plugins",
    "cow*",
    "deprecation_warnings",
    "devel_warning",
    "display_*",
    "docsite_root_url",
    "enable_task_debugger",
    "filter_plugins",
    "force_color",
    "force_valid_group_names",
    "home",
    "internal_poll_interval",
    "interpreter_python",
    "jinja2_native_warning",
    "keep_remote_files",
    "library",
    "local_tmp",
    "localhost_warning",
    "log_*",
    "lookup_plugins",
    "max_diff_size",
    "module_compression",
    "module_lang",
    "module_set_locale",
    "module_utils",
    "no_target_syslog",
    "nocolor",
    "nocows",
    "pipelining",
    "poll_interval",
    "python_module_rlimit_nofile",
    "remote_tmp",
    "result_format",
    "show_*",
    "squash_actions",
    "stdout_callback",
    "syslog_facility",
    "system_warnings",
    "test_plugins",
    "use_persistent_connections",
    "validate_action_group_metadata",
    "verbose_to_stderr",
    "verbosity",
  ].map((key) => `defaults.${key}`),
];

/** Whether a setting that is not obeyed changes nothing of what a run does; `section.key` with its value. */
export const isEffectless = (key: string, value: string): boolean =>
  key === "ssh_connection.ssh_args"
    ? !/Proxy|(?:^|\s)-[FJilp]/.test(value)
    : EFFECTLESS.some((known) => {
        const [start = "", end] = known.split("*");
        return end === undefined ? key === known : key.startsWith(start) && key.endsWith(end);
      });
