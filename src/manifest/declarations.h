#pragma once

#include <map>
#include <memory>
#include <typeindex>
#include <vector>

namespace nimbus::manifest {

/// What an application declares of each kind of resource: a list for each type, which the kind's
/// home defines. A value: copied and compared as a whole.
class Declarations {
public:
    Declarations() = default;
    Declarations(const Declarations& other);
    Declarations& operator=(const Declarations& other);
    Declarations(Declarations&&) noexcept = default;
    Declarations& operator=(Declarations&&) noexcept = default;
    ~Declarations() = default;

    template <class T>
    const std::vector<T>& of() const
    {
        static const std::vector<T> none;
        const auto found = lists_.find(typeid(T));
        return found == lists_.end() ? none
                                     : static_cast<const TypedList<T>&>(*found->second).items;
    }

    template <class T>
    std::vector<T>& of()
    {
        auto& list = lists_[typeid(T)];
        if (!list)
            list = std::make_unique<TypedList<T>>();
        return static_cast<TypedList<T>&>(*list).items;
    }

    bool operator==(const Declarations& other) const;

private:
    struct List {
        virtual ~List() = default;
        virtual std::unique_ptr<List> copy() const = 0;
        /// `other` is of the same type, or null, which equals an empty list.
        virtual bool equals(const List* other) const = 0;
    };
    template <class T>
    struct TypedList : List {
        std::vector<T> items;

        std::unique_ptr<List> copy() const override { return std::make_unique<TypedList>(*this); }
        bool equals(const List* other) const override
        {
            return other == nullptr ? items.empty()
                                    : items == static_cast<const TypedList*>(other)->items;
        }
    };

    /// Is each of `left` in `right`?
    static bool covers(const Declarations& left, const Declarations& right);

    std::map<std::type_index, std::unique_ptr<List>> lists_;
};

} // namespace nimbus::manifest
