#pragma once

// What every call of this client stands on: parameters, content, credentials, errors, streams. It
// knows nothing of the service.

#include <armature/client/client.hpp>
#include <armature/core/base64.hpp>
#include <armature/core/url.hpp>
#include <armature/core/uuid.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/describe/variant.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace PACKAGE {

/// Any JSON, as text: what has no type of its own. Empty is null.
struct AnyJson {
    std::string text;

    /// What it says, if it is a `T`. Throws DecodeError.
    template <class T>
    [[nodiscard]] T as() const;
    template <class T>
    [[nodiscard]] static AnyJson from(const T& value) {
        return {armature::to_json(value)};
    }
};

/// The names of a JSON object's members: what tells alternatives apart that have no discriminator.
class MemberNames {
  public:
    /// `text` begins with the object.
    explicit MemberNames(std::string_view text);
    [[nodiscard]] bool have(std::initializer_list<std::string_view> names) const;

  private:
    std::set<std::string, std::less<>> names_;
};

/// Bytes, for parts of forms; in JSON they are a text.
struct Bytes {
    std::string data;
    std::string file_name{};
    std::string type = "application/octet-stream";
};

} // namespace PACKAGE

// Both are JSON, though not by a description.
namespace armature::detail {

template <>
inline JsonStatus read_value(JsonReader& reader, PACKAGE::AnyJson& out) {
    const std::string_view from = reader.rest();
    const JsonStatus status = reader.skip_value();
    if (status == JsonStatus::ok) out.text = from.substr(0, from.size() - reader.rest().size());
    while (!out.text.empty() && (out.text.back() == ' ' || out.text.back() == '\n' ||
                                 out.text.back() == '\r' || out.text.back() == '\t'))
        out.text.pop_back();
    return status;
}
template <>
inline void write_value(JsonSink& sink, const PACKAGE::AnyJson& value) {
    sink.append(value.text.empty() ? std::string_view("null") : std::string_view(value.text));
}
template <>
inline JsonStatus read_value(JsonReader& reader, PACKAGE::Bytes& out) {
    return reader.read_text(out.data);
}
template <>
inline void write_value(JsonSink& sink, const PACKAGE::Bytes& value) {
    write_text(sink, value.data);
}

} // namespace armature::detail

namespace PACKAGE {

/// The answer is not what its type says.
class DecodeError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

template <class T>
T decode(std::string_view text) {
    T value{};
    armature::JsonErrors errors;
    if (armature::read_json(text, value, errors) == armature::JsonStatus::ok) return value;
    std::string what = "the content is not what it should be:";
    if (const armature::JsonSyntaxError* const syntax = errors.syntax())
        what += " " + syntax->detail;
    for (const armature::JsonError& error : errors.values())
        what += " " + error.pointer + " " + error.detail + ";";
    throw DecodeError(what);
}

// A struct of more members than can be described at once consists of parts.
template <class Part>
armature::JsonStatus read_part(std::string_view text, Part& out, armature::JsonReader& reader) {
    armature::JsonReader again(text, reader.errors());
    return armature::detail::read_value(again, out);
}
template <class Part>
void write_part(armature::JsonSink& sink, const Part& value, bool& is_first) {
    const std::string json = armature::to_json(value);
    if (json.size() == 2) return;
    sink.put(is_first ? '{' : ',');
    sink.append(std::string_view(json).substr(1, json.size() - 2));
    is_first = false;
}

template <class T>
T AnyJson::as() const {
    return decode<T>(text.empty() ? "null" : text);
}

/// Problem details (RFC 9457).
struct ProblemDetails {
    std::optional<std::string> type;
    std::optional<std::string> title;
    std::optional<std::int64_t> status;
    std::optional<std::string> detail;
    std::optional<std::string> instance;
};
ARMATURE_DESCRIBE(ProblemDetails, type, title, status, detail, instance);

/// The head of a response.
struct Head {
    armature::Status status = armature::Status::ok;
    armature::Headers headers;
    std::string url;

    /// Where the link with rel="next" leads (RFC 8288): the next page.
    [[nodiscard]] std::optional<std::string> next() const;
};

/// The service answered with a status that is no success.
class ApiError : public std::runtime_error {
  public:
    ApiError(armature::Status status, std::string content_type, std::string content)
        : std::runtime_error(std::to_string(armature::status_code(status)) + " " + content),
          status_(status), type_(std::move(content_type)), content_(std::move(content)) {}
    [[nodiscard]] armature::Status status() const noexcept { return status_; }
    [[nodiscard]] const std::string& content() const noexcept { return content_; }
    /// The content as the type that the call documents for this status. Throws DecodeError.
    template <class T>
    [[nodiscard]] T as() const {
        return decode<T>(content_);
    }
    /// The problem details, if the content is that.
    [[nodiscard]] std::optional<ProblemDetails> problem() const {
        if (!type_.starts_with("application/problem+json")) return std::nullopt;
        return as<ProblemDetails>();
    }

  private:
    armature::Status status_;
    std::string type_;
    std::string content_;
};

/// What is shown to the service: a text, or a function that gets it for each request.
class Credential {
  public:
    Credential(std::string token) : get_([token = std::move(token)] { return token; }) {}
    Credential(const char* token) : Credential(std::string(token)) {}
    Credential(std::function<std::string()> get) : get_(std::move(get)) {}
    /// For HTTP basic authentication (RFC 7617).
    [[nodiscard]] static Credential basic(const std::string& user, const std::string& password) {
        return Credential(armature::to_base64(user + ":" + password));
    }
    [[nodiscard]] std::string get() const { return get_(); }

  private:
    std::function<std::string()> get_;
};

/// How a security scheme shows a credential.
struct Scheme {
    enum class Kind : std::uint8_t { bearer, basic, header, query, cookie };
    std::string_view name;
    Kind kind;
    std::string_view field; ///< of an API key
};

struct Options {
    /// Where the service is; empty: where its document says.
    std::string base_url{};
    /// By the name of their security scheme.
    std::map<std::string, Credential, std::less<>> credentials{};
    /// Gives every POST and PATCH an Idempotency-Key, so that they may be sent again, too.
    bool idempotency_keys = false;
    /// The most content that is kept in memory, in bytes.
    std::uint64_t content_limit = 64 * 1024 * 1024;
};

// --- Parameters ---------------------------------------------------------------------------------

inline std::string encode(std::string_view text) {
    return armature::percent_encode(text, armature::EncodeSet::query_component);
}

/// A value as text, wherever it is no JSON.
template <class T>
std::string to_text(const T& value) {
    constexpr armature::ValueKind kind = armature::value_kind<T>;
    if constexpr (kind == armature::ValueKind::text) {
        return std::string(value);
    } else if constexpr (std::is_same_v<T, AnyJson>) {
        // A text without its quotes.
        if (value.text.starts_with('"')) return decode<std::string>(value.text);
        return value.text;
    } else {
        std::string json = armature::to_json(value);
        // A choice that is a text, without its quotes as well.
        if constexpr (kind == armature::ValueKind::unsupported)
            if (json.starts_with('"')) return decode<std::string>(json);
        // Enumerations, dates and the like: no escapes are needed in what they consist of.
        if constexpr (kind == armature::ValueKind::formatted ||
                      kind == armature::ValueKind::enumeration)
            return json.substr(1, json.size() - 2);
        else
            return json;
    }
}

/// Calls `visit(name, value)` for each member of a described struct or a map that is there.
template <class T, class Visit>
void each_member(const T& value, const Visit& visit) {
    const auto present = [&](std::string_view name, const auto& item) {
        if constexpr (armature::value_kind<std::remove_cvref_t<decltype(item)>> ==
                      armature::ValueKind::optional) {
            if (item) visit(name, *item);
        } else {
            visit(name, item);
        }
    };
    if constexpr (armature::value_kind<T> == armature::ValueKind::map)
        for (const auto& [name, item] : value) present(name, item);
    else
        armature::for_each_member<T>(
            [&](const auto& member) { present(member.name, value.*member.pointer); });
}

/// An object as the text "name=value,…", or "name,value,…" unless `explode`.
template <class T>
std::string members_text(const T& value, bool explode, std::string_view separator = ",",
                         bool is_encoded = true) {
    std::string all;
    each_member(value, [&](std::string_view name, const auto& item) {
        const std::string text = to_text(item);
        all.append(all.empty() ? "" : separator).append(is_encoded ? encode(name) : name);
        all.append(explode ? "=" : separator).append(is_encoded ? encode(text) : text);
    });
    return all;
}

template <class T>
std::string path_value(std::string_view name, const T& value, bool explode = false) {
    constexpr armature::ValueKind kind = armature::value_kind<T>;
    std::string text;
    if constexpr (kind == armature::ValueKind::list) {
        for (const auto& item : value) text += (text.empty() ? "" : ",") + encode(to_text(item));
    } else if constexpr (kind == armature::ValueKind::object || kind == armature::ValueKind::map) {
        text = members_text(value, explode);
    } else {
        text = encode(to_text(value));
    }
    // It would be another path.
    if (text.empty() || text == "." || text == "..")
        throw std::invalid_argument("the path parameter \"" + std::string(name) + "\" can't be \"" +
                                    text + "\"");
    return text;
}

/// Name and value pairs of a query or form, encoded.
class Pairs {
  public:
    template <class T>
    void add(std::string_view name, const T& value, bool explode = true,
             std::string_view separator = ",") {
        constexpr armature::ValueKind kind = armature::value_kind<T>;
        if constexpr (kind == armature::ValueKind::optional) {
            if (value) add(name, *value, explode, separator);
        } else if constexpr (kind == armature::ValueKind::list) {
            if (explode) {
                for (const auto& item : value) add(name, item);
                return;
            }
            std::string all;
            for (const auto& item : value)
                all.append(all.empty() ? "" : separator).append(encode(to_text(item)));
            if (!all.empty()) put(name, all);
        } else {
            put(name, encode(to_text(value)));
        }
    }
    /// An object: name[member]=value, for all levels.
    template <class T>
    void add_deep(const std::string& name, const T& value) {
        constexpr armature::ValueKind kind = armature::value_kind<T>;
        if constexpr (kind == armature::ValueKind::optional) {
            if (value) add_deep(name, *value);
        } else if constexpr (kind == armature::ValueKind::object ||
                             kind == armature::ValueKind::map) {
            each_member(value, [&](std::string_view member, const auto& item) {
                add_deep(name + "[" + std::string(member) + "]", item);
            });
        } else if constexpr (kind == armature::ValueKind::list) {
            std::size_t index = 0;
            for (const auto& item : value) add_deep(name + "[" + std::to_string(index++) + "]", item);
        } else {
            put(name, encode(to_text(value)));
        }
    }
    /// An object: member=value for each, or unless `explode` name=member,value,…
    template <class T>
    void add_members(std::string_view name, const T& value, bool explode,
                     std::string_view separator) {
        if constexpr (armature::value_kind<T> == armature::ValueKind::optional) {
            if (value) add_members(name, *value, explode, separator);
        } else if (explode) {
            each_member(value, [&](std::string_view member, const auto& item) {
                put(member, encode(to_text(item)));
            });
        } else if (const std::string all = members_text(value, false, separator); !all.empty()) {
            put(name, all);
        }
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    void put(std::string_view name, std::string_view encoded) {
        if (!text_.empty()) text_ += '&';
        text_.append(encode(name)).append("=").append(encoded);
    }
    std::string text_;
};

/// The parts of a multipart/form-data body (RFC 7578).
class Form {
  public:
    Form() : boundary_("armature-" + to_text(armature::Uuid::v4())) {}

    template <class T>
    void add(std::string_view name, const T& value, std::string_view type = {}) {
        constexpr armature::ValueKind kind = armature::value_kind<T>;
        if constexpr (kind == armature::ValueKind::optional) {
            if (value) add(name, *value, type);
        } else if constexpr (std::is_same_v<T, Bytes>) {
            part(name, value.file_name.empty() ? "file" : value.file_name,
                 type.empty() ? value.type : type, value.data);
        } else if constexpr (kind == armature::ValueKind::list) {
            for (const auto& item : value) add(name, item, type);
        } else if constexpr (kind == armature::ValueKind::object ||
                             kind == armature::ValueKind::map ||
                             kind == armature::ValueKind::variant) {
            part(name, {}, type.empty() ? "application/json" : type, armature::to_json(value));
        } else {
            part(name, {}, type, to_text(value));
        }
    }
    [[nodiscard]] std::string content_type() const {
        return "multipart/form-data; boundary=" + boundary_;
    }
    [[nodiscard]] std::string content() const { return text_ + "--" + boundary_ + "--\r\n"; }

  private:
    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text)
            out += c == '"' ? "%22" : c == '\r' ? "%0D" : c == '\n' ? "%0A" : std::string(1, c);
        return out + "\"";
    }
    void part(std::string_view name, std::string_view file_name, std::string_view type,
              std::string_view data) {
        text_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=" + quoted(name);
        if (!file_name.empty()) text_ += "; filename=" + quoted(file_name);
        if (!type.empty()) text_.append("\r\nContent-Type: ").append(type);
        text_.append("\r\n\r\n").append(data).append("\r\n");
    }
    std::string boundary_;
    std::string text_;
};

// --- Calls --------------------------------------------------------------------------------------

/// A request on its way.
class Call {
  public:
    Call(armature::Method method, std::string path) : method_(method), path_(std::move(path)) {}

    template <class T>
    void query(std::string_view name, const T& value, bool explode = true,
               std::string_view separator = ",") {
        query_.add(name, value, explode, separator);
    }
    template <class T>
    void query_deep(std::string_view name, const T& value) {
        query_.add_deep(std::string(name), value);
    }
    template <class T>
    void query_members(std::string_view name, const T& value, bool explode,
                       std::string_view separator) {
        query_.add_members(name, value, explode, separator);
    }
    template <class T>
    void header_members(std::string_view name, const T& value, bool explode) {
        if constexpr (armature::value_kind<T> == armature::ValueKind::optional) {
            if (value) header_members(name, *value, explode);
        } else {
            headers_.emplace_back(name, members_text(value, explode, ",", false));
        }
    }
    template <class T>
    void header(std::string_view name, const T& value) {
        constexpr armature::ValueKind kind = armature::value_kind<T>;
        if constexpr (kind == armature::ValueKind::optional) {
            if (value) header(name, *value);
        } else if constexpr (kind == armature::ValueKind::list) {
            std::string all;
            for (const auto& item : value) all += (all.empty() ? "" : ",") + to_text(item);
            headers_.emplace_back(name, std::move(all));
        } else {
            headers_.emplace_back(name, to_text(value));
        }
    }
    template <class T>
    void cookie(std::string_view name, const T& value) {
        if constexpr (armature::value_kind<T> == armature::ValueKind::optional) {
            if (value) cookie(name, *value);
        } else {
            cookies_ += (cookies_.empty() ? "" : "; ") + std::string(name) + "=" +
                        encode(to_text(value));
        }
    }
    void body(std::string type, armature::Body content) {
        type_ = std::move(type);
        body_ = std::move(content);
    }
    /// Of the schemes, one set of names is needed.
    void auth(std::initializer_list<std::vector<std::string_view>> sets) {
        sets_.assign(sets.begin(), sets.end());
    }
    void accept(std::string_view types) { headers_.emplace_back("accept", types); }
    void server(std::string_view url) { server_ = url; }
    void idempotency(std::string_view field) { idempotency_ = field; }

  private:
    friend class Core;
    armature::Method method_;
    std::string path_;
    std::string server_;
    Pairs query_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::string cookies_;
    std::string type_;
    std::optional<armature::Body> body_;
    std::vector<std::vector<std::string_view>> sets_;
    std::string idempotency_;
};

/// An event of a text/event-stream.
struct Event {
    std::string data;
    std::string event = "message";
    std::string id{};

    template <class T>
    [[nodiscard]] T as() const {
        return decode<T>(data);
    }
};

/// A response that is read line by line.
class Lines {
  public:
    explicit Lines(armature::ClientResponse response) : response_(std::move(response)) {}
    /// The next line, without its end; nullopt at the end of the content.
    armature::Task<std::optional<std::string>> next();

  private:
    armature::ClientResponse response_;
    std::string rest_;
    bool is_at_end_ = false;
};

/// The events of a response, as they come.
class Events {
  public:
    explicit Events(armature::ClientResponse response) : lines_(std::move(response)) {}
    /// nullopt when the service has ended the stream.
    armature::Task<std::optional<Event>> next();

  private:
    Lines lines_;
    std::string last_id_;
};

/// The records of a response whose content is JSON line by line.
template <class T>
class Records {
  public:
    explicit Records(armature::ClientResponse response) : lines_(std::move(response)) {}
    armature::Task<std::optional<T>> next() {
        while (true) {
            std::optional<std::string> line = co_await lines_.next();
            if (!line) co_return std::nullopt;
            std::string_view text = *line;
            if (text.starts_with('\x1e')) text.remove_prefix(1);
            if (text.find_first_not_of(" \t") != text.npos) co_return decode<T>(text);
        }
    }

  private:
    Lines lines_;
};

/// Sends calls.
class Core {
  public:
    Core(armature::Client& client, Options options, std::string_view server,
         std::initializer_list<Scheme> schemes);

    /// Throws ApiError for any status but 2xx and 3xx, and what armature::Client throws.
    armature::Task<armature::ClientResponse> send(Call call, Head* head);
    /// Another page, by the address that `Head::next` gave: of the same service only.
    armature::Task<armature::ClientResponse> send_to(std::string url, Call call, Head* head);

    template <class T>
    armature::Task<T> json(Call call, Head* head) {
        armature::ClientResponse response = co_await send(std::move(call), head);
        const std::string text = co_await response.text(options_.content_limit);
        co_return decode<T>(text);
    }
    /// Nothing, if there is no content.
    template <class T>
    armature::Task<std::optional<T>> json_or_nothing(Call call, Head* head) {
        armature::ClientResponse response = co_await send(std::move(call), head);
        const std::string text = co_await response.text(options_.content_limit);
        if (text.empty()) co_return std::nullopt;
        co_return decode<T>(text);
    }
    armature::Task<std::string> text(Call call, Head* head) {
        armature::ClientResponse response = co_await send(std::move(call), head);
        co_return co_await response.text(options_.content_limit);
    }
    [[nodiscard]] const Options& options() const noexcept { return options_; }

  private:
    void show_credentials(Call& call) const;
    armature::ClientRequest request(Call& call, std::string url) const;

    armature::Client& client_;
    Options options_;
    std::string base_;
    std::vector<Scheme> schemes_;
};

} // namespace PACKAGE
