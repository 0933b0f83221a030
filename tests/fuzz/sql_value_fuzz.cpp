// What stands in the column of a row comes from outside: whatever the text is, it is no value of
// the C++ type, or one that is the same again after a trip through SQL's text. The input's first
// byte chooses the type.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nimbus/decimal.hpp>
#include <nimbus/interval.hpp>
#include <nimbus/sql.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>
#include <string_view>

namespace {

using namespace nimbus;

template <class T>
void check(std::string_view text)
{
    const sql::detail::result::column column{.name = "c", .type = 0};
    try {
        const auto value = sql::detail::field_from<T>(text, column);
        const auto again = sql::detail::make_parameter(value);
        if (!again || sql::detail::field_from<T>(*again, column) != value)
            __builtin_trap();
    } catch (const sql::mapping_error&) {
        // Refused.
    }
}

/// Types whose operator== does not say all.
template <class T>
void check_text(std::string_view text)
{
    const auto value = detail::text_form<T>::parse(text);
    if (!value)
        return;
    const auto again = detail::text_form<T>::parse(detail::text_form<T>::to_sql(*value));
    if (!again || detail::text_form<T>::to_json(*again) != detail::text_form<T>::to_json(*value))
        __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace std::chrono;
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    switch (data[0] % 12) {
    case 0:
        check<std::vector<std::optional<std::string>>>(text);
        break;
    case 1:
        check<std::vector<std::vector<std::int64_t>>>(text);
        break;
    case 2:
        check<decimal>(text);
        break;
    case 3:
        check<interval>(text);
        break;
    case 4:
        check<microseconds>(text);
        break;
    case 5:
        check<sys_time<microseconds>>(text);
        break;
    case 6:
        check<local_seconds>(text);
        break;
    case 7:
        check<year_month_day>(text);
        break;
    case 8:
        check_text<hh_mm_ss<microseconds>>(text);
        break;
    case 9:
        check<std::vector<std::byte>>(text);
        break;
    case 10:
        check<std::vector<uuid>>(text);
        break;
    default:
        check<bool>(text);
    }
    return 0;
}
