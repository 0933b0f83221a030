#pragma once

#include <string>

namespace nimbus::deploy {

/// Is told what the engine does, from any thread, several calls at a time. What to show, and how,
/// is the listener's affair; this one shows nothing.
class Status {
public:
    virtual ~Status() = default;
    /// A phase without steps: "Reading state", "Waiting for the lock of …".
    virtual void phase(const std::string& /*sentence*/) {}
    /// How many steps follow.
    virtual void plan(int /*steps*/) {}
    /// `verb`: "create", "update", "delete"; `resource`: "function get-users".
    virtual void started(const std::string& /*verb*/, const std::string& /*resource*/) {}
    virtual void finished(const std::string& /*verb*/, const std::string& /*resource*/,
                          double /*seconds*/)
    {
    }
    /// Why is in the error that the operation ends with.
    virtual void failed(const std::string& /*verb*/, const std::string& /*resource*/) {}
    /// Something that a person should know, such as a retry or a slow wait.
    virtual void note(const std::string& /*sentence*/) {}
};

} // namespace nimbus::deploy
