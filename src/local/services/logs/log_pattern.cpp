#include "local/services/logs/log_pattern.h"

#include "base/text.h"
#include "local/services/service.h"

#include <algorithm>

namespace nimbus::local {

LogPattern::LogPattern(std::string_view text)
{
    text = trim(text);
    const auto refuse = [](const char* why) {
        throw ServiceError(400, "InvalidParameterException",
                           std::string("Invalid filter pattern: ") + why);
    };
    if (text.starts_with('{') || text.starts_with('['))
        refuse("the local cloud has patterns of terms and phrases only");
    while (!text.empty()) {
        auto* list = &all_;
        if (text.front() == '?' || text.front() == '-') {
            list = text.front() == '?' ? &any_ : &none_;
            text.remove_prefix(1);
        }
        if (text.starts_with('%'))
            refuse("the local cloud has no regular expressions in patterns");
        std::string term;
        if (text.starts_with('"')) {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size())
                    ++at;
                term += text[at];
            }
            if (at == text.size())
                refuse("a quotation mark is not closed");
            text.remove_prefix(at + 1);
        } else {
            const auto end = std::min(text.find(' '), text.size());
            term = text.substr(0, end);
            text.remove_prefix(end);
        }
        if (term.empty())
            refuse("a term is empty");
        list->push_back(std::move(term));
        text = trim(text);
    }
}

bool LogPattern::matches(std::string_view message) const
{
    const auto has = [&](const std::string& term) {
        return message.find(term) != std::string_view::npos;
    };
    return std::ranges::all_of(all_, has) && std::ranges::none_of(none_, has) &&
           (any_.empty() || std::ranges::any_of(any_, has));
}

} // namespace nimbus::local
