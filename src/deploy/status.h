#pragma once

#include <string>

namespace nimbus::deploy {

/// Is told what the engine does, from any thread and one call at a time. What to show, and how, is
/// the listener's affair.
class Status {
public:
    virtual ~Status() = default;
    /// A phase without steps: "Reading state", "Waiting for the lock of …".
    virtual void phase(const std::string& sentence) = 0;
    /// How many steps follow.
    virtual void plan(int steps) = 0;
    /// `verb`: "create", "update", "delete"; `resource`: "function get-users".
    virtual void started(const std::string& verb, const std::string& resource) = 0;
    virtual void finished(const std::string& verb, const std::string& resource, double seconds) = 0;
    /// Why is in the error that the operation ends with.
    virtual void failed(const std::string& verb, const std::string& resource) = 0;
    /// Something that a person should know, such as a retry or a slow wait.
    virtual void note(const std::string& sentence) = 0;
};

} // namespace nimbus::deploy
