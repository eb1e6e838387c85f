#include "cli/openapi/structure.hpp"

#include "core/nearest.hpp"

#include <algorithm>

namespace armature::spec {

namespace {

// The members of OpenAPI's objects: name, then the kinds of value: s text, b boolean, n number,
// l list, m map, a anything. Then: ! required, + not in 3.0, - only in 3.0, 2 only from 3.2 on.
struct Object {
    std::string_view name;
    std::string_view members;
    bool is_open = false; // may have members that OpenAPI doesn't know
};
constexpr Object objects[] = {
    {"document", "openapi:s! info:m! servers:l paths:m components:m security:l tags:l "
                 "externalDocs:m webhooks:m+ jsonSchemaDialect:s+ $self:s2"},
    {"info", "title:s! version:s! description:s termsOfService:s contact:m license:m summary:s+"},
    {"contact", "name:s url:s email:s"},
    {"license", "name:s! url:s identifier:s+"},
    {"server", "url:s! description:s variables:m name:s2"},
    {"server variable", "enum:l default:s! description:s"},
    {"components", "schemas:m responses:m parameters:m examples:m requestBodies:m headers:m "
                   "securitySchemes:m links:m callbacks:m pathItems:m+ mediaTypes:m2"},
    {"path item", "$ref:s summary:s description:s get:m put:m post:m delete:m options:m head:m "
                  "patch:m trace:m servers:l parameters:l query:m2 additionalOperations:m2"},
    {"operation", "tags:l summary:s description:s externalDocs:m operationId:s parameters:l "
                  "requestBody:m responses:m callbacks:m deprecated:b security:l servers:l"},
    {"external documentation", "description:s url:s!"},
    {"parameter", "name:s! in:s! description:s required:b deprecated:b allowEmptyValue:b style:s "
                  "explode:b allowReserved:b schema:mb example:a examples:m content:m"},
    {"header", "description:s required:b deprecated:b allowEmptyValue:b style:s explode:b "
               "allowReserved:b schema:mb example:a examples:m content:m"},
    {"request body", "description:s content:m! required:b"},
    {"media type", "schema:mb example:a examples:m encoding:m itemSchema:mb2 prefixEncoding:l2 "
                   "itemEncoding:m2"},
    {"encoding", "contentType:s headers:m style:s explode:b allowReserved:b encoding:m2 "
                 "prefixEncoding:l2 itemEncoding:m2"},
    {"response", "description:s headers:m content:m links:m summary:s2"},
    {"example", "summary:s description:s value:a externalValue:s dataValue:a2 serializedValue:s2"},
    {"link", "operationRef:s operationId:s parameters:m requestBody:a description:s server:m"},
    {"tag", "name:s! description:s externalDocs:m summary:s2 parent:s2 kind:s2"},
    {"security scheme", "type:s! description:s name:s in:s scheme:s bearerFormat:s flows:m "
                        "openIdConnectUrl:s deprecated:b2 oauth2MetadataUrl:s2"},
    {"flow", "authorizationUrl:s tokenUrl:s refreshUrl:s scopes:m! deviceAuthorizationUrl:s2"},
    {"discriminator", "propertyName:s! mapping:m defaultMapping:s2"},
    {"schema", "title:s multipleOf:n maximum:n exclusiveMaximum:nb minimum:n exclusiveMinimum:nb "
               "maxLength:n minLength:n pattern:s maxItems:n minItems:n uniqueItems:b "
               "maxProperties:n minProperties:n required:l enum:l type:sl allOf:l oneOf:l anyOf:l "
               "not:mb items:mb properties:m additionalProperties:mb description:s format:s "
               "default:a nullable:b discriminator:m readOnly:b writeOnly:b xml:m externalDocs:m "
               "example:a deprecated:b const:a+ examples:l+ prefixItems:l+ contains:mb+ "
               "patternProperties:m+ propertyNames:mb+ contentMediaType:s+ contentEncoding:s+ "
               "contentSchema:mb+ $defs:m+ $schema:s+ $id:s+ $anchor:s+ $ref:s+ $dynamicRef:s+ "
               "$dynamicAnchor:s+ $comment:s+ $vocabulary:m+ if:mb+ then:mb+ else:mb+ "
               "dependentSchemas:m+ dependentRequired:m+ unevaluatedItems:mb+ "
               "unevaluatedProperties:mb+ minContains:n+ maxContains:n+"},
};

struct Field {
    std::string_view name;
    std::string_view kinds;
    bool is_required = false;
    bool is_known = true; // in this version
};

Field parse_field(std::string_view word, Version version) {
    const std::size_t colon = word.find(':');
    Field field{word.substr(0, colon), word.substr(colon + 1)};
    const std::size_t marks = field.kinds.find_first_of("!+-2");
    if (marks == field.kinds.npos) return field;
    const std::string_view mark = field.kinds.substr(marks);
    field.kinds = field.kinds.substr(0, marks);
    field.is_required = mark == "!";
    if (mark == "+") field.is_known = version.minor >= 1;
    if (mark == "-") field.is_known = version.is_3_0();
    if (mark == "2") field.is_known = version.minor >= 2;
    return field;
}

char kind_letter(Node::Kind kind) {
    switch (kind) {
    case Node::Kind::boolean:
        return 'b';
    case Node::Kind::number:
        return 'n';
    case Node::Kind::text:
        return 's';
    case Node::Kind::list:
        return 'l';
    case Node::Kind::map:
        return 'm';
    case Node::Kind::null:
        break;
    }
    return '0';
}

std::string kind_words(std::string_view letters) {
    std::string out;
    for (const char letter : letters) {
        if (!out.empty()) out += " or ";
        out += letter == 's'   ? "a text"
               : letter == 'b' ? "true or false"
               : letter == 'n' ? "a number"
               : letter == 'l' ? "a list"
               : letter == 'm' ? "an object"
                               : "null";
    }
    return out;
}

std::string with_article(std::string_view object) {
    const bool vowel = std::string_view("aeiou").find(object.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + std::string(object);
}

} // namespace

void add_finding(std::vector<Finding>& findings, Finding::Severity severity, const Node& at,
                 std::string rule, std::string what, std::string remedy) {
    findings.push_back(
        {severity, *at.file, at.line, std::move(rule), std::move(what), std::move(remedy)});
}

void check_structure(const Node& node, std::string_view object, Version version,
                     std::vector<Finding>& findings) {
    using enum Finding::Severity;
    if (!node.is_map()) {
        add_finding(findings, error, node, "wrong-type",
                    with_article(object) + " must be an object, and is " +
                        kind_words(std::string(1, kind_letter(node.kind))),
                    "write its members");
        return;
    }
    const Object* const known = std::find_if(std::begin(objects), std::end(objects),
                                             [&](const Object& one) { return one.name == object; });
    std::vector<Field> fields;
    std::string_view rest = known->members;
    while (!rest.empty()) {
        const std::size_t size = std::min(rest.find(' '), rest.size());
        fields.push_back(parse_field(rest.substr(0, size), version));
        rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    for (const Field& field : fields)
        if (field.is_required && node.find(field.name) == nullptr)
            add_finding(findings, error, node, "missing-field",
                        with_article(object) + " needs \"" + std::string(field.name) + "\"",
                        "add it");
    for (const Node::Member& member : node.members) {
        if (member.name.starts_with("x-")) continue;
        const auto field = std::find_if(fields.begin(), fields.end(),
                                        [&](const Field& one) { return one.name == member.name; });
        Node at;
        at.file = node.file;
        at.line = member.line;
        if (field == fields.end() || !field->is_known) {
            // JSON Schema lets anyone add keywords; only what is nearly one is worth a word.
            const bool is_later = field != fields.end();
            const bool is_lenient = object == "schema" && !version.is_3_0();
            std::vector<std::string> names;
            for (const Field& one : fields)
                if (one.is_known && node.find(one.name) == nullptr) names.emplace_back(one.name);
            const std::string* const meant = detail::nearest(member.name, names);
            if (is_lenient && meant == nullptr) continue;
            add_finding(findings, is_lenient ? warning : error, at, "unknown-field",
                        with_article(object) + " has no \"" + member.name + "\"" +
                            (is_later ? " in 3." + std::to_string(version.minor) : ""),
                        is_later           ? "leave it out, or raise the document's version"
                        : meant == nullptr ? "leave it out, or begin its name with x-"
                                           : "did you mean \"" + *meant + "\"?");
            continue;
        }
        if (field->kinds == "a" ||
            field->kinds.find(kind_letter(member.value.kind)) != std::string_view::npos)
            continue;
        const bool is_unquoted =
            field->kinds == "s" && (member.value.is_number() || member.value.is_boolean());
        add_finding(findings, error, member.value, "wrong-type",
                    "\"" + member.name + "\" must be " + kind_words(field->kinds) + ", and is " +
                        kind_words(std::string(1, kind_letter(member.value.kind))),
                    is_unquoted ? "put it in quotes" : "correct it");
    }
}

} // namespace armature::spec
