#include "i18n/catalogue.hpp"
#include "i18n/lookup.hpp"

#include <armature/app/negotiate.hpp>
#include <armature/core/cookie.hpp>
#include <armature/templates/templates.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace armature {

namespace {

namespace fs = std::filesystem;

// What `before` found out.
struct Chosen {
    const detail::LocaleCatalogue* catalogue;
};

std::vector<CatalogueSource> read_folder(const std::string& folder) {
    std::error_code error;
    std::vector<CatalogueSource> sources;
    fs::directory_iterator entries{folder, error};
    if (error)
        throw CatalogueError("the folder of messages \"" + folder +
                             "\" can't be read: " + error.message());
    for (const fs::directory_entry& entry : entries) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
        std::ifstream stream{entry.path(), std::ios::binary};
        std::string text{std::istreambuf_iterator<char>{stream}, {}};
        if (!stream) throw CatalogueError(entry.path().string() + " can't be read");
        sources.push_back({entry.path().stem().string(), std::move(text)});
    }
    return sources;
}

const detail::LocaleCatalogue& choose(const Translations::Impl& impl, Request& request) {
    const auto at = [&](std::size_t index) -> const auto& { return *impl.catalogues[index]; };
    if (!impl.options.query.empty())
        if (const auto wanted = request.query(impl.options.query))
            if (const auto found = detail::look_up(*wanted, impl.tags)) return at(*found);
    if (!impl.options.cookie.empty())
        if (const auto wanted = find_cookie(request.headers(), impl.options.cookie))
            if (const auto found = detail::look_up(*wanted, impl.tags)) return at(*found);
    // Several lines of a list are one (RFC 9110 §5.3).
    std::string_view accepted;
    std::string joined;
    request.headers().all(Field::accept_language, [&](std::string_view line) {
        if (!accepted.empty()) {
            if (joined.empty()) joined = accepted;
            joined.append(",").append(line);
        }
        accepted = joined.empty() ? line : std::string_view{joined};
    });
    if (const auto found = detail::look_up_accepted(accepted, impl.tags)) return at(*found);
    return at(0);
}

} // namespace

Translations::Translations(const std::string& folder, TranslationOptions options)
    : Translations(read_folder(folder), std::move(options)) {}
Translations::Translations(std::vector<CatalogueSource> sources, TranslationOptions options)
    : impl_(std::make_shared<Impl>(std::move(sources), std::move(options))) {}

const Translations& Translations::require(const std::vector<TemplateMessage>& messages) const& {
    for (const TemplateMessage& wanted : messages) {
        const std::string where = wanted.file + ":" + std::to_string(wanted.line) + ": ";
        const auto& known = impl_->catalogues.front()->messages;
        const auto found = known.find(wanted.key);
        if (found == known.end())
            throw CatalogueError(where + "there is no message \"" + wanted.key + "\"");
        for (const std::string& argument : found->second->arguments())
            if (std::find(wanted.arguments.begin(), wanted.arguments.end(), argument) ==
                wanted.arguments.end())
                throw CatalogueError(where + "the message \"" + wanted.key +
                                     "\" needs the argument \"" + argument + "\"");
    }
    return *this;
}

std::vector<std::string> Translations::missing() const { return impl_->missing; }
std::vector<std::string> Translations::unknown_keys() const { return impl_->unknown.all(); }
std::vector<std::string> Translations::locales() const {
    std::vector<std::string> tags;
    for (const auto& catalogue : impl_->catalogues)
        tags.push_back(catalogue->tag);
    return tags;
}

Translator Translations::translator(std::string_view accept_language) const {
    const auto found = detail::look_up_accepted(accept_language, impl_->tags);
    return Translator{*impl_->catalogues[found.value_or(0)]};
}

void Translations::before(Request& request) const {
    const detail::LocaleCatalogue& catalogue = choose(*impl_, request);
    request.set(Chosen{&catalogue});
    request.set<const TemplateTranslation*>(&catalogue);
}

void Translations::after(Request& request, Response& response) const {
    if (const Chosen* chosen = request.find<Chosen>();
        chosen != nullptr && !response.headers().contains(Field::content_language))
        response.headers().append_view(Field::content_language, chosen->catalogue->tag);
    add_vary(response, "Accept-Language");
    if (!impl_->options.cookie.empty()) add_vary(response, "Cookie");
}

std::string_view Locale::tag() const noexcept { return catalogue_->tag; }
std::string_view Locale::direction() const noexcept { return catalogue_->direction(); }

std::string Translator::operator()(std::string_view key,
                                   std::initializer_list<MessageArgument> arguments) const {
    std::string text;
    catalogue_->format(text, key, {arguments.begin(), arguments.size()});
    return text;
}

const detail::LocaleCatalogue& detail::catalogue_of(Request& request) {
    const Chosen* chosen = request.find<Chosen>();
    if (chosen == nullptr)
        throw std::logic_error(
            "armature: Translator and Locale need Translations around the route");
    return *chosen->catalogue;
}

} // namespace armature
