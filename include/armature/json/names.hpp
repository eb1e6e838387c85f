#pragma once

#include <armature/describe/describe.hpp>

namespace armature::detail {

// `{"name":` of the first member of T and `,"name":` of every other in one array, so that writing
// a name is one copy.
template <class T>
struct JsonNames {
    static constexpr std::size_t count = decltype(description_of<T>)::size;
    static constexpr auto ends = [] {
        std::array<std::size_t, count + 1> result{};
        std::size_t i = 0;
        for_each_member<T>([&](const auto& member) {
            result[i + 1] = result[i] + member.name.size() + 4;
            ++i;
        });
        return result;
    }();
    static constexpr auto text = [] {
        std::array<char, ends[count]> result{};
        std::size_t at = 0;
        for_each_member<T>([&](const auto& member) {
            result[at] = at == 0 ? '{' : ',';
            result[++at] = '"';
            ++at;
            for (const char c : member.name)
                result[at++] = c;
            result[at++] = '"';
            result[at++] = ':';
        });
        return result;
    }();
    /// Members before this one may all be absent: only at run time is it known who is first.
    static constexpr std::size_t first_certain = [] {
        std::size_t i = 0;
        bool found = false;
        for_each_member<T>([&](const auto& member) {
            found = found || (!member.is_optional && !member.notes.write_only);
            if (!found) ++i;
        });
        return i;
    }();
    static constexpr bool plain = [] {
        bool result = true;
        for_each_member<T>([&](const auto& member) { result &= is_plain_name(member.name); });
        return result;
    }();
    static_assert(plain, "armature: a member's name must have 1 to 256 bytes and none of \" \\ and "
                         "control characters");
};

/// The same of a variant's discriminator, the first member that is written.
template <class T>
struct JsonDiscriminator {
    static constexpr std::string_view name = description_of<T>.discriminator;
    static_assert(is_plain_name(name), "armature: a variant's discriminator must have 1 to 256 "
                                       "bytes and none of \" \\ and control characters");
    static constexpr auto text = [] {
        std::array<char, name.size() + 4> result{'{', '"'};
        for (std::size_t i = 0; i != name.size(); ++i)
            result[i + 2] = name[i];
        result[name.size() + 2] = '"';
        result[name.size() + 3] = ':';
        return result;
    }();
};

} // namespace armature::detail
