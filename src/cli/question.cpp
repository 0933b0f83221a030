#include "cli/question.h"

#include "base/error.h"

#include <iostream>

namespace nimbus::cli {

std::string need_answer(const Terminal& terminal, const std::string& question,
                        const std::string& otherwise, std::string (*mistake)(std::string_view),
                        const std::string& given_up)
{
    for (;;) {
        auto answer = terminal.ask(question);
        if (!answer)
            throw Error(given_up, "Run the command again, and answer the question.");
        if (answer->empty())
            answer = otherwise;
        const auto wrong = mistake(*answer);
        if (wrong.empty())
            return *answer;
        std::cerr << wrong << "\n";
    }
}

} // namespace nimbus::cli
