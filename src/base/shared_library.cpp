#include "base/shared_library.h"

#include "base/error.h"

#include <dlfcn.h>
#include <string>

namespace nimbus {

SharedLibrary::SharedLibrary(const char* name, const char* package)
    : name_(name), handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL))
{
    if (handle_ == nullptr)
        throw Error("The library " + std::string(name) + " cannot be loaded: " + ::dlerror(),
                    "Install the package " + std::string(package) + '.');
}

SharedLibrary::Symbol SharedLibrary::operator[](const char* function) const
{
    void* address = ::dlsym(handle_, function);
    if (address == nullptr)
        throw Error("The library " + std::string(name_) + " has no function " + function,
                    "It is older than the one that Nimbus was built with: update it.");
    return Symbol(address);
}

} // namespace nimbus
