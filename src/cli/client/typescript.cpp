#include "cli/client/generate.hpp"
#include "cli/client/runtime.hpp"
#include "cli/client/typescript_calls.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace typescript_text;

namespace {

// The files of a TypeScript client.
class TypeScript {
  public:
    TypeScript(const spec::Document& document, const Options& options)
        : document_(document), options_(options), plan_(plan(document, warnings_)),
          types_(document, plan_, warnings_), calls_(document, plan_, warnings_, types_) {}

    Generated run() {
        const std::string top =
            "// Made from \"" + single_line(document_.title()) + "\" " +
            single_line(document_.api_version()) +
            " by `armature client`. Changes here are lost when it is made again.\n";
        Generated out;
        out.files.push_back({"src/types.ts", types_.write(top)});
        types_.set_prefix("types.");
        out.files.push_back({"src/operations.ts", calls_.write(top)});
        out.files.push_back({"src/client.ts", std::string(runtime::typescript_client)});
        out.files.push_back({"src/index.ts", index_file(top)});
        out.files.push_back({"package.json", package_file()});
        out.files.push_back({"tsconfig.json", tsconfig});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = calls_.functions();
        out.types = types_.count();
        return out;
    }

  private:
    static constexpr const char* tsconfig = R"({
  "compilerOptions": {
    "target": "ES2022",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "isolatedModules": true,
    "verbatimModuleSyntax": true,
    "declaration": true,
    "types": [],
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"]
}
)";

    std::string index_file(const std::string& top) {
        std::string auth, schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
            const std::string text = calls_.scheme_of(scheme);
            if (text.empty()) continue;
            std::vector<std::string> notes = lines_of(scheme.description);
            if (scheme.type == spec::SecurityScheme::Type::oauth2 ||
                scheme.type == spec::SecurityScheme::Type::open_id_connect)
                notes.emplace_back("An access token: getting one is not the client's business.");
            auth += comment(notes, "  ") + "  " + key(scheme.name) + "?: Credential;\n";
            schemes += "  " + key(scheme.name) + ": " + text + ",\n";
        }
        const std::string base = base_of(document_);
        return top +
               "import type { Client, ClientOptions, Credential, Scheme } from \"./client.js\";\n\n"
               "export * from \"./client.js\";\n"
               "export * from \"./operations.js\";\n"
               "export * from \"./types.js\";\n\n"
               "/** Credentials by the names of the service's security schemes. */\n"
               "export type Auth = {" +
               (auth.empty() ? "" : "\n" + auth) + "};\n\n" +
               "const schemes: Record<string, Scheme> = {" +
               (schemes.empty() ? "" : "\n" + schemes) + "};\n\n" + "/** A client of " +
               single_line(document_.title()) +
               ". `baseUrl` is needed unless the document names a server. */\n"
               "export function createClient(options: ClientOptions<Auth> = {}): Client {\n"
               "  const { auth, ...rest } = options;\n"
               "  const given: Record<string, Credential | undefined> = { ...auth };\n"
               "  return {\n"
               "    baseUrl: (options.baseUrl ?? " +
               quoted(base) +
               ").replace(/\\/+$/, \"\"),\n"
               "    schemes,\n"
               "    options: { ...rest, auth: given },\n"
               "  };\n"
               "}\n" +
               (auth.empty() ? "export type { Credential };\n" : "");
    }

    [[nodiscard]] std::string package_name() const {
        if (!options_.package.empty()) return options_.package;
        std::string out = snake_case(document_.title());
        std::replace(out.begin(), out.end(), '_', '-');
        return out.empty() ? "api-client" : out + "-client";
    }

    std::string package_file() const {
        std::string version = document_.api_version();
        const bool is_semantic = std::count(version.begin(), version.end(), '.') == 2 &&
                                 version.find_first_not_of("0123456789.") == version.npos;
        if (!is_semantic) version = "0.0.0";
        return "{\n  \"name\": " + quoted(package_name()) + ",\n  \"version\": " + quoted(version) +
               ",\n  \"description\": " + quoted("A client of " + single_line(document_.title())) +
               R"(,
  "type": "module",
  "sideEffects": false,
  "main": "./dist/index.js",
  "types": "./dist/index.d.ts",
  "exports": { ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" } },
  "files": ["dist", "src"],
  "engines": { "node": ">=18" },
  "scripts": { "build": "tsc -p ." },
  "devDependencies": { "typescript": "^5.4.0" }
}
)";
    }

    std::string readme(const std::vector<std::string>& warnings) const;

    const spec::Document& document_;
    const Options& options_;
    Warnings warnings_;
    std::vector<Call> plan_;
    TypeScriptTypes types_;
    TypeScriptCalls calls_;
};

std::string TypeScript::readme(const std::vector<std::string>& warnings) const {
    const std::string package = package_name();
    std::string out =
        "# " + package + "\n\nA TypeScript client of " + single_line(document_.title()) + " " +
        single_line(document_.api_version()) +
        ", made by `armature client`. It needs `fetch` (browsers, Node 18, Deno, Bun) "
        "and nothing else.\n\n"
        "```sh\nnpm install && npm run build\n```\n\n```ts\n";
    out += "import { createClient, isApiError } from " + quoted(package) + ";\n\n";
    out += "const client = createClient({\n  baseUrl: \"https://…\",\n";
    if (!document_.security_schemes().empty())
        out += "  auth: { " + key(document_.security_schemes().front().name) +
               ": () => token() }, // a text, or a function that gets one\n";
    out += "});\n```\n\n" + std::string(runtime::typescript_readme);
    if (!warnings.empty()) {
        out += "\n## What this client doesn't do\n\n";
        for (const std::string& warning : warnings)
            out += "- " + single_line(warning) + "\n";
    }
    return out;
}

} // namespace

Generated typescript(const spec::Document& document, const Options& options) {
    return TypeScript(document, options).run();
}

} // namespace armature::client_gen
