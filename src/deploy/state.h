#pragma once

#include "base/error.h"
#include "base/json.h"
#include "deploy/outputs.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy {

class Kinds;

/// What the state remembers of one resource. Not what it looks like: that is read from AWS.
struct Record {
    enum class Status {
        creating, ///< intended; may exist or not
        ready,
        updating,
        deleting, ///< intended; may exist or not
        kept,     ///< no longer declared, or destroyed without --force, and kept
    };

    std::string type; ///< in the catalogue
    std::string name; ///< unique within its type
    Status status = Status::creating;
    /// Proved: AWS said that it made or changed it for us, or it carries this deployment's tags. An
    /// attempt proves nothing, and neither does what is under way now.
    bool is_ours = false;
    /// Random, new with each life of the resource: what is made of it (a client token) is the same
    /// when a killed deploy is run again, and another one after the resource was deleted.
    std::string nonce;
    std::string parent; ///< key of the record that it is a part of, and disappears with; or ""
    std::vector<std::string> depends_on; ///< keys
    /// How AWS calls it, known before it is made (a function's name), and what AWS answered then
    /// (an ARN).
    json::object outputs;

    std::string key() const { return type + " " + name; }
    bool operator==(const Record&) const = default;
};

/// "creating", …
std::string_view to_text(Record::Status status);

/// One deployment as its last deploy left it. Holds no secret: neither credentials nor what
/// functions have in their environment.
struct State {
    DeploymentId deployment;
    std::string account_id;
    bool is_preview = false;               ///< see manifest::Manifest
    std::map<std::string, Record> records; ///< by key
    std::optional<Outputs> outputs;        ///< of the last deploy that succeeded

    const Record* find(const std::string& key) const;
    /// Nothing is, or was, under way.
    bool settled() const;
    bool operator==(const State&) const = default;
};

/// `revision` marks one write of it.
std::string to_json(const State& state, const std::string& revision);

struct ParsedState {
    State state;
    std::string revision;
};
/// What is in the state's place is none, or that of another deployment.
class DamagedState : public Error {
public:
    using Error::Error;
};

class NewerState : public Error {
public:
    using Error::Error;
};

/// The state of `deployment`, from the object at `location`. Throws DamagedState, or NewerState;
/// both name the object and the way out. `kinds` know the outputs as earlier versions wrote them.
ParsedState parse_state(const std::string& text, const std::string& location,
                        const DeploymentId& deployment, const Kinds& kinds);

} // namespace nimbus::deploy
