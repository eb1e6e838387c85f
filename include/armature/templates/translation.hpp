#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace armature {

/// An argument of a message, as templates pass it.
struct TemplateArgument {
    enum class Kind : std::uint8_t { text, integer, real };

    std::string_view name;
    Kind kind = Kind::text;
    std::string_view text = {};
    std::int64_t integer = 0;
    double real = 0;
};

/// What stands behind `t("key", name=value)`, `locale` and `direction` in templates. Middleware
/// attaches a `TemplateTranslation*` to the request; `armature::i18n` does.
class TemplateTranslation {
  public:
    /// Appends the message, as text: where it goes, it is escaped as every value is.
    virtual void translate(std::string& out, std::string_view key,
                           std::span<const TemplateArgument> arguments) const = 0;
    /// BCP 47: "pt-BR".
    [[nodiscard]] virtual std::string_view locale() const = 0;
    /// "ltr" or "rtl".
    [[nodiscard]] virtual std::string_view direction() const = 0;

  protected:
    ~TemplateTranslation() = default;
};

} // namespace armature
