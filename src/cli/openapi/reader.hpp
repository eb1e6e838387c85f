#pragma once

#include "cli/openapi/structure.hpp"

#include <set>

namespace armature::spec {

struct Document::Parts {
    struct Source {
        std::string file;
        Node root;
    };
    std::string version, title, api_version, description;
    std::deque<Source> sources; // the document first
    std::deque<Schema> all_schemas;
    std::vector<const Schema*> schemas;
    std::vector<Server> servers;
    std::vector<Tag> tags;
    std::vector<SecurityScheme> security_schemes;
    std::vector<Operation> operations, webhooks;
    std::vector<Finding> findings;
};

/// Makes the model of a document, once.
class Reader {
  public:
    Reader(Document::Parts& parts, const Load& load) : parts_(parts), load_(load) {}
    void read(const std::string& location);

  private:
    // References.
    struct Target {
        const Node* node = nullptr;
        std::string name; ///< for a schema, if that place gives it one
    };
    const Document::Parts::Source* source(const std::string& location, const Node& at);
    Target target(const Node& at, const std::string& reference);
    /// Past references; nullptr when they lead nowhere.
    const Node* follow(const Node& node);
    const Node* step(const Node& node, std::string_view name);

    // What the document consists of.
    void read_components();
    void read_document();
    std::vector<Server> read_servers(const Node* list);
    SecurityScheme read_security_scheme(const std::string& name, const Node& node);
    std::vector<SecurityRequirement> read_security(const Node* list);
    struct Inherited {
        std::vector<SecurityRequirement> security;
        std::vector<Server> servers;
    };
    void read_path_item(const std::string& path, const Node& node, const Inherited& inherited,
                        std::vector<Operation>& to, bool with_callbacks);
    Operation read_operation(const std::string& method, const std::string& path, const Node& node,
                             const Inherited& inherited, bool with_callbacks);
    void read_callbacks(const Node& node, const Inherited& inherited, Operation& operation);
    std::vector<Parameter> read_parameters(const Node* list);
    void read_described(const Node& node, Parameter& parameter);
    RequestBody read_body(const Node& node);
    Response read_response(const std::string& status, const Node& node);
    std::vector<Media> read_content(const Node* map);
    Media read_media(const std::string& type, const Node& node);
    std::vector<Example> read_examples(const Node& node);

    // Schemas: read when they are first met, one after the other, so that neither cycles nor long
    // chains of them nest calls.
    const Schema* schema(const Node& node);
    const Schema* schema_of(const Node& parent, std::string_view member);
    const Schema* make_schema(const Node& node, std::string name);
    void fill_schemas();
    void fill(Schema& schema);
    void fill_types(Schema& schema, const Node& node);
    void fill_limits(Schema& schema, const Node& node);
    void fill_object(Schema& schema, const Node& node);
    void fill_discriminator(Schema& schema, const Node& node);
    std::vector<const Schema*> schema_list(const Node& node, std::string_view member);

    void check(const Node& node, std::string_view object) {
        if (checked_.insert(&node).second) check_structure(node, object, version_, parts_.findings);
    }
    void error(const Node& at, std::string rule, std::string what, std::string remedy);
    void warn(const Node& at, std::string rule, std::string what, std::string remedy);

    Document::Parts& parts_;
    const Load& load_;
    Version version_;
    std::map<std::string, const Document::Parts::Source*> by_location_;
    std::map<std::pair<const std::string*, std::string>, Target> targets_;
    std::map<const Node*, std::map<std::string_view, const Node*>> indices_;
    std::map<const Node*, Schema*> by_node_;
    std::map<const Node*, std::string> names_; ///< of the schemas in components
    std::deque<Schema*> unfilled_;
    std::set<const Node*> checked_; ///< once is enough for what several references lead to
};

/// The strings of a list; others are left out.
[[nodiscard]] std::vector<std::string> texts_of(const Node* list);

} // namespace armature::spec
