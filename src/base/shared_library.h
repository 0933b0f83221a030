#pragma once

namespace nimbus {

/// A shared library that is loaded when it is first needed, and stays loaded.
///
/// For libraries that drag in so many others (libcurl and libpq together some thirty: Kerberos,
/// LDAP, GnuTLS …) that loading them would be most of the start of a program that may not use them.
class SharedLibrary {
public:
    /// The address of a function, which converts to the pointer that it is assigned to.
    class Symbol {
    public:
        explicit Symbol(void* address) : address_(address) {}

        template <typename Function>
        operator Function*() const // NOLINT(google-explicit-constructor): that is its use
        {
            return reinterpret_cast<Function*>(address_);
        }

    private:
        void* address_;
    };

    /// `name`: the library's soname, looked up as the dynamic linker does (ld.so(8)); `package`:
    /// Debian's package that has it. Throws Error when it cannot be loaded.
    SharedLibrary(const char* name, const char* package);

    /// Throws Error when the library has no such function.
    Symbol operator[](const char* function) const;

private:
    const char* name_;
    void* handle_; ///< never closed: libraries like these do not survive being unloaded
};

} // namespace nimbus
