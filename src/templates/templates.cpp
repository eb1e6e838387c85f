#include "templates/pages.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <utility>

namespace armature {

namespace {

namespace fs = std::filesystem;

// What tells whether files have changed since they were read.
struct Seen {
    std::string path;
    fs::file_time_type time;
    std::uintmax_t size = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> look(const fs::path& folder) {
    std::vector<Seen> seen;
    std::error_code error;
    fs::recursive_directory_iterator entries{folder, error};
    if (error)
        throw std::invalid_argument("armature: the folder of templates \"" + folder.string() +
                                    "\" can't be read: " + error.message());
    for (const fs::directory_entry& entry : entries)
        if (entry.is_regular_file() && entry.path().extension() == ".html")
            seen.push_back({entry.path().string(), entry.last_write_time(), entry.file_size()});
    std::sort(seen.begin(), seen.end(),
              [](const Seen& a, const Seen& b) { return a.path < b.path; });
    return seen;
}

std::vector<TemplateSource> read(const fs::path& folder, const std::vector<Seen>& files) {
    std::vector<TemplateSource> sources;
    for (const Seen& file : files) {
        const std::string name = fs::path{file.path}.lexically_relative(folder).generic_string();
        std::ifstream stream{file.path, std::ios::binary};
        std::string text{std::istreambuf_iterator<char>{stream}, {}};
        if (!stream) throw TemplateError(name, 0, "can't be read");
        sources.push_back({name, std::move(text)});
    }
    return sources;
}

} // namespace

TemplateError::TemplateError(std::string file, std::size_t line, const std::string& why)
    : std::invalid_argument("armature: template " + file +
                            (line != 0 ? ":" + std::to_string(line) : "") + ": " + why),
      file_(std::move(file)), line_(line) {}

struct Templates::Impl {
    explicit Impl(std::vector<TemplateSource> sources)
        : pages(std::make_shared<const detail::TemplatePages>(std::move(sources))) {}
    Impl(std::string from, bool reloads) : folder(std::move(from)), reload(reloads) {
        seen = look(folder);
        pages = std::make_shared<const detail::TemplatePages>(read(folder, seen));
    }

    // The pages as they are now; `kept` has them live on.
    const detail::TemplatePages& current(std::shared_ptr<const detail::TemplatePages>& kept) {
        if (!reload) return *pages;
        const std::lock_guard lock{mutex};
        std::vector<Seen> now = look(folder);
        if (now != seen) {
            pages = std::make_shared<const detail::TemplatePages>(read(folder, now));
            seen = std::move(now);
        }
        kept = pages;
        return *kept;
    }
    const detail::TemplatePage& page(const detail::TemplatePages& from, std::string_view name) {
        const detail::TemplatePage* page = from.find(name);
        if (page == nullptr) throw TemplateError(std::string{name}, 0, "there is no such template");
        if (page->fault) throw *page->fault;
        return *page;
    }

    std::string folder;
    bool reload = false;
    std::mutex mutex; ///< for what follows, if it reloads
    std::vector<Seen> seen;
    std::shared_ptr<const detail::TemplatePages> pages;
};

Templates::Templates(const std::string& folder, TemplateOptions options)
    : impl_(new Impl{folder, options.reload}) {}
Templates::Templates(std::vector<TemplateSource> sources) : impl_(new Impl{std::move(sources)}) {}
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;
Templates::~Templates() = default;

std::string Templates::render_text(std::string_view name, detail::TemplateRef data,
                                   Request* request) const {
    std::shared_ptr<const detail::TemplatePages> kept;
    return detail::render_page(impl_->page(impl_->current(kept), name), data, request);
}

void Templates::check(std::string_view name, const TypeInfo& type) const {
    std::shared_ptr<const detail::TemplatePages> kept;
    detail::check_page(impl_->page(impl_->current(kept), name), type);
}

std::vector<TemplateMessage> Templates::messages() const {
    std::shared_ptr<const detail::TemplatePages> kept;
    return impl_->current(kept).messages();
}

// --- Values ---

namespace detail {

constinit const TemplateType template_nothing = [] {
    TemplateType type;
    type.json = [](const void*, std::string& out) { out += "null"; };
    type.truth = [](const void*) { return false; };
    return type;
}();

} // namespace detail

const detail::TemplateType TemplateValues::type = [] {
    detail::TemplateType type;
    type.kind = ValueKind::map;
    type.truth = [](const void* object) {
        return !static_cast<const TemplateValues*>(object)->values_.empty();
    };
    type.find = [](const void* object, std::string_view name) {
        const auto& values = static_cast<const TemplateValues*>(object)->values_;
        for (auto value = values.rbegin(); value != values.rend(); ++value)
            if (value->name == name) return value->ref;
        return detail::TemplateRef{};
    };
    return type;
}();

} // namespace armature
