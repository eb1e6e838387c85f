#pragma once

#include "cli/openapi/document.hpp"

#include <map>
#include <set>

namespace armature::client_gen {

/// What a client in any language is made from: which of several contents is sent and received, and
/// what can't be had.

enum class Content : unsigned char { json, form, multipart, text, binary, events, lines, any };
[[nodiscard]] Content content_of(const spec::Media& media);

struct Body {
    Content content = Content::json;
    const spec::Media* media = nullptr;
    bool is_required = false;
    bool or_multipart = false; ///< JSON, but a form with files as well
};

/// What a success brings.
struct Success {
    std::vector<const spec::Schema*> json; ///< of any of these
    bool may_be_empty = false;             ///< some success has no content
    const spec::Media* events = nullptr;
    const spec::Media* lines = nullptr;
    bool has_text = false;
    bool has_binary = false;
    bool is_unknown = false; ///< its content isn't described
    std::string accept;      ///< the media types, as a field
};

struct Failure {
    std::string status;                   ///< "404", "4XX", "default"
    const spec::Schema* schema = nullptr; ///< nullptr: not described
};

struct Call {
    const spec::Operation* operation = nullptr;
    std::string name; ///< the operationId, or method and path
    std::optional<Body> body;
    Success success;
    std::vector<Failure> failures;
    std::string idempotency; ///< a header parameter of that name, as written
};

/// Warnings, each sentence once, with how often and where it was first.
class Warnings {
  public:
    void add(const std::string& sentence, const spec::Node* at);
    [[nodiscard]] std::vector<std::string> lines() const;

  private:
    struct Count {
        unsigned count = 0;
        std::string first;
    };
    std::vector<std::string> order_;
    std::map<std::string, Count> counts_;
};

/// The calls of a document, in its order, and warnings about what has none.
[[nodiscard]] std::vector<Call> plan(const spec::Document& document, Warnings& warnings);

/// A server's URL without slashes at its end.
[[nodiscard]] std::string base_of(const spec::Server& server);
/// The document's first server; empty if it names none.
[[nodiscard]] std::string base_of(const spec::Document& document);
/// The operation's own server; empty where it is the document's.
[[nodiscard]] std::string own_base_of(const spec::Document& document,
                                      const spec::Operation& operation);

/// Names of security schemes, of which one set is enough. An empty set, the last, says that none is
/// needed; a credential that is at hand is shown nevertheless. Sets with a scheme for which
/// `can_show(scheme)` is false are left out; client certificates are the connection's business.
template <class F>
[[nodiscard]] std::vector<std::vector<std::string>> credentials_of(const spec::Operation& operation,
                                                                   F can_show) {
    std::vector<std::vector<std::string>> sets;
    bool may_be_anonymous = false;
    for (const spec::SecurityRequirement& requirement : operation.security) {
        std::vector<std::string> names;
        bool is_possible = true;
        for (const auto& [scheme, scopes] : requirement.schemes) {
            if (scheme->type == spec::SecurityScheme::Type::mutual_tls) continue;
            if (!can_show(*scheme)) is_possible = false;
            names.push_back(scheme->name);
        }
        if (!is_possible) continue;
        if (names.empty())
            may_be_anonymous = true;
        else
            sets.push_back(std::move(names));
    }
    if (may_be_anonymous && !sets.empty()) sets.emplace_back();
    return sets;
}

/// What a type is used for.
enum class Use : unsigned char { output, input };

/// The named schemas that calls need, in a fixed order, and which of them look different when sent
/// and received, because they have members that are read-only or write-only.
class Types {
  public:
    Types(const spec::Document& document, const std::vector<Call>& calls);
    [[nodiscard]] const std::vector<const spec::Schema*>& named() const noexcept { return named_; }
    /// Whether there are two types for it.
    [[nodiscard]] bool is_split(const spec::Schema& schema) const {
        return split_.contains(&schema);
    }
    [[nodiscard]] bool is_used(const spec::Schema& schema, Use use) const {
        return used_[use == Use::input ? 1 : 0].contains(&schema);
    }

  private:
    void visit(const spec::Schema& first, Use use);

    std::vector<const spec::Schema*> named_;
    std::set<const spec::Schema*> split_;
    std::set<const spec::Schema*> used_[2];
};

/// The schemas directly within a schema.
[[nodiscard]] std::vector<const spec::Schema*> parts_of(const spec::Schema& schema);

} // namespace armature::client_gen
