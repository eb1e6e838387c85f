#pragma once

#include "cli/openapi/node.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The one model of an OpenAPI document that the commands work from: `armature client`, `mock`,
// `openapi validate` and `openapi diff`. It is the same for 3.0 and 3.1 (and 3.2, as far as that
// says the same), for JSON and YAML, for one file and many: references are followed, `nullable` is
// a type, parameters of a path and of its operations are one list.
//
//     const spec::Document api = spec::Document::read("openapi.yaml");   // throws spec::ReadError
//     for (const spec::Operation& operation : api.operations())
//         for (const spec::Parameter& parameter : operation.parameters) …
//
// Pointers and references into a document are good as long as it is. It moves; it can't be changed.

namespace armature::spec {

struct Schema;

/// Something wrong with a document that could be read.
struct Finding {
    enum class Severity : unsigned char { error, warning };
    Severity severity = Severity::error;
    std::string file; ///< as it was named
    unsigned line = 0;
    std::string rule;   ///< "unknown-reference": for machines, stable
    std::string what;   ///< one sentence
    std::string remedy; ///< one sentence; what to do
};

/// "api.yaml:12: error: what; remedy (rule)"
[[nodiscard]] std::string to_text(const Finding& finding);

/// The JSON types that a value may have; none: any.
class Types {
  public:
    enum Type : unsigned char {
        null = 1,
        boolean = 2,
        integer = 4,
        number = 8, ///< integers, too
        text = 16,
        list = 32,
        map = 64
    };
    void add(Type type) noexcept { bits_ = static_cast<unsigned char>(bits_ | type); }
    void remove(Type type) noexcept { bits_ = static_cast<unsigned char>(bits_ & ~type); }
    [[nodiscard]] bool has(Type type) const noexcept { return (bits_ & type) != 0; }
    [[nodiscard]] bool is_any() const noexcept { return bits_ == 0; }
    /// That type, null aside, and no other.
    [[nodiscard]] bool is_only(Type type) const noexcept { return (bits_ & ~null) == type; }
    /// null, boolean, integer, number, string, array, object
    [[nodiscard]] std::vector<std::string_view> names() const;
    [[nodiscard]] bool operator==(const Types&) const = default;

  private:
    unsigned char bits_ = 0;
};

struct Property {
    std::string name;
    const Schema* schema = nullptr;
    bool is_required = false;
};

/// Which member says what an object of `one_of` or `any_of` is.
struct Discriminator {
    std::string property;
    /// Value of that member → schema, as written; schemas that it doesn't name stand for their own
    /// names. `tag_of` puts both together.
    std::vector<std::pair<std::string, const Schema*>> mapping;
    /// Those of `one_of` or `any_of` that hold, each with its tags; the first tag is the one to
    /// write.
    [[nodiscard]] std::vector<std::string> tags_of(const Schema& alternative) const;
};

/// A JSON Schema. A bare `$ref` is the schema that it names, so the same schema is the same
/// address, and a type that contains itself is a cycle of pointers. A `$ref` with siblings (3.1) is
/// a schema with the siblings, whose `all_of` begins with the schema that it names. 3.0's
/// `nullable` is `types.has(null)`, its boolean `exclusiveMinimum` a number.
struct Schema {
    std::string name; ///< in components/schemas, or the last step of the reference; inline: empty
    const Node* node = nullptr; ///< as written, and where: for keywords that are not here

    bool is_never = false; ///< `false`: no value is right
    bool is_nullable =
        false; ///< null is right besides `types`, `one_of`…: 3.0's nullable, or "null"
    Types types;
    std::string title;
    std::string description;
    std::string format;
    std::string pattern;
    std::string content_media_type;
    std::string content_encoding;
    bool read_only = false;
    bool write_only = false;
    bool is_deprecated = false;

    std::vector<Property> properties;
    /// Names in `required`, also those that `properties` doesn't have.
    std::vector<std::string> required;
    bool allows_additional = true;      ///< members that `properties` doesn't name
    bool says_additional = false;       ///< additionalProperties was written
    const Schema* additional = nullptr; ///< what these have to be; nullptr: anything
    std::vector<std::pair<std::string, const Schema*>> pattern_properties;
    std::optional<std::uint64_t> min_properties, max_properties;

    const Schema* items = nullptr;
    std::vector<const Schema*> prefix_items;
    std::optional<std::uint64_t> min_items, max_items;
    bool unique_items = false;

    std::vector<const Schema*> all_of, any_of, one_of;
    const Schema* not_ = nullptr;
    std::optional<Discriminator> discriminator;

    std::optional<double> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
    std::optional<std::uint64_t> min_length, max_length;

    std::vector<const Node*> enumeration; ///< empty: none; a `const` is one of one value
    const Node* default_value = nullptr;
    std::vector<const Node*> examples; ///< `examples`, then `example`

    [[nodiscard]] const Property* find(std::string_view property) const noexcept;
    /// Whether null is one of its values, as far as it says itself.
    [[nodiscard]] bool allows_null() const noexcept {
        return is_nullable || types.has(Types::null);
    }
};

/// `schema` with what is in its `all_of` folded in, however deep: members and `required` together,
/// of limits the narrower. It doesn't reach into `one_of` and `any_of`; where two parts have one,
/// the second stays in `all_of`. Names and texts are the outer schema's, if it has any.
[[nodiscard]] Schema merged(const Schema& schema);

struct Example {
    std::string name; ///< in `examples`; empty for `example`
    std::string summary;
    std::string description;
    const Node* value = nullptr; ///< nullptr: it is somewhere else, at `external`
    std::string external;
};

struct Encoding {
    std::string content_type;
    std::string style;
    std::optional<bool> explode;
    bool allow_reserved = false;
};

struct Parameter;

/// Content of one media type.
struct Media {
    std::string type; ///< "application/json", as written; may be a range
    const Schema* schema = nullptr;
    const Schema* item_schema = nullptr; ///< 3.2: of each event or line
    std::vector<Example> examples;
    std::vector<std::pair<std::string, Encoding>> encoding;
    const Node* node = nullptr;
};

/// A parameter, or a field of a response.
struct Parameter {
    enum class In : unsigned char { path, query, header, cookie, querystring };
    std::string name;
    In in = In::query;
    std::string description;
    bool is_required = false;
    bool is_deprecated = false;
    bool allow_empty_value = false;
    bool allow_reserved = false;
    std::string style; ///< "form", "simple", "deepObject"…: the default is filled in
    bool explode = false;
    const Schema* schema = nullptr; ///< nullptr: `content` says what it is
    std::optional<Media> content;
    std::vector<Example> examples;
    const Node* node = nullptr;
};

struct RequestBody {
    bool is_required = false;
    std::string description;
    std::vector<Media> content;
    const Node* node = nullptr;
};

struct Response {
    std::string status; ///< "200", "4XX", "default"
    std::string description;
    std::vector<Parameter> headers;
    std::vector<Media> content;
    const Node* node = nullptr;
    /// Whether it is for that status, by its number, its range or as default.
    [[nodiscard]] bool covers(unsigned code) const noexcept;
};

struct Flow {
    std::string kind; ///< "authorizationCode", "clientCredentials", "implicit", "password"…
    std::string authorization_url;
    std::string token_url;
    std::string refresh_url;
    std::vector<std::pair<std::string, std::string>> scopes; ///< and what they are for
};

struct SecurityScheme {
    enum class Type : unsigned char { api_key, http, oauth2, open_id_connect, mutual_tls };
    std::string name; ///< in components/securitySchemes
    Type type = Type::http;
    std::string description;
    std::string scheme;                       ///< http: "bearer", "basic"; lower case
    std::string bearer_format;                ///< "JWT"
    Parameter::In in = Parameter::In::header; ///< api_key
    std::string parameter;                    ///< api_key: its name
    std::vector<Flow> flows;                  ///< oauth2
    std::string open_id_connect_url;
    const Node* node = nullptr;
};

/// What has to be shown together; an empty one: nothing.
struct SecurityRequirement {
    std::vector<std::pair<const SecurityScheme*, std::vector<std::string>>> schemes; ///< and scopes
};

struct Server {
    std::string url; ///< as written: may be relative, and have variables in braces
    std::string description;
    struct Variable {
        std::string name;
        std::string value; ///< the default
        std::vector<std::string> choices;
    };
    std::vector<Variable> variables;
    /// `url` with the variables' defaults.
    [[nodiscard]] std::string expanded() const;
};

struct Operation {
    std::string method; ///< "get": lower case, as in the document
    std::string path;   ///< "/users/{id}"; of a webhook its name, of a callback its expression
    std::string id;     ///< operationId; empty without one
    std::string summary;
    std::string description;
    std::vector<std::string> tags;
    bool is_deprecated = false;
    std::vector<Parameter> parameters; ///< the path's and its own, which count more
    std::optional<RequestBody> body;
    std::vector<Response> responses;           ///< as written
    std::vector<SecurityRequirement> security; ///< one of them; empty: none needed
    std::vector<Server> servers;               ///< its own, the path's or the document's
    std::vector<std::pair<std::string, std::vector<Operation>>> callbacks;
    const Node* node = nullptr;

    /// The response for that status: by number, by range, default; nullptr if it names none.
    [[nodiscard]] const Response* response(unsigned code) const noexcept;
    [[nodiscard]] const Parameter* parameter(std::string_view name,
                                             Parameter::In in) const noexcept;
};

struct Tag {
    std::string name;
    std::string description;
};

/// Gets the text of a file or URL. Throws ReadError.
using Load = std::function<std::string(const std::string& location)>;
/// Files, and http and https URLs: verified servers, at most 64 MiB, in 30 seconds.
[[nodiscard]] std::string load_file_or_url(const std::string& location);
/// Where `reference` leads from `base`; both may be files or URLs. A URL can't lead to a file.
/// nullopt for that.
[[nodiscard]] std::optional<std::string> resolve_location(std::string_view base,
                                                          std::string_view reference);

/// An OpenAPI document of version 3.0, 3.1 or 3.2 with what it refers to.
class Document {
  public:
    /// Reads a file or URL, "-" standard input. Throws ReadError when there is nothing to work
    /// with. What else is wrong, references that lead nowhere first of all, is in `findings`, and
    /// the model leaves it out: a schema that isn't there is one that allows anything.
    [[nodiscard]] static Document read(const std::string& location,
                                       const Load& load = load_file_or_url);

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    [[nodiscard]] const std::string& version() const noexcept; ///< "3.1.0"
    [[nodiscard]] const std::string& title() const noexcept;
    [[nodiscard]] const std::string& api_version() const noexcept; ///< info.version
    [[nodiscard]] const std::string& description() const noexcept;
    [[nodiscard]] const std::vector<Server>& servers() const noexcept;
    [[nodiscard]] const std::vector<Tag>& tags() const noexcept;
    [[nodiscard]] const std::vector<SecurityScheme>& security_schemes() const noexcept;
    /// In the order of the document.
    [[nodiscard]] const std::vector<Operation>& operations() const noexcept;
    [[nodiscard]] const std::vector<Operation>& webhooks() const noexcept;
    /// Those in components/schemas, in the order of the document.
    [[nodiscard]] const std::vector<const Schema*>& schemas() const noexcept;
    /// What is wrong, in the order in which it was met.
    [[nodiscard]] const std::vector<Finding>& findings() const noexcept;
    [[nodiscard]] bool has_errors() const noexcept;
    /// The document itself, as written.
    [[nodiscard]] const Node& root() const noexcept;
    /// Every file that it was read from, the document first: what to watch for changes.
    [[nodiscard]] std::vector<std::string> files() const;

  private:
    friend class Reader;
    struct Parts;
    explicit Document(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace armature::spec
