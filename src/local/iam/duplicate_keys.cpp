#include "local/iam/duplicate_keys.h"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace nimbus::local::iam {
namespace {

/// What boost::json::basic_parser calls (Boost.JSON, "basic_parser", Handler); looks at keys alone
/// and stops the parser at the first one that its object has already.
struct Handler {
    using error_code = boost::system::error_code;
    using text = boost::json::string_view;

    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&)
    {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, error_code&)
    {
        open_.pop_back();
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t, error_code&) { return true; }
    bool on_key_part(text part, std::size_t, error_code&)
    {
        key_ += std::string_view(part);
        return true;
    }
    bool on_key(text part, std::size_t, error_code& failure)
    {
        key_ += std::string_view(part);
        is_duplicate = !open_.back().insert(key_).second;
        key_.clear();
        if (is_duplicate)
            failure = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
        return !is_duplicate;
    }
    bool on_string_part(text, std::size_t, error_code&) { return true; }
    bool on_string(text, std::size_t, error_code&) { return true; }
    bool on_number_part(text, error_code&) { return true; }
    bool on_int64(std::int64_t, text, error_code&) { return true; }
    bool on_uint64(std::uint64_t, text, error_code&) { return true; }
    bool on_double(double, text, error_code&) { return true; }
    bool on_bool(bool, error_code&) { return true; }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(text, error_code&) { return true; }
    bool on_comment(text, error_code&) { return true; }

    bool is_duplicate = false;

private:
    std::vector<std::set<std::string>> open_; ///< the keys of the objects that are open
    std::string key_;
};

} // namespace

bool has_duplicate_keys(std::string_view json_text)
{
    boost::json::basic_parser<Handler> parser(boost::json::parse_options{});
    boost::system::error_code failure;
    parser.write_some(false, json_text.data(), json_text.size(), failure);
    return parser.handler().is_duplicate;
}

} // namespace nimbus::local::iam
