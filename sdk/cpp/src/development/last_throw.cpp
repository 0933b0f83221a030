#include "development/last_throw.h"

#include <cstdlib>
#include <cxxabi.h>
#include <dlfcn.h>

namespace nimbus::detail {

LastThrow& last_throw()
{
    thread_local LastThrow last;
    return last;
}

} // namespace nimbus::detail

/// In the place of libstdc++'s, which it calls (Itanium C++ ABI, "Exception Handling", 2.4.3).
extern "C" void __cxa_throw(void* exception, std::type_info* type, void (*destroy)(void*))
{
    using Throw = void (*)(void*, std::type_info*, void (*)(void*));
    static const auto next = reinterpret_cast<Throw>(::dlsym(RTLD_NEXT, "__cxa_throw"));
    auto& last = nimbus::detail::last_throw();
    last.trace.load_here(nimbus::detail::most_frames);
    last.exception = exception;
    next(exception, type, destroy);
    std::abort();
}
