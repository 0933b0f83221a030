#include "base/random.h"
#include "local/services/answers.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

constexpr std::int64_t default_length = 32;
constexpr std::int64_t most_length = 4096;

struct CharacterType {
    std::string_view excluded_by; ///< empty: by default it is
    std::string_view characters;
};

constexpr CharacterType character_types[]{
    {"ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"},
    {"ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"ExcludeNumbers", "0123456789"},
    {"ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
};

/// What a password may be made of, type by type.
std::vector<std::string> alphabets(const Input& input)
{
    const auto excluded = text_of(input, "ExcludeCharacters", 0, most_length).value_or("");
    std::vector<std::string> result;
    const auto add = [&](std::string characters) {
        std::erase_if(characters, [&](char c) { return excluded.find(c) != std::string::npos; });
        if (!characters.empty())
            result.push_back(std::move(characters));
    };
    for (const auto& type : character_types)
        if (!input.boolean(type.excluded_by).value_or(false))
            add(std::string(type.characters));
    if (input.boolean("IncludeSpace").value_or(false))
        add(" ");
    return result;
}

void shuffle(std::string& text)
{
    for (auto rest = text.size(); rest > 1; --rest) {
        std::uint64_t bits = 0;
        std::ranges::copy(random_bytes(sizeof bits), reinterpret_cast<char*>(&bits));
        std::swap(text[rest - 1], text[bits % rest]);
    }
}

http::Response get_random_password(Call& call)
{
    const auto input = input_of(call);
    const auto length = static_cast<std::size_t>(
        input.integer("PasswordLength", 1, most_length).value_or(default_length));
    const auto types = alphabets(input);
    if (types.empty())
        throw secrets_error("InvalidParameterException",
                            "The password has no characters left to be made of.");
    std::string password;
    if (input.boolean("RequireEachIncludedType").value_or(true))
        for (const auto& type : types)
            password += random_text(1, type);
    if (password.size() > length)
        throw secrets_error("InvalidParameterException",
                            "Password length is too short based on the required types.");
    std::string all;
    for (const auto& type : types)
        all += type;
    password += random_text(length - password.size(), all);
    shuffle(password);
    return json_1_1_answer({{"RandomPassword", password}});
}

} // namespace

std::vector<Operation> secretsmanager_password_operations()
{
    return {on_all("GetRandomPassword", "secretsmanager:GetRandomPassword", get_random_password)};
}

} // namespace nimbus::local
