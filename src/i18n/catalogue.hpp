#pragma once

#include "i18n/message.hpp"

#include <armature/i18n/i18n.hpp>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace armature {

namespace detail {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

/// Keys that were asked for and that nobody has.
class UnknownKeys {
  public:
    void add(std::string_view key);
    [[nodiscard]] std::vector<std::string> all() const;

  private:
    mutable std::mutex mutex_;
    std::set<std::string, std::less<>> keys_;
};

/// The messages of one locale, those of its parents and of the default locale where it has none.
struct LocaleCatalogue final : TemplateTranslation {
    void translate(std::string& out, std::string_view key,
                   std::span<const TemplateArgument> arguments) const override;
    [[nodiscard]] std::string_view locale() const override { return tag; }
    [[nodiscard]] std::string_view direction() const override {
        return is_right_to_left ? "rtl" : "ltr";
    }
    void format(std::string& out, std::string_view key,
                std::span<const MessageArgument> arguments) const;

    std::string tag;
    bool is_right_to_left = false;
    std::unordered_map<std::string, const Message*, TextHash, std::equal_to<>> messages;
    UnknownKeys* unknown = nullptr;
};

} // namespace detail

struct Translations::Impl {
    /// Throws CatalogueError.
    Impl(std::vector<CatalogueSource> sources, TranslationOptions options);

    TranslationOptions options;
    std::vector<std::unique_ptr<detail::Message>> messages;
    std::vector<std::unique_ptr<detail::LocaleCatalogue>> catalogues; ///< the default's first
    std::vector<std::string> tags;                                    ///< theirs, in lower case
    std::vector<std::string> missing;
    detail::UnknownKeys unknown;
};

} // namespace armature
