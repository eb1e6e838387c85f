#include "app/request_path.hpp"
#include "core/compressible.hpp"
#include "static_files/byte_ranges.hpp"
#include "static_files/directory.hpp"
#include "static_files/names.hpp"
#include "static_files/opened_files.hpp"

#include <armature/app/negotiate.hpp>
#include <armature/core/error.hpp>
#include <armature/core/etag.hpp>
#include <armature/core/http_date.hpp>
#include <armature/core/media_type.hpp>
#include <armature/core/range.hpp>
#include <armature/static_files/static_files.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <system_error>

namespace armature {

namespace {

using detail::Directory;
using detail::Opened;

// Reading so little costs less than having the kernel send it: it goes out with the head, in one
// piece.
constexpr std::uint64_t read_at_once = 16 * 1024;
constexpr std::string_view not_found_detail = "There is nothing at this path";

// Of equally welcome codings the first: in files made once, with time, it is the smallest.
struct Coding {
    std::string_view name;
    std::string_view suffix;
};
constexpr std::array<Coding, 3> codings{{{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}}};

// Browsers name HTML first when they go to a page; scripts and images take anything, and are better
// off with 404 than with a page in place of what they are.
bool prefers_html(const Request& request) noexcept {
    static constexpr std::string_view offers[] = {media_types::octet_stream, "text/html"};
    return negotiate_media_type(request.headers(), offers) == 1;
}

// One path from several pieces, as C has it; lives as long as the request.
std::string_view join(Request& request, std::initializer_list<std::string_view> pieces) {
    std::size_t size = 1;
    for (const std::string_view piece : pieces)
        size += piece.size();
    char* const text = static_cast<char*>(request.arena().allocate(size, 1));
    char* end = text;
    for (const std::string_view piece : pieces)
        end += piece.copy(end, piece.size());
    *end = '\0';
    return {text, static_cast<std::size_t>(end - text)};
}

// What tells one state of a file from another. Size and time alone don't: build tools give all
// files one time, and a digit that changes leaves the size; a new file has another inode.
//
// A file that was written within the last second may be written again without a change of all
// three: so long its tag is weak, and its date is no proof either (RFC 9110 §8.8.2.2).
class FileState {
  public:
    FileState(const struct stat& info, std::int64_t now) noexcept
        : modified_(info.st_mtim.tv_sec), settled_(modified_ + 1 < now) {
        char* end = tag_;
        if (!settled_) end += std::string_view{"W/"}.copy(end, 2);
        *end++ = '"';
        const auto nanoseconds = static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000 +
                                 static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
        const std::uint64_t parts[] = {static_cast<std::uint64_t>(info.st_size), nanoseconds,
                                       static_cast<std::uint64_t>(info.st_ino)};
        for (const std::uint64_t part : parts) {
            end = std::to_chars(end, tag_ + sizeof tag_, part, 16).ptr;
            *end++ = '-';
        }
        end[-1] = '"';
        size_ = static_cast<std::size_t>(end - tag_);
        // A date must not lie in the future (RFC 9110 §8.8.2.1).
        if (modified_ > now) modified_ = now;
    }
    FileState(const FileState&) = delete;
    FileState& operator=(const FileState&) = delete;

    [[nodiscard]] std::string_view tag() const noexcept { return {tag_, size_}; }
    [[nodiscard]] std::int64_t modified() const noexcept { return modified_; }
    [[nodiscard]] Validators for_conditions() const noexcept { return {true, tag(), modified_}; }
    [[nodiscard]] Validators for_ranges() const noexcept {
        return {true, tag(), settled_ ? std::optional{modified_} : std::nullopt};
    }

  private:
    std::int64_t modified_;
    bool settled_;
    std::size_t size_;
    char tag_[64]; // W/, two quotes, and three numbers of at most 16 digits between dashes
};

class Files {
  public:
    Files(const std::string& directory, StaticFileOptions options)
        : options_(std::move(options)),
          directory_(directory, options_.symlinks ? Directory::Symlinks::follow
                                                  : Directory::Symlinks::refuse) {}

    /// `path` is what follows the prefix and its slash, decoded.
    ///
    /// Opening and `fstat` happen on the event loop, as in nginx: what the kernel knows they take
    /// from memory in a microsecond or two, less than it costs to have another thread do them, and
    /// a server whose file names don't stay in memory is short of it in any case. Of a folder on a
    /// network file system that isn't so; the page about static files says it.
    Response serve(Request& request, std::string_view path) const {
        const bool has_slash = request.path().ends_with('/');
        if (path.ends_with('/')) {
            path.remove_suffix(1);
            if (path.empty()) throw Error::not_found(std::string{not_found_detail}); // "//"
        }
        if (!detail::is_servable(path, options_.dotfiles))
            throw Error::not_found(std::string{not_found_detail});
        if (path.empty() && !has_slash) return redirect_to_slash(request);
        if (!has_slash || !options_.index.empty()) {
            const std::string_view name =
                has_slash ? join(request, {path, path.empty() ? "" : "/", options_.index})
                          : join(request, {path});
            Opened opened = open(name.data());
            if (opened.kind == Opened::Kind::regular)
                return answer(request, name, std::move(opened), false);
            if (opened.kind == Opened::Kind::folder && !has_slash)
                return redirect_to_slash(request);
        }
        return answer_missing(request);
    }

    /// Whether the file for missing ones is there, if there is to be one.
    [[nodiscard]] bool has_fallback() const {
        return options_.fallback.empty() ||
               directory_.open(options_.fallback.c_str()).kind == Opened::Kind::regular;
    }

  private:
    Opened open(const char* path) const {
        return detail::OpenedFiles::of_this_thread().open(directory_, path);
    }

    Response redirect_to_slash(const Request& request) const {
        std::string location = detail::encoded_path(request.path()) + '/';
        if (!request.query_text().empty()) location.append("?").append(request.query_text());
        return Response::redirect(location, Status::permanent_redirect)
            .header(Field::cache_control, options_.cache_control);
    }

    Response answer_missing(Request& request) const {
        Error error = Error::not_found(std::string{not_found_detail});
        if (options_.fallback.empty()) throw error;
        if (prefers_html(request)) {
            Opened opened = open(options_.fallback.c_str());
            if (opened.kind == Opened::Kind::regular)
                return answer(request, options_.fallback, std::move(opened), true);
        }
        throw std::move(error).header("vary", "Accept");
    }

    // Opens the best compressed form that the client takes and that is there. Null without one.
    const Coding* open_compressed(Request& request, std::string_view name, Opened& file) const {
        if (!request.headers().contains(Field::accept_encoding)) return nullptr;
        std::array<std::string_view, codings.size() + 1> offers;
        std::array<const Coding*, codings.size() + 1> left{};
        std::size_t count = 0;
        for (const Coding& coding : codings) {
            offers[count] = coding.name;
            left[count++] = &coding;
        }
        offers[count++] = "identity";
        for (;;) {
            const auto chosen = negotiate_encoding(request.headers(), {offers.data(), count});
            // A client that refuses everything gets the file as it is (RFC 9110 §12.5.3).
            if (!chosen || left[*chosen] == nullptr) return nullptr;
            Opened found = open(join(request, {name, left[*chosen]->suffix}).data());
            if (found.kind == Opened::Kind::regular &&
                found.info.st_mtim.tv_sec >= file.info.st_mtim.tv_sec) {
                file = std::move(found);
                return left[*chosen];
            }
            std::move(offers.begin() + *chosen + 1, offers.begin() + count,
                      offers.begin() + *chosen);
            std::move(left.begin() + *chosen + 1, left.begin() + count, left.begin() + *chosen);
            --count;
        }
    }

    // `name` lives as long as the request. `is_fallback`: another Accept would get another answer.
    Response answer(Request& request, std::string_view name, Opened file, bool is_fallback) const {
        const std::string_view type = detail::media_type_of(name);
        const bool has_codings = options_.precompressed && is_compressible(type);
        const Coding* const coding = has_codings ? open_compressed(request, name, file) : nullptr;
        const FileState state{file.info, std::time(nullptr)};

        Response response;
        Headers& fields = response.headers();
        fields.append_view(Field::etag, request.arena().copy(state.tag()));
        char date[http_date_size];
        write_http_date(state.modified(), date);
        fields.append_view(Field::last_modified, request.arena().copy({date, sizeof date}));
        fields.append_view(Field::cache_control,
                           options_.immutable_fingerprints && detail::has_fingerprint(name)
                               ? "public, max-age=31536000, immutable"
                               : std::string_view{options_.cache_control});
        if (has_codings || is_fallback)
            fields.append_view(Field::vary, !is_fallback  ? "Accept-Encoding"
                                            : has_codings ? "Accept-Encoding, Accept"
                                                          : "Accept");
        switch (
            evaluate_preconditions(request.method(), request.headers(), state.for_conditions())) {
        case Precondition::not_modified:
            response.status(Status::not_modified);
            return response;
        case Precondition::precondition_failed:
            throw Error{Status::precondition_failed, "It has changed since you last saw it"};
        case Precondition::proceed:
            break;
        }
        fields.append_view(Field::content_type, type);
        fields.append_view(Field::x_content_type_options, "nosniff");
        fields.append_view(Field::accept_ranges, "bytes");
        if (coding != nullptr) fields.append_view(Field::content_encoding, coding->name);
        add_content(request, response, std::move(file), type, state);
        return response;
    }

    // All of the file, or the ranges that are asked for.
    static void add_content(const Request& request, Response& response, Opened file,
                            std::string_view type, const FileState& state) {
        const auto size = static_cast<std::uint64_t>(file.info.st_size);
        const auto range = request.header(Field::range);
        if (range && request.method() == Method::get &&
            range_is_current(request.headers(), state.for_ranges())) {
            const RangeRequest wanted = RangeRequest::parse(*range, size);
            if (wanted.kind() == RangeRequest::Kind::unsatisfiable)
                throw Error{Status::range_not_satisfiable,
                            "The content has " + std::to_string(size) + " bytes"}
                    .header("content-range", unsatisfied_content_range(size));
            if (wanted.kind() == RangeRequest::Kind::partial) {
                response.status(Status::partial_content);
                if (wanted.ranges().size() == 1) {
                    const ByteRange only = wanted.ranges().front();
                    response.header(Field::content_range, content_range(only, size));
                    response.body(Body{FileRegion{std::move(file.file), only.first, only.size()}});
                } else {
                    auto parts = std::make_unique<detail::ByteRanges>(std::move(file.file), type,
                                                                      size, wanted);
                    response.header(Field::content_type, parts->content_type());
                    response.body(Body{std::move(parts)});
                }
                return;
            }
        }
        if (size == 0) return;
        if (size < read_at_once && request.method() == Method::get)
            if (std::string content = read(*file.file, size); content.size() == size) {
                response.body(Body{std::move(content)});
                return;
            }
        response.body(Body{FileRegion{std::move(file.file), 0, size}});
    }

    // Less than `size` where the file has become shorter.
    static std::string read(const File& file, std::uint64_t size) {
        std::string content(size, '\0');
        const ssize_t count = ::pread(file.descriptor(), content.data(), content.size(), 0);
        content.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return content;
    }

    StaticFileOptions options_;
    Directory directory_;
};

[[noreturn]] void refuse(const std::string& prefix, const std::string& why) {
    throw BuildError{"static_files(\"" + prefix + "\"): " + why};
}

void check(const std::string& prefix, const StaticFileOptions& options) {
    if (!prefix.starts_with('/')) refuse(prefix, "the prefix must start with a slash");
    const std::string& index = options.index;
    if (index.find('/') != index.npos || !detail::is_servable(index, options.dotfiles))
        refuse(prefix,
               "the index must be the name of a file that may be served, not \"" + index + "\"");
    if (!detail::is_servable(options.fallback, options.dotfiles))
        refuse(prefix, "the fallback must be the path, below the folder, of a file that may be "
                       "served, not \"" +
                           options.fallback + "\"");
    Headers probe;
    if (options.cache_control.empty() || !probe.try_append("cache-control", options.cache_control))
        refuse(prefix, "cache_control isn't the value of a field");
}

} // namespace

Scope static_files(std::string prefix, const std::string& directory, StaticFileOptions options,
                   std::source_location where) {
    check(prefix, options);
    std::shared_ptr<const Files> files;
    try {
        files = std::make_shared<const Files>(directory, std::move(options));
        if (!files->has_fallback())
            refuse(prefix, "the fallback isn't a file in \"" + directory + "\"");
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::function_not_supported)
            refuse(prefix, "following symbolic links needs Linux 5.6, and leave to use openat2");
        refuse(prefix, "can't open the folder \"" + directory + "\": " + error.code().message());
    }
    const bool is_root = prefix == "/";
    Scope routes{is_root ? std::string{} : std::move(prefix), where};
    const auto serve = [files](Request& request) {
        // The prefix may have parameters too; the path is the last.
        return files->serve(request, request.params()[request.params().size() - 1]);
    };
    routes.route_at_runtime("/*path", get(serve).hidden(), where);
    if (!is_root) {
        const auto serve_folder = [files](Request& request) { return files->serve(request, {}); };
        routes.route_at_runtime("/", get(serve_folder).hidden(), where);
    }
    return routes;
}

} // namespace armature
