#pragma once

#include <memory>

namespace nimbus::detail {

class Application; // what the program has declared; sdk/cpp/src/core/application.h

/// What nimbus::app is made of: each kind of resource has a class derived from this one with what
/// it adds to app, and app derives from them all. Virtual, so that they declare into the same
/// application.
class app_part {
public:
    app_part(const app_part&) = delete;
    app_part& operator=(const app_part&) = delete;

protected:
    app_part();
    ~app_part() = default;

    std::shared_ptr<Application> application_;
};

} // namespace nimbus::detail
