#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace nimbus::local::dsql {

/// The bootstrap's functions and procedures in sys that nobody else may call. All sessions run as
/// somebody's role and call some of them, so PostgreSQL lets everybody execute these. A test
/// compares them with pg_proc. Sorted.
inline constexpr auto internal_functions = [] {
    using namespace std::string_view_literals;
    return std::array{
        "nimbus_add_job"sv,       "nimbus_alter_table"sv,   "nimbus_apply"sv,
        "nimbus_ask_as"sv,        "nimbus_check_keys"sv,    "nimbus_check_limits"sv,
        "nimbus_check_row"sv,     "nimbus_connected"sv,     "nimbus_copy_name"sv,
        "nimbus_count_cascade"sv, "nimbus_counts_rows"sv,   "nimbus_drop_roles"sv,
        "nimbus_end_running"sv,   "nimbus_execute_as"sv,    "nimbus_fork"sv,
        "nimbus_has_long_keys"sv, "nimbus_iam_grant"sv,     "nimbus_iam_revoke"sv,
        "nimbus_index_def"sv,     "nimbus_is_locker"sv,     "nimbus_key_of"sv,
        "nimbus_keys"sv,          "nimbus_leads_to"sv,      "nimbus_locked_rows"sv,
        "nimbus_locks"sv,         "nimbus_make_identity"sv, "nimbus_mapped_role"sv,
        "nimbus_may_connect"sv,   "nimbus_meets"sv,         "nimbus_meets_deferred"sv,
        "nimbus_own_ids"sv,       "nimbus_parent_locks"sv,  "nimbus_refuse_setting"sv,
        "nimbus_refuse_size"sv,   "nimbus_restore"sv,       "nimbus_rows"sv,
        "nimbus_run_as"sv,        "nimbus_run_job"sv,       "nimbus_save"sv,
        "nimbus_set_config"sv,    "nimbus_set_role"sv,      "nimbus_show"sv,
        "nimbus_tables_of"sv,     "nimbus_tell_changes"sv,  "nimbus_times_used"sv,
        "nimbus_touch"sv,         "nimbus_uses"sv,          "nimbus_visible"sv,
        "nimbus_watch_table"sv,   "nimbus_with_columns"sv,
    };
}();
static_assert(std::ranges::is_sorted(internal_functions));

constexpr bool is_internal_function(std::string_view name)
{
    return std::ranges::binary_search(internal_functions, name);
}

} // namespace nimbus::local::dsql
