#pragma once

#include <armature/describe/type_info.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace armature::testing {

struct DocItem;

/// A JSON document that keeps its numbers as they are written.
struct Doc {
    enum class Kind { literal, text, list, object };
    Kind kind = Kind::literal;
    std::string text = "null";  ///< a literal as it stands, or a string before its escapes
    std::vector<DocItem> items; ///< with names in an object
};

struct DocItem {
    std::string name;
    Doc doc;
};

/// Documents for a type: valid ones and near misses, the same for a seed on every machine. Never
/// what JSON Schema can't judge: members given twice, escapes of half a character, and integers
/// that a double can't tell from the bound of a type.
class DocumentGenerator {
  public:
    explicit DocumentGenerator(std::uint64_t seed) : random_(seed) {}

    /// A document, changed in up to three places.
    Doc document(const TypeInfo& type);
    std::string text(const Doc& doc);

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    template <std::size_t Count>
    const char* one_of(const char* const (&texts)[Count]) {
        return texts[below(Count)];
    }

    Doc value(const TypeInfo& type, const MemberInfo* member, unsigned depth);
    Doc object(const TypeInfo& type, unsigned depth);
    std::string integer(const TypeInfo& type, const MemberInfo* member);
    std::string real(const MemberInfo* member);
    std::string of_format(std::string_view format);
    Doc anything(unsigned depth);
    void change(Doc& doc);
    void change_text(std::string& text);

    std::mt19937_64 random_;
};

} // namespace armature::testing
