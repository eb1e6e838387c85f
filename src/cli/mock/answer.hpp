#pragma once

#include "cli/mock/engine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace armature::cli::mock {

/// What a client asks for beside what the document says: "code=404, example=dog, dynamic=true", in
/// Prefer (RFC 7240) or as __code and so on in the query.
struct Preferences {
    std::optional<unsigned> code;
    std::string example;
    std::optional<bool> dynamic;
};
[[nodiscard]] Preferences preferences_of(const Request& request);

[[nodiscard]] bool is_json(std::string_view type);
/// Whether a response of that status has content.
[[nodiscard]] bool has_content_for(unsigned status) noexcept;

/// One request on its way to its answer.
class Answer {
  public:
    Answer(const Engine& engine, const Request& request, const std::string& content)
        : engine_(engine), request_(request), content_(content),
          preferences_(preferences_of(request)) {}
    Response make();

  private:
    using Collection = Store::Collection;

    [[nodiscard]] std::string lower_method() const;
    [[nodiscard]] Random random(std::string_view more = {}) const;
    [[nodiscard]] bool is_dynamic() const;
    Response refuse();
    Response answer();
    // The lowest 2xx; else the default, as 200; else the first.
    [[nodiscard]] std::pair<unsigned, const spec::Response*> success() const;
    // What the client accepts; JSON first where it accepts more. nullptr: nothing of it.
    [[nodiscard]] const spec::Media* choose_media(const spec::Response& described) const;
    Response respond(unsigned status, const spec::Response& described);
    // An example, or a value for the schema.
    json value_for(const spec::Media& media, std::string_view more = {}) const;
    json made(const spec::Schema& schema, std::string_view more = {}) const;
    Response with_content(unsigned status, const spec::Response& described,
                          const spec::Media& media, const json& value) const;
    static std::string xml(const spec::Media& media, const json& value);
    Response with_headers(Response response, const spec::Response& described) const;

    // --- what is kept: kept.cpp ---

    std::optional<Response> with_store(const Resources::Use& use, unsigned status,
                                       const spec::Response& described);
    /// Of the operation that lists what is at `path`, whoever asks.
    Answer(const spec::Operation& operation, const Answer& other, const std::string& path);
    // The list that a collection begins with: that of the document's list operation.
    void fill(Collection& kept, const Resources::Resource& resource, const std::string& path);
    static const Request& empty_request();
    Response list(Collection& kept, unsigned status, const spec::Response& described,
                  const spec::Media& media);
    [[nodiscard]] const spec::Schema* item_schema_of(const spec::Schema& schema,
                                                     const json& content, const json* items) const;
    Response create(Collection& kept, const Resources::Resource& resource, const std::string& path,
                    unsigned status, const spec::Response& described, const spec::Media* media);
    std::string new_id(Collection& kept, const Resources::Resource& resource) const;
    static void put(Collection& kept, const std::string& id, json item);
    // The item, or what one of that id looks like which nobody made.
    json current(Collection& kept, const Resources::Resource& resource, const std::string& id);
    json base(const Resources::Resource& resource, const std::string& id) const;
    // The one that the operation which reads an item shows.
    json example_of(const Resources::Resource& resource) const;
    // The id in the type that the schema says; one that doesn't fit there stays out.
    void set_id(const Resources::Resource& resource, json& item, const std::string& id) const;
    // PUT replaces what clients may write.
    void keep_read_only(const Resources::Resource& resource, const json& before, json& after) const;
    // The item as another schema has it.
    json shaped(const spec::Schema& schema, const json& item) const;
    Response gone(const std::string& id);

    const Engine& engine_;
    const Request& request_;
    const std::string& content_;
    Preferences preferences_;
    const Routes::Match* match_ = nullptr;
    const spec::Operation* operation_ = nullptr;
    CheckedRequest checked_;
    Routes::Match own_match_;
};

} // namespace armature::cli::mock
