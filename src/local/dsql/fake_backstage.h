#pragma once

#include "local/dsql/backstage.h"

#include <string>
#include <vector>

namespace nimbus::local::dsql {

/// A database that does whatever it is told behind the scenes, and remembers it.
class FakeBackstage : public Backstage {
public:
    Answer run(std::initializer_list<std::string_view> statements) override
    {
        statements_.insert(statements_.end(), statements.begin(), statements.end());
        return answer_;
    }
    Answer run_first(std::string_view statement, Loss) override { return run({statement}); }
    void synchronize() override { statements_.emplace_back("(Sync)"); }
    void block_begins() override {}
    void block_ends() override {}
    std::optional<Loss> verdict() override { return verdict_; }
    bool is_alone() override { return false; }

    void lose(Loss loss) { verdict_ = loss; }
    /// What statements give from now on.
    void answer(std::string value) { answer_ = std::move(value); }
    const std::vector<std::string>& statements() const noexcept { return statements_; }

private:
    std::vector<std::string> statements_;
    std::optional<Loss> verdict_;
    std::optional<std::string> answer_;
};

} // namespace nimbus::local::dsql
