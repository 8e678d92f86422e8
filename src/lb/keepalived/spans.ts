import type { Span } from "../document.ts";

/** Which keepalived knows which keyword, from its sources v1.3.0 to v2.4.3. */
export const keepalivedSpans: readonly Span[] = [
  { pattern: /^(enable_script_security|script_user)\b/, since: [1, 3, 0] },
  { pattern: /^(vrrp_rt_priority)\b/, since: [2, 0, 0] },
  { pattern: /^(init_file|vrrp_track_file|track_file|smtp_alert_vrrp|track_bfd)\b/, since: [2, 0, 0] },
  { pattern: /^(track_process|vrrp_track_process)\b/, since: [2, 0, 11] },
  { pattern: /^(vrrp_min_garp)\b/, since: [2, 0, 12] },
  { pattern: /^(vrrp_startup_delay)\b/, since: [2, 0, 14] },
  { pattern: /^(log_unknown_vrids)\b/, since: [2, 0, 16] },
  {
    pattern:
      /^(max_auto_priority|unicast_ttl|check_unicast_src|startup_script|reload_time_file|notify_deleted)\b/,
    since: [2, 1, 0],
  },
  { pattern: /^(reload_check_config|garp_extra_if)\b/, since: [2, 2, 0] },
  { pattern: /^(down_timer_adverts|interface_up_down_delays|config_save_dir)\b/, since: [2, 2, 3] },
  { pattern: /^(unicast_fault_no_peer)\b/, since: [2, 2, 5] },
  { pattern: /^(timer_expired_backup|json_version|no_virtual_ipaddress)\b/, since: [2, 2, 8] },
  { pattern: /^(use_symlink_paths)\b/, since: [2, 3, 0] },
  { pattern: /^((?:interval|timeout) \d*\.\d+)$/, since: [2, 3, 2] },
  { pattern: /^(state_file_location|json_file_location)\b/, since: [2, 3, 3] },
  { pattern: /^(auth_hmac|vrrp_delay_after_boot)\b/, since: [2, 4, 0] },
];
